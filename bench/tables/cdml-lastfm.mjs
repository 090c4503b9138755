// Related artists of Last.fm, cold start: items are split, queries and candidates are both unseen. Small runs of 100 steps of 768
// artists, or as many artists in other batches. Below them recommendations, of a run whose links leave out the people who are recommended to: cold, artists
// never seen; warm, artists of training to people never seen. Needs KINDRED_DATA.
const row = (name, ...set) => ({ name, train: 'recipes/cdml-lastfm.yaml', set });
const tags = 'tagWeights: { name: mlp, hidden: [], dimension: 512, standardise: false, inputDropout: 0.3 }';
const names =
  'name: { name: ngrams, buckets: 4096, words: 1, characters: [3, 4], length: 24, dimension: 16, rows: 16 }';
const semiHard = 'objective.miners=[{ name: semi-hard }]';
const fused = (name, ...set) => row(name, `encoder.towers={ ${tags}, ${names} }`, ...set);
const batch = (anchors) =>
  row(`batches of ${3 * anchors}`, `batches.anchors=${anchors}`, `steps=${Math.round(25600 / anchors)}`);

const held = 'people held back';
const then = [['evaluate', '--task', 'recommend']];
/** Where the figures of a way to recommend lie. */
const recommending = (method) => ({
  'NDCG@10, cold': `evaluate/cold/methods/${method}/ndcgAt10`,
  'NDCG@10, warm': `evaluate/warm/methods/${method}/ndcgAt10`,
});
const beside = (name, method) => ({ name, of: held, columns: recommending(method) });

export default {
  seeds: [1, 2, 3],
  columns: { 'NDCG@60': 'ndcgAt60', 'MAP@60': 'mapAt60', 'Recall@100': 'recallAt100', ...recommending('items') },
  against: 'CDML, random negatives',
  rows: [
    { name: 'raw content, cosine', of: 'CDML, random negatives', at: 'baseline' },
    row('CDML, random negatives'),
    row('CDML, semi-hard', semiHard),
    row('InfoNCE', 'objective={ loss: { name: info-nce, temperature: 0.1 } }'),
    fused('names too, concatenated'),
    ...['product', 'product-residual', 'sum', 'gated', 'attention'].map((how) =>
      fused(`names too, ${how}`, `encoder.fusion=${how}`),
    ),
    fused('names too, a hidden layer behind', 'encoder.hidden=[256]'),
    ...[171, 683].map(batch),
    { ...row(held, 'data.options.people={ validation: 0.15, test: 0.3 }'), then },
    beside('the same, by people', 'people'),
    beside('raw content, cosine', 'content'),
    beside('popularity', 'popularity'),
    beside('item-kNN', 'itemKnn'),
    beside('EASE', 'ease'),
  ],
};
