// Related artists of Last.fm, cold start: items are split, queries and candidates are both unseen. Small runs of 150 steps of 288
// artists, or as many artists in other batches. Settings of the recipes were chosen on the validation part of seed 1. Needs KINDRED_DATA.
// Two rows are trained by the command, whose run measures the raw content too, and recommendations of a run whose links leave out the people who
// are recommended to: cold, artists never seen; warm, artists of training to people never seen. The others are trained by bench/train.mjs.
import { batchRow, drawnRow } from '../batch-rows.mjs';

const byCommand = (name, ...set) => ({ name, train: 'recipes/cdml-lastfm.yaml', set });
const run = (trained, name, set, rest = {}) => ({ name, trained, set, ...rest });
const cdml = (name, ...set) => run('cdml-lastfm', name, set);
const gcml = (name, ...set) => run('gcml-lastfm', name, set, { seeds: [1, 2, 3, 4, 5] });
const tags = 'tagWeights: { name: mlp, hidden: [], dimension: 512, standardise: false, inputDropout: 0.3 }';
const names =
  'name: { name: ngrams, buckets: 4096, words: 1, characters: [3, 4], length: 24, dimension: 16, rows: 16 }';
const fused = (name, ...set) => cdml(`names too, ${name}`, `encoder.towers={ ${tags}, ${names} }`, ...set);
const late = (fusion) => fused(fusion, `encoder.fusion=${fusion}`);
const anchors = 14_400;

const recipe = 'recipe `cdml-lastfm`';
const then = [['evaluate', '--task', 'recommend']];
const held = 'the recipe, people held back';
/** Where the figures of a way to recommend lie. */
const recommending = (method) => ({
  'NDCG@10, cold': `evaluate --task recommend/cold/methods/${method}/ndcgAt10`,
  'NDCG@10, warm': `evaluate --task recommend/warm/methods/${method}/ndcgAt10`,
});
const beside = (name, method) => ({ name, of: held, columns: recommending(method) });

export default {
  seeds: [1, 2, 3],
  columns: {
    'NDCG@60': 'ndcgAt60',
    'MAP@60': 'mapAt60',
    'Recall@100': 'recallAt100',
    'assigned negatives that survive': 'survivingNegatives',
    ...recommending('items'),
  },
  against: 'CDML, random negatives',
  rows: [
    { name: 'raw content, cosine', of: recipe, at: 'baseline' },
    byCommand(recipe),
    run('cdml-lastfm', 'CDML, random negatives', [], { seeds: [1, 2, 3, 4, 5] }),
    cdml('CDML, semi-hard', 'objective.miners=[{ name: semi-hard }]'),
    cdml('InfoNCE', 'objective={ loss: { name: info-nce, temperature: 0.1 } }'),
    ...[0, 1, 2].map((level) => gcml(`GCML, level ${level}`, `batches.level=${level}`)),
    gcml('GCML, level 0, semi-hard', 'objective.miners=[{ name: semi-hard }]'),
    run('gcml-lastfm', 'cluster classification', [
      'clusters.learn=0',
      'batches={ groups: 96, perGroup: 3 }',
      'objective={ loss: { name: sampled-softmax, similarity: cosine, scale: 20 }, classes: { samples: 128, sampler: { name: uniform }, rate: 0.02, optimizer: adam } }',
    ]),
    fused('concatenated'),
    ...['product', 'product-residual', 'sum', 'gated', 'attention'].map(late),
    fused('a hidden layer behind', 'encoder.hidden=[256]'),
    ...[171, 683].map(batchRow(cdml, anchors)),
    ...[96, 683, 2731].map(drawnRow(cdml, anchors)),
    {
      ...byCommand(held, 'data.options.people={ validation: 0.15, test: 0.3 }'),
      then,
    },
    beside('the same, by people', 'people'),
    beside('raw content, by cosine', 'content'),
    beside('popularity', 'popularity'),
    beside('item-kNN', 'itemKnn'),
    beside('EASE', 'ease'),
  ],
};
