// Noise-contrastive estimation of a Gaussian, with its normaliser as one parameter more: how far that ends from the true one, by the number
// of draws of noise for each item.
//
// node bench/density.mjs [--svg FILE] [--items N] [--seeds N]
//
// Five dimensions, 10,000 items, noise of deviation 1.2 around 0 in each; a table as Markdown, and the plot in a file. Beside it stand what
// maximum likelihood finds of the same data, where the normaliser is a formula of the precision, and the deviation that theory gives for both.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { matrix } from 'kindred/core/matrix';
import { Random } from 'kindred/core/random';
import { adam } from 'kindred/optimizers/adam';
import { cosine } from 'kindred/optimizers/schedules';
import { at, drawing, frame, polyline } from 'kindred/runs/page/chart';
import { html } from 'kindred/runs/page/html';
import { ticks } from 'kindred/runs/page/ticks';
import { fitDensity } from 'kindred/train/density/fit-density';
import { gaussian, logNormalizer } from 'kindred/train/density/gaussian';
import { normalNoise } from 'kindred/train/density/noise';

const { values } = parseArgs({
  options: {
    svg: { type: 'string', default: 'docs/density.svg' },
    items: { type: 'string', default: '10000' },
    seeds: { type: 'string', default: '5' },
  },
});
const D = 5;
const ITEMS = Number(values.items);
const SEEDS = Number(values.seeds);
const DRAWS = [1, 2, 5, 10, 25, 50];
/** `x = mean + mix z` of normal `z`; the deviations are 1, 0.78, 0.94, 0.81 and 1.08. */
const MEAN = [0.5, -1, 0.2, 0, 0.8];
const MIX = [
  [1, 0, 0, 0, 0],
  [0.5, 0.6, 0, 0, 0],
  [-0.3, 0.4, 0.8, 0, 0],
  [0.2, -0.3, 0.1, 0.7, 0],
  [0, 0.5, -0.4, 0.3, 0.8],
];
const noise = normalNoise({ mean: Array(D).fill(0), deviation: Array(D).fill(1.2) });
/** Of the inverse of a triangular matrix, transposed: its product with its transpose is the precision. */
const ROOT = inverse(MIX)[0].map((_, k) => inverse(MIX).map((row) => row[k]));
const TRUE = -logNormalizer(ROOT.flat(), D);

function dataOf(count, random) {
  const data = matrix(count, D);
  for (let i = 0; i < count; i++) {
    const z = MIX.map(() => random.normal());
    MIX.forEach((row, k) => {
      data.data[i * D + k] = MEAN[k] + row.reduce((sum, a, j) => sum + a * z[j], 0);
    });
  }
  return data;
}

const found = [];
for (let seed = 1; seed <= SEEDS; seed++) {
  const data = dataOf(ITEMS, Random.seeded(seed).split('data'));
  found.push({ draws: 'mle', seed, error: mle(data) - TRUE });
  for (const draws of DRAWS) {
    const start = performance.now();
    const { normalizer, parameters } = await fitDensity({
      ...{ data, model: gaussian, noise, draws, seed, threads: 1 },
      ...{ optimizer: adam({ rate: cosine(0.3) }), steps: 600 },
    });
    const own = normalizer + logNormalizer(parameters.root, D);
    const seconds = (performance.now() - start) / 1000;
    found.push({ draws, seed, error: normalizer - TRUE, own, seconds });
    process.stderr.write(
      `seed ${seed}, ${draws} draws: ${(normalizer - TRUE).toFixed(4)} in ${seconds.toFixed(1)} s\n`,
    );
  }
}

const byTheory = DRAWS.map((draws) => theory(draws));
const likelihood = Math.sqrt(D / (2 * ITEMS));
const of = (draws) => found.filter((each) => each.draws === draws);
const root = (numbers) => Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length);
const size = (rows, key = 'error') => root(rows.map((row) => row[key]));
const largest = (rows) => Math.max(...rows.map(({ error }) => Math.abs(error)));
console.log(`True -log Z: ${TRUE.toFixed(4)}\n`);
console.log(
  '| draws for each item | error of c, root mean square | largest | by theory | c + log Z of what was learned | seconds |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
DRAWS.forEach((draws, i) => {
  const rows = of(draws);
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0) / rows.length;
  const figures = [size(rows), largest(rows), byTheory[i], size(rows, 'own')].map((x) => x.toFixed(4));
  console.log(`| ${[draws, ...figures, seconds.toFixed(1)].join(' | ')} |`);
});
console.log(
  `| maximum likelihood | ${size(of('mle')).toFixed(4)} | ${largest(of('mle')).toFixed(4)} | ${likelihood.toFixed(4)} | 0 | |`,
);
writeFileSync(values.svg, plot());

/** `-log Z` by the covariance of the data. */
function mle({ data }) {
  const count = data.length / D;
  const mean = Array.from({ length: D }, (_, k) => {
    let sum = 0;
    for (let i = k; i < data.length; i += D) sum += data[i];
    return sum / count;
  });
  const covariance = MIX.map(() => Array(D).fill(0));
  for (let i = 0; i < data.length; i += D) {
    for (let j = 0; j < D; j++) {
      for (let k = 0; k < D; k++) covariance[j][k] += ((data[i + j] - mean[j]) * (data[i + k] - mean[k])) / count;
    }
  }
  // log Z of a root R is d/2 log(2 pi) - log |det R|; of the covariance |det| it is d/2 log(2 pi) + 1/2 log det.
  const logDeterminant = 0.5 * D * Math.log(2 * Math.PI) - logNormalizer(covariance.flat(), D);
  return -0.5 * D * Math.log(2 * Math.PI) - 0.5 * logDeterminant;
}

