// Trains a recipe of faces and says how well it verifies people never seen, beside raw pixels and eigenfaces on the same pairs.
//
// node bench/faces.mjs RECIPE [--set KEY=VALUE]... [--part validation|test] [--threads N] [--trunk] [--run FOLDER] [--peer SECONDS]
//
// One JSON line: ROC AUC, equal error rate, accuracy over ten folds, VAL at FAR 1 % and 0.1 %, each with its standard error over people; the same
// for `raw` and `eigenfaces`; `over`, how much the ROC AUC and VAL at FAR 1 % are above these, with the paired 95 % interval over people;
// `bytes`, what one byte for each dimension changes. The number of eigenfaces is chosen on the validation part. `--trunk` trains nothing and
// compares nothing: the network of the package @vladmandic/face-api embeds. `--peer` compares nothing either: bench/peers/torch_faces.py is given the same
// pictures and so many seconds of processor time. With `--run` the run of that recipe and seed, which lies there, is measured instead.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeRows } from 'kindred/core/matrix';
import { Random } from 'kindred/core/random';
import { Embedder } from 'kindred/encoders/embedder';
import { imageFeed } from 'kindred/encoders/feeds/image';
import { foldsOfPeople } from 'kindred/evaluation/folds';
import { bootstrapPeople, SortedPairs, spreadOf } from 'kindred/evaluation/identity-bootstrap';
import { distancesOfPairs, pairsOfPeople } from 'kindred/evaluation/identity-pairs';
import { pca, project } from 'kindred/evaluation/pca';
import { fromBytes, quantised } from 'kindred/evaluation/quantise';
import { verificationReport } from 'kindred/evaluation/verification-report';
import { faceRecognition } from 'kindred/readers/faces/recognition';
import { build } from 'kindred/recipes/build';
import { readData } from 'kindred/recipes/data';
import { takePictures } from 'kindred/relations/items';
import { readJson, runFiles } from 'kindred/runs/files';
import { openIndex } from 'kindred/search/saved';
import { fit } from 'kindred/train/fit';
import { recipeAsked } from './recipe-asked.mjs';

const { recipe, values, threads } = recipeAsked({
  trunk: { type: 'boolean', default: false },
  run: { type: 'string' },
  peer: { type: 'string' },
});
const { seed } = recipe;
const { items, relations, parts } = await readData(recipe.data, { seed });
const pictures = { ...items.modalities.image, ids: items.ids };
const mostPairs = 60_000;
const peopleAt = (positions) => positions.map((item) => relations.labels[item]);
const pairsAt = (name) =>
  pairsOfPeople(peopleAt(parts[name].items), { random: Random.seeded(seed).split(name), most: mostPairs });
const pairs = pairsAt(values.part);

const alone = values.trunk ? await trunk() : values.peer ? peer() : undefined;
const { embeddings, ...training } = alone ?? (values.run ? await ofRun() : await trained());
const folded = foldsOfPeople(pairs, Random.seeded(seed).split('folds'));
const report = (distances) => {
  const { accuracy10Fold, rocAuc, eer, valAtFar } = verificationReport(pairs, distances, { folded, seed });
  return { rocAuc, eer, accuracy: accuracy10Fold, val: { '1 %': valAtFar['0.01'], '0.1 %': valAtFar['0.001'] } };
};
if (alone) {
  const own = report(distancesOfPairs(embeddings, pairs, 'cosine'));
  console.log(JSON.stringify({ ...training, people: pairs.people, ...own }));
  process.exit();
}
const feed = imageFeed(pictures);
const raw = await feed.features(parts[values.part].items);
const faces = await eigenfaces();
const ways = {
  own: distancesOfPairs(embeddings, pairs, 'cosine'),
  raw: distancesOfPairs(raw, pairs, 'cosine'),
  eigenfaces: distancesOfPairs(faces.coordinates, pairs, 'cosine'),
  bytes: distancesOfPairs(fromBytes(embeddings, quantised(embeddings)), pairs, 'cosine'),
};
const sorted = Object.fromEntries(
  Object.entries(ways).map(([name, distances]) => [name, new SortedPairs(pairs, distances)]),
);
const differences = (m) => {
  const [own, plain, faces, bytes] = Object.values(sorted).map((each) => each.rates({ fars: [0.01] }, m));
  const above = (other) => [own.auc - other.auc, own.at[0].val - other.at[0].val];
  return [...above(plain), ...above(faces), bytes.at[0].val - own.at[0].val, bytes.auc - own.auc];
};
const whole = differences();
const draws = bootstrapPeople(pairs.people, differences, { seed, resamples: 400 });
const paired = (column) => {
  const [low, high] = spreadOf(draws, column).interval;
  return { value: whole[column], low, high };
};
console.log(
  JSON.stringify({
    ...training,
    people: pairs.people,
    pictures: embeddings.rows,
    dimension: embeddings.columns,
    ...report(ways.own),
    raw: report(ways.raw),
    eigenfaces: { ...report(ways.eigenfaces), components: faces.components },
    over: {
      raw: { rocAuc: paired(0), val: paired(1) },
      eigenfaces: { rocAuc: paired(2), val: paired(3) },
    },
    bytes: { val: paired(4), rocAuc: paired(5) },
  }),
);

