// Related music videos of Vevo, cold start: videos are split, queries and candidates are both unseen. Small runs of 200 steps of 768 videos, or as
// many videos in other batches. The links are what the site showed beside a video; nobody's listening is known, so that nothing can be recommended
// to anybody. Settings of the recipes were chosen on the validation part of seed 1. Needs KINDRED_DATA.
import { batchRow, drawnRow } from '../batch-rows.mjs';

const recipe = 'InfoNCE: the recipe `cdml-vevo`';
const triplet = (miner) => `objective={ loss: { name: triplet, margin: 0.2 }, miners: [{ name: ${miner} }] }`;
const infoNce = 'objective={ loss: { name: info-nce, temperature: 0.1 } }';
const row =
  (trained) =>
  (name, ...set) => ({ name, trained, set });
const cdml = row('cdml-vevo');
const gcml = row('gcml-vevo');
const late = (fusion) => cdml(`${fusion} (late fusion)`, `encoder.fusion=${fusion}`);
const anchors = 51_200;

export default {
  seeds: [1, 2, 3],
  columns: {
    'NDCG@60': 'ndcgAt60',
    'MAP@60': 'mapAt60',
    'Recall@100': 'recallAt100',
    'assigned negatives that survive': 'survivingNegatives',
  },
  against: recipe,
  rows: [
    { name: 'raw content, cosine', of: recipe, at: 'baseline' },
    { name: recipe, train: 'recipes/cdml-vevo.yaml' },
    cdml('CDML, triplets, random negatives', triplet('random')),
    cdml('CDML, triplets, semi-hard', triplet('semi-hard')),
    ...[0, 1, 2].map((level) => gcml(`GCML, triplets, semi-hard, level ${level}`, `batches.level=${level}`)),
    ...[0, 2].map((level) => gcml(`GCML, InfoNCE, level ${level}`, `batches.level=${level}`, infoNce)),
    gcml(
      'cluster classification',
      'clusters.learn=0',
      'batches={ groups: 256, perGroup: 3 }',
      'objective={ loss: { name: sampled-softmax, similarity: cosine, scale: 20 }, classes: { samples: 512, sampler: { name: uniform }, rate: 0.02, optimizer: adam } }',
    ),
    cdml('a hidden layer behind (early fusion)', 'encoder.hidden=[256]'),
    ...['product-residual', 'sum', 'gated'].map(late),
    ...[171, 683].map(batchRow(cdml, anchors)),
    drawnRow(cdml, anchors)(2731),
  ],
};
