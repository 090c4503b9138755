// The embeddings of a ranker, judged by retrieval: are the documents nearest to one of the same grade? Beside the raw features and PCA.
//
// KINDRED_DATA=... node bench/rank-embeddings.mjs RUN...
//
// A run of the recipe `rank`. Only the documents of the test queries take part, by cosine: each searches either the others of its own
// query, or those of all other queries. What is measured of documents is averaged over the documents of a query and then over queries;
// intervals of 95 % draw queries. Features are centred and scaled, and the axes of PCA learned, on the documents that the run was trained on.
import { matrix, takeRows } from 'kindred/core/matrix';
import { feedOf } from 'kindred/encoders/feed-of';
import { bootstrapMean } from 'kindred/evaluation/bootstrap';
import { pca, project } from 'kindred/evaluation/pca';
import { linked } from 'kindred/evaluation/relevance';
import { retrieval } from 'kindred/evaluation/retrieval';
import { readData } from 'kindred/recipes/data';
import { openRun, runFiles } from 'kindred/runs/files';
import { openIndex } from 'kindred/search/saved';

const runs = process.argv.slice(2);
if (runs.length === 0) {
  console.error('name the folders of runs of the recipe rank');
  process.exit(2);
}
/** By what is compared, and where it searches: of each run, the value of each query. */
const figures = new Map();
for (const run of runs) {
  const { folder, recipe } = openRun(run);
  const { items, parts } = await readData(recipe.data, { seed: recipe.seed });
  const index = await openIndex(runFiles(folder).index);
  const { ids } = await index.items();
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const test = parts.test.items;
  const rows = Int32Array.from(test, (item) => rowOf.get(items.ids[item]));
  const features = standardised(feedOf(items, recipe.input), parts.train.items);
  const axes = await pca(features(parts.train.items), { components: 32, seed: recipe.seed });
  const compared = {
    'the ranker’s embeddings': takeRows(await index.vectors(), rows),
    'its features, scaled': features(test),
    'PCA of them, 32 axes': await project(axes, features(test)),
  };
  const known = knownOf(parts.test.relations, test);
  for (const where of ['own query', 'other queries']) {
    const relevance = sameGrade(known, where === 'own query');
    for (const [name, embeddings] of Object.entries(compared)) {
      const found = await retrieval({ embeddings, relevance, metric: 'cosine' });
      for (const [measure, values] of [
        ['R@1', found.perQuery.recallAt[1]],
        ['MAP@R', found.perQuery.mapAtR],
      ]) {
        const key = JSON.stringify([where, name, measure]);
        figures.set(key, [...(figures.get(key) ?? []), byQuery(values, found.perQuery.query, known.query)]);
      }
    }
  }
}
console.log('| searched | by | R@1 | MAP@R |\n| --- | --- | --- | --- |');
const names = [...new Set([...figures.keys()].map((key) => JSON.stringify(JSON.parse(key).slice(0, 2))))];
for (const key of names) {
  const [where, name] = JSON.parse(key);
  const cells = ['R@1', 'MAP@R'].map((measure) => shown(figures.get(JSON.stringify([where, name, measure]))));
  console.log(`| ${[where, name, ...cells].join(' | ')} |`);
}

/** The features of items, each centred and scaled as it is among those trained on; what does not vary there is 0. */
function standardised(feed, trained) {
  const { rows, columns, data } = feed.features(trained);
  const mean = new Float64Array(columns);
  const square = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) mean[i % columns] += data[i] / rows;
  for (let i = 0; i < data.length; i++) square[i % columns] += (data[i] - mean[i % columns]) ** 2 / rows;
  return (positions) => {
    const given = feed.features(positions);
    const scaled = given.data.map((value, i) => {
      const deviation = Math.sqrt(square[i % columns]);
      return deviation > 0 ? (value - mean[i % columns]) / deviation : 0;
    });
    return matrix(given.rows, columns, scaled);
  };
}

/** The query and the grade of each item of the part. */
function knownOf({ item, query, grade }, items) {
  const row = new Map(Array.from(item, (each, i) => [each, i]));
  const at = Int32Array.from(items, (each) => row.get(each));
  return { query: at.map((i) => query[i]), grade: Array.from(at, (i) => grade[i]) };
}

/** Documents of one grade belong together, those within reach; what is out of reach is passed over. */
function sameGrade({ query, grade }, own) {
  const reached = { from: [], to: [] };
  const beyond = { from: [], to: [] };
  for (let a = 0; a < query.length; a++) {
    for (let b = 0; b < a; b++) {
      const within = (query[a] === query[b]) === own;
      if (within && grade[a] !== grade[b]) continue;
      const links = within ? reached : beyond;
      links.from.push(a);
      links.to.push(b);
    }
  }
  const linksOf = ({ from, to }) => ({
    items: query.length,
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    directed: false,
  });
  return linked(linksOf(reached), linksOf(beyond));
}

function byQuery(values, documents, query) {
  const sums = new Map();
  for (const [i, document] of documents.entries()) {
    const [sum, count] = sums.get(query[document]) ?? [0, 0];
    sums.set(query[document], [sum + values[i], count + 1]);
  }
  return new Map([...sums].map(([each, [sum, count]]) => [each, sum / count]));
}

/** The mean over runs of each query, and over queries. */
function shown(perRun) {
  const values = [...perRun[0].keys()].map(
    (query) => perRun.reduce((sum, run) => sum + run.get(query), 0) / perRun.length,
  );
  const { mean, low, high } = bootstrapMean(Float64Array.from(values), { seed: 1 });
  return `${mean.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
}
