// Trains one recipe and says how well it retrieves, without baselines, exports and pages: for tables of many runs.
//
// node bench/train.mjs RECIPE [--set KEY=VALUE]... [--part validation|test] [--threads N]
//
// One JSON line: recall@1 and MAP@R of the part by cosine, the 95 % interval of recall@1 over queries (bootstrap), of links NDCG@60, MAP@60 and
// Recall@100 too, the last loss (mean of the last tenth of the steps), milliseconds of a step (median), seconds of training, training
// classes and items, and how many of the negatives that were assigned survived mining.
import { bootstrapMean } from 'kindred/evaluation/bootstrap';
import { groundTruth } from 'kindred/evaluation/ground-truth';
import { retrieval } from 'kindred/evaluation/retrieval';
import { build } from 'kindred/recipes/build';
import { readData } from 'kindred/recipes/data';
import { clustered } from 'kindred/train/clustered';
import { fit } from 'kindred/train/fit';
import { recipeAsked } from './recipe-asked.mjs';

const { recipe, values, threads } = recipeAsked();
const data = await readData(recipe.data, { seed: recipe.seed });
const train = await clustered(recipe, data, threads);
const part = data.parts[values.part];

const losses = [];
const times = [];
const surviving = [];
let end;
let last;
for await (const event of fit({
  items: data.items,
  relations: train.relations,
  positions: train.items,
  input: recipe.input,
  ...(await build(recipe)),
  tree: train.tree,
  steps: recipe.steps,
  seed: recipe.seed,
  threads,
})) {
  if (event.kind === 'step') {
    losses.push(event.loss);
    if (event.survivingNegatives !== undefined) surviving.push(event.survivingNegatives);
    if (last !== undefined) times.push(1000 * (event.seconds - last));
    last = event.seconds;
    if (event.step % 50 === 0) process.stderr.write(`step ${event.step}, loss ${event.loss.toFixed(3)}\n`);
  }
  if (event.kind === 'end') end = event;
}
const embeddings = await end.model.embed(part.items, { threads });
const truth = groundTruth(part);
const found = await retrieval({ embeddings, ...truth, metric: 'cosine', lists: 'relevance' in truth });
const { low, high } = bootstrapMean(found.perQuery.recallAt[1], { seed: recipe.seed });
const tail = losses.slice(-Math.ceil(losses.length / 10));
console.log(
  JSON.stringify({
    recallAt1: found.means.recallAt[1],
    interval: [low, high],
    halfInterval: (high - low) / 2,
    mapAtR: found.means.mapAtR,
    ...found.means.related,
    loss: tail.reduce((sum, x) => sum + x, 0) / tail.length,
    stepMs: times.sort((a, b) => a - b)[times.length >> 1],
    trainSeconds: end.trainSeconds,
    ...(train.relations.labels && { classes: new Set(train.items.map((item) => train.relations.labels[item])).size }),
    items: train.items.length,
    queries: found.queries,
    ...(surviving.length > 0 && { survivingNegatives: surviving.reduce((sum, x) => sum + x, 0) / surviving.length }),
  }),
);
