// Related films of MovieLens (ml-latest-small), cold start: items are split, queries and candidates are both unseen; and recommendations: cold, films
// never seen; warm, films of training to people never seen. Small runs of 100 steps. Needs KINDRED_DATA.
const first = 'CDML, semi-hard';
const then = [['evaluate', '--task', 'recommend']];
const row = (name, ...set) => ({ name, train: 'recipes/cdml-movielens.yaml', set, then });
const tower = (dimension) =>
  `{ name: mlp, hidden: [], dimension: ${dimension}, standardise: false, inputDropout: 0.3 }`;
/** Where the figures of a way to recommend lie. */
const recommending = (method) => ({
  'NDCG@10, cold': `evaluate/cold/methods/${method}/ndcgAt10`,
  'NDCG@10, warm': `evaluate/warm/methods/${method}/ndcgAt10`,
  'coverage, warm': `evaluate/warm/methods/${method}/coverage`,
  'popularity bias, warm': `evaluate/warm/methods/${method}/popularityBias`,
});
const beside = (name, method, columns = {}) => ({
  name,
  of: first,
  columns: { ...columns, ...recommending(method) },
});
const raw = { 'NDCG@60': 'baseline/ndcgAt60', 'MAP@60': 'baseline/mapAt60', 'Recall@100': 'baseline/recallAt100' };

export default {
  seeds: [1, 2, 3],
  columns: { 'NDCG@60': 'ndcgAt60', 'MAP@60': 'mapAt60', 'Recall@100': 'recallAt100', ...recommending('items') },
  against: first,
  rows: [
    beside('raw content, cosine', 'content', raw),
    beside('popularity', 'popularity'),
    beside('item-kNN', 'itemKnn'),
    beside('EASE', 'ease'),
    row(first),
    beside('the same, by people', 'people'),
    row('CDML, random negatives', 'objective.miners=[{ name: random }]'),
    row('InfoNCE', 'objective={ loss: { name: info-nce, temperature: 0.1 } }'),
    row('without titles, inputs dropped', `encoder.towers={ genreWeights: ${tower(64)}, tagWeights: ${tower(128)} }`),
    row('late fusion: product and residual', 'encoder.fusion=product-residual'),
    ...['cosine', 'count'].map((weight) => row(`links by ${weight}`, `data.options.weight=${weight}`)),
  ],
};