/**
 * The deviation of `c` for many items: the root of the entry of `(I^-1 - (1 + 1/k) I^-1 E E' I^-1) / items`, where `g` is the slope of `log
 * p_model`, `P = k p_noise / (p + k p_noise)`, `I = E[P g g']`, `E = E[P g]`, over data (Gutmann and Hyvärinen 2012, theorem 3). The
 * means are over 200,000 points.
 */
function theory(draws) {
  const count = 200_000;
  const points = dataOf(count, Random.seeded(99));
  const logNoise = noise.logDensity(points);
  const n = 1 + D + (D * (D + 1)) / 2;
  const information = Array.from({ length: n }, () => Array(n).fill(0));
  const mean = Array(n).fill(0);
  const g = Array(n).fill(1);
  for (let i = 0; i < count; i++) {
    const z = MEAN.map((m, k) => points.data[i * D + k] - m);
    const turned = ROOT[0].map((_, k) => z.reduce((sum, x, j) => sum + x * ROOT[j][k], 0));
    const log = TRUE - 0.5 * turned.reduce((sum, x) => sum + x * x, 0);
    const weight = 1 / (1 + Math.exp(log - logNoise[i]) / draws) / count;
    // A linear change of the other parameters does not change what is said of c.
    let place = 1;
    for (let j = 0; j < D; j++) g[place++] = z[j];
    for (let j = 0; j < D; j++) for (let k = 0; k <= j; k++) g[place++] = z[j] * z[k];
    for (let j = 0; j < n; j++) {
      mean[j] += weight * g[j];
      for (let k = 0; k < n; k++) information[j][k] += weight * g[j] * g[k];
    }
  }
  const [first] = inverse(information);
  const shift = first.reduce((sum, x, k) => sum + x * mean[k], 0);
  return Math.sqrt((first[0] - (1 + 1 / draws) * shift ** 2) / ITEMS);
}

/** By Gauss and Jordan, the largest of each column first. */
function inverse(given) {
  const n = given.length;
  const rows = given.map((row, i) => [...row, ...row.map((_, k) => (k === i ? 1 : 0))]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    const by = rows[k][k];
    rows[k] = rows[k].map((x) => x / by);
    rows.forEach((row, i) => {
      if (i !== k) rows[i] = row.map((x, j) => x - row[k] * rows[k][j]);
    });
  }
  return rows.map((row) => row.slice(n));
}

function plot() {
  const area = { width: 640, height: 340, left: 56, right: 150, top: 32, bottom: 44 };
  const errors = found.map(({ error }) => error);
  const most = 1.1 * Math.max(0.06, ...errors.map(Math.abs), ...byTheory);
  const place = (draws) => Math.log10(draws);
  const { x, y, axes } = frame(
    area,
    { low: -0.1, high: place(50) + 0.1, ticks: [], label: 'draws of noise for each item' },
    { low: -most, high: most, ticks: ticks(-most, most, 9), label: 'error of the learned normaliser: c - (-log Z)' },
  );
  const bottom = area.height - area.bottom;
  const line = (kind, heights) =>
    html`<path class="${kind}" d="${polyline(DRAWS.map((draws, i) => [x(place(draws)), y(heights[i])]))}"/>`;
  const across = (kind, height) =>
    html`<path class="${kind}" d="M${area.left} ${at(y(height))}H${area.width - area.right}"/>`;
  const right = area.width - area.right + 6;
  const name = (height, text) => html`<text x="${right}" y="${at(y(height) + 4)}">${text}</text>`;
  const svg = drawing(
    area,
    'The error of the normaliser shrinks as the draws of noise for each item become more, towards that of maximum likelihood.',
    [
      html`<rect class="paper" width="${area.width}" height="${area.height}"/>`,
      axes,
      ...DRAWS.map((draws) => html`<text class="middle" x="${at(x(place(draws)))}" y="${bottom + 17}">${draws}</text>`),
      across('bound', 0.05),
      across('bound', -0.05),
      name(0.05, 'within 0.05'),
      across('likelihood', likelihood),
      across('likelihood', -likelihood),
      name(likelihood, 'maximum likelihood'),
      line('line', byTheory),
      line(
        'line',
        byTheory.map((each) => -each),
      ),
      name(-byTheory[byTheory.length - 1] - 0.002, 'NCE, by theory'),
      ...found
        .filter(({ draws }) => draws !== 'mle')
        .map(
          ({ draws, error }) => html`<circle class="dot" cx="${at(x(place(draws)))}" cy="${at(y(error))}" r="3.5"/>`,
        ),
    ],
  );
  const style = `<style>
text { font: 12.5px system-ui, sans-serif; fill: #5d6166; } .name { fill: #1c1d1f; } .end { text-anchor: end; } .middle { text-anchor: middle; }
.paper { fill: #fdfdfb; } .grid { stroke: #dcdcd6; } .base { stroke: #5d6166; } .line { fill: none; stroke: #1f6aa8; stroke-width: 2; }
.dot { fill: #1f6aa8; fill-opacity: 0.7; } .likelihood { stroke: #1c7a4d; stroke-dasharray: 5 3; } .bound { stroke: #b8541a; stroke-dasharray: 2 3; }
</style>`;
  return `${svg.text.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('>', `>${style}`)}\n`;
}
