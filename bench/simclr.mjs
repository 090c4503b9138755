// Trains a recipe that learns from views, or what it is compared with, and probes the embeddings: for tables of many runs.
//
// node bench/simclr.mjs RECIPE [--method simclr|supervised|random|raw] [--labels SHARE] [--set KEY=VALUE]... [--part validation|test] [--threads N]
//
// supervised: the same encoder without the head, by SupCon over classes (10 of them, as many items as the recipe's batch has looks),
// as many steps, from a share of the labels: the very items that the probe has at this share. random: the weights that training
// starts from. raw: pixels.
//
// One JSON line: accuracies in percent of a linear classifier and of the nearest neighbours with 1 %, 10 % and all of the labels, and for 1 %
// which test items the linear classifier had right, so that two runs can be compared item by item; seconds of training, and of
// processor time.
import { groupsOf } from 'kindred/batches/groups-of';
import { takeRows } from 'kindred/core/matrix';
import { Random } from 'kindred/core/random';
import { Embedder } from 'kindred/encoders/embedder';
import { feedOf } from 'kindred/encoders/feed-of';
import { labelShare } from 'kindred/evaluation/label-share';
import { probe } from 'kindred/evaluation/probe';
import { supCon } from 'kindred/losses/supcon';
import { build } from 'kindred/recipes/build';
import { readData } from 'kindred/recipes/data';
import { fit } from 'kindred/train/fit';
import { untrained } from 'kindred/train/untrained';
import { recipeAsked } from './recipe-asked.mjs';

const { recipe, values, threads } = recipeAsked({
  method: { type: 'string', default: 'simclr' },
  labels: { type: 'string', default: '1' },
});
const { seed } = recipe;
const data = await readData(recipe.data, { seed });
const parts = await build(recipe);
const { train, validation } = data.parts;
const classes = [data.relations, ...Object.values(data.labels)].find(({ kind }) => kind === 'groups');
const labelsOf = (items) => items.map((item) => classes.labels[item]);

let trained = { trainSeconds: 0, processorSeconds: 0, itemsPerSecond: 0 };
const embeddings = await methods()[values.method]();
const part = (items) => ({
  embeddings: takeRows(embeddings, items),
  labels: labelsOf(items),
});
const found = await probe({
  ...{ train: part(train.items), validation: part(validation.items), test: part(data.parts[values.part].items) },
  ...{ seed, threads },
});
const percent = ({ linearAccuracy, knnAccuracy }) => ({ linear: 100 * linearAccuracy, knn: 100 * knnAccuracy });
console.log(
  JSON.stringify({
    ...{ at1: percent(found.at1Percent), at10: percent(found.at10Percent), all: percent(found.all) },
    ...{ settings: [found.at1Percent.settings, found.at10Percent.settings, found.all.settings] },
    right: Array.from(found.at1Percent.correct.linearAccuracy).join(''),
    ...trained,
  }),
);

function methods() {
  const every = Int32Array.from({ length: data.items.count }, (_, item) => item);
  const inputOf = (encoder) => feedOf(data.items, { ...recipe.input, encoder, trained: train.items });
  const fitted = async (options) => {
    const before = process.cpuUsage();
    for await (const event of fit({
      ...{ items: data.items, positions: train.items, input: recipe.input, cached: recipe.objective.cached },
      ...{ relations: train.relations, ...parts, steps: recipe.steps, seed, threads },
      ...options,
    })) {
      if (event.kind === 'step' && event.step % 50 === 0)
        process.stderr.write(`step ${event.step}, loss ${event.loss.toFixed(3)}\n`);
      if (event.kind !== 'end') continue;
      const { user, system } = process.cpuUsage(before);
      const { trainSeconds, itemsPerSecond } = event;
      trained = { trainSeconds, itemsPerSecond, processorSeconds: (user + system) / 1e6 };
      return event.model.embed(every, { threads });
    }
  };
  return {
    simclr: () => fitted({}),
    supervised() {
      const rows = labelShare(labelsOf(train.items), Number(values.labels), Random.seeded(seed).split('probe'));
      const { head: _, ...encoder } = parts.encoder;
      return fitted({
        ...{ relations: classes, positions: takeItems(train.items, rows), encoder, objective: supCon() },
        batches: groupsOf({ groups: 10, perGroup: Math.round((2 * recipe.batches.items) / 10) }),
      });
    },
    async random() {
      const { encoder } = parts;
      const feed = inputOf(encoder);
      const model = await untrained(encoder, feed, { seed, positions: train.items, runtime: { threads } });
      const embedder = await Embedder.open(model, { threads });
      return embedder.embed(feed);
    },
    raw: async () => inputOf(parts.encoder).features(every),
  };
}

function takeItems(items, rows) {
  return rows.map((row) => items[row]);
}
