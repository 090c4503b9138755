// Related films of MovieLens (ml-latest-small), cold start: films are split, queries and candidates are both unseen; and recommendations: cold, films
// never seen; warm, films of training to people never seen, who make no links. Small runs of 100 steps of 768 films, or as many films in other
// batches. Settings of the recipe were chosen on the validation parts of the seeds 1 and 2. Needs KINDRED_DATA.
import { batchRow } from '../batch-rows.mjs';

const train = 'recipes/cdml-movielens.yaml';
const recipe = 'recipe `cdml-movielens`';
const then = [['evaluate', '--task', 'recommend']];
/** Trained by the command, whose run measures the raw content too, and recommendations. */
const row = (name, ...set) => ({ name, train, set, then });
const run = (name, ...set) => ({ name, trained: 'cdml-movielens', set });
const clusters = 'clusters={ method: affinity, rounds: 3, maximum: 300 }';
const tower = (dimension) =>
  `{ name: mlp, hidden: [], dimension: ${dimension}, standardise: false, inputDropout: 0.3 }`;
/** Where the figures of a way to recommend lie. */
const recommending = (method) => ({
  'NDCG@10, cold': `evaluate --task recommend/cold/methods/${method}/ndcgAt10`,
  'NDCG@10, warm': `evaluate --task recommend/warm/methods/${method}/ndcgAt10`,
  'coverage, warm': `evaluate --task recommend/warm/methods/${method}/coverage`,
  'popularity bias, warm': `evaluate --task recommend/warm/methods/${method}/popularityBias`,
});
const beside = (name, method, columns = {}) => ({
  name,
  of: recipe,
  columns: { ...columns, ...recommending(method) },
});
const raw = { 'NDCG@60': 'baseline/ndcgAt60', 'MAP@60': 'baseline/mapAt60', 'Recall@100': 'baseline/recallAt100' };

export default {
  seeds: [1, 2, 3],
  columns: { 'NDCG@60': 'ndcgAt60', 'MAP@60': 'mapAt60', 'Recall@100': 'recallAt100', ...recommending('items') },
  against: recipe,
  rows: [
    beside('raw content, cosine', 'content', raw),
    beside('popularity', 'popularity'),
    beside('item-kNN', 'itemKnn'),
    beside('EASE', 'ease'),
    row(recipe),
    beside('the same, by people', 'people'),
    row('without titles', `encoder.towers={ genreWeights: ${tower(64)}, tagWeights: ${tower(256)} }`),
    run('CDML, semi-hard', 'objective.miners=[{ name: semi-hard }]'),
    run('InfoNCE', 'objective={ loss: { name: info-nce, temperature: 0.1 } }'),
    ...[0, 1, 2].map((level) =>
      run(`GCML, level ${level}`, clusters, `batches={ name: siblings, anchors: 256, level: ${level} }`),
    ),
    run(
      'cluster classification',
      clusters,
      'clusters.learn=0',
      'batches={ groups: 96, perGroup: 8 }',
      'objective={ loss: { name: sampled-softmax, similarity: cosine, scale: 20 }, classes: { samples: 64, sampler: { name: uniform }, rate: 0.02, optimizer: adam } }',
    ),
    run('early fusion: a hidden layer behind', 'encoder.hidden=[256]'),
    ...['product-residual', 'sum', 'gated'].map((fusion) =>
      run(
        `late fusion: ${fusion}`,
        `encoder.fusion=${fusion}`,
        'encoder.towers.title.dimension=128',
        'encoder.towers.genreWeights.dimension=128',
        'encoder.towers.tagWeights.dimension=128',
      ),
    ),
    ...[171, 683].map(batchRow(run, 25_600)),
  ],
};
