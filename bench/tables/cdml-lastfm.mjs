// Related artists of Last.fm, cold start: items are split, queries and candidates are both unseen. Small runs of 100 steps. Needs KINDRED_DATA.
const row = (name, ...set) => ({ name, train: 'recipes/cdml-lastfm.yaml', set });
const fusion = (how) => row(`late fusion: ${how}`, `encoder.fusion=${how}`);

export default {
  seeds: [1, 2, 3],
  columns: { 'NDCG@60': 'ndcgAt60', 'MAP@60': 'mapAt60', 'Recall@100': 'recallAt100' },
  against: 'CDML, semi-hard',
  rows: [
    { name: 'raw content, cosine', of: 'CDML, semi-hard', at: 'baseline' },
    row('CDML, semi-hard'),
    row('CDML, random negatives', 'objective.miners=[{ name: random }]'),
    row('early fusion: a hidden layer behind it', 'encoder.hidden=[256]'),
    ...['product', 'product-residual', 'sum', 'gated', 'attention'].map(fusion),
    ...[171, 683, 2731].map((anchors) => row(`batch of ${3 * anchors}`, `batches.anchors=${anchors}`)),
  ],
};