async function trained() {
  const { train } = parts;
  let end;
  for await (const event of fit({
    items,
    relations: train.relations,
    positions: train.items,
    input: recipe.input,
    ...(await build(recipe)),
    steps: recipe.steps,
    seed,
    threads,
  })) {
    if (event.kind === 'step' && event.step % 50 === 0) {
      process.stderr.write(`step ${event.step}, loss ${event.loss.toFixed(3)}\n`);
    }
    if (event.kind === 'end') end = event;
  }
  return {
    steps: recipe.steps,
    trainSeconds: end.trainSeconds,
    cpuSeconds: process.cpuUsage().user / 1e6,
    embeddings: await end.model.embed(parts[values.part].items, { threads }),
  };
}

async function ofRun() {
  const { index, metrics } = runFiles(values.run);
  const saved = await openIndex(index);
  const { ids } = await saved.items();
  const places = new Map(ids.map((id, place) => [id, place]));
  const rows = Array.from(parts[values.part].items, (item) => places.get(items.ids[item]));
  const { steps, trainSeconds } = readJson(metrics);
  return { steps, trainSeconds, embeddings: takeRows(await saved.vectors(), rows) };
}

async function trunk() {
  const embedder = await Embedder.open(faceRecognition(), { threads });
  const feed = imageFeed(pictures);
  const embeddings = await embedder.embed(feed, { positions: parts[values.part].items });
  await embedder.release();
  return { steps: 0, trainSeconds: 0, cpuSeconds: process.cpuUsage().user / 1e6, embeddings };
}

function peer() {
  const folder = mkdtempSync(join(tmpdir(), 'faces-'));
  const write = (name, data) => writeFileSync(join(folder, name), data);
  write('train.u8', takePictures(pictures, parts.train.items).pixels);
  write('labels.i32', Int32Array.from(peopleAt(parts.train.items)));
  write('embed.u8', takePictures(pictures, parts[values.part].items).pixels);
  write('shape.json', JSON.stringify({ side: pictures.height }));
  const script = fileURLToPath(new URL('peers/torch_faces.py', import.meta.url));
  const args = ['--seed', `${seed}`, '--seconds', values.peer, '--threads', values.threads];
  const said = execFileSync('/usr/bin/python3', [script, folder, ...args], { encoding: 'utf8' });
  const { buffer } = Uint8Array.from(readFileSync(join(folder, 'embeddings.f32')));
  rmSync(folder, { recursive: true });
  const { length: rows } = parts[values.part].items;
  const data = new Float32Array(buffer);
  return { ...JSON.parse(said), embeddings: { rows, columns: data.length / rows, data } };
}

/** Principal components of the training pictures, as many as verify best on the validation part, without the first three or with them. */
async function eigenfaces() {
  const learned = await pca(await feed.features(parts.train.items), { components: 200, seed });
  const validation = await project(learned, await feed.features(parts.validation.items));
  const held = pairsAt('validation');
  let best;
  for (const skipped of [0, 3]) {
    for (const count of [25, 50, 100, 200]) {
      const rates = new SortedPairs(held, distancesOfPairs(cut(validation, skipped, count), held, 'cosine')).rates({
        fars: [],
      });
      if (best === undefined || rates.auc > best.auc) best = { auc: rates.auc, skipped, count };
    }
  }
  const { skipped, count } = best;
  const coordinates = cut(await project(learned, raw), skipped, count);
  return { coordinates, components: skipped === 0 ? `${count}` : `${skipped + 1} to ${count}` };
}

function cut(coordinates, skipped, count) {
  const columns = Math.min(count, coordinates.columns) - skipped;
  const data = new Float32Array(coordinates.rows * columns);
  for (let r = 0; r < coordinates.rows; r++) {
    const from = r * coordinates.columns + skipped;
    data.set(coordinates.data.subarray(from, from + columns), r * columns);
  }
  return { rows: coordinates.rows, columns, data };
}
