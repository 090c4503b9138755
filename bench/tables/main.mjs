// Makes a table of docs/results.md: npm run tables -- NAME [--seeds 1,2] [--only ROW] [--threads N] [--json]
//
// Every cell is a command of its own, run once: its figures are kept in runs/tables/NAME/cells.jsonl, so that a table that was
// stopped goes on where it was, and one whose settings were changed runs again only what changed. Markdown goes to stdout, progress to
// stderr. `--cli FILE` takes another build of the commands, `--json` prints the cells.
//
// A table is a file here, NAME.mjs, whose default export is
//
//   seeds    the seeds of each row, unless the row has its own
//   columns  by heading, where a figure lies in what a cell gave: `ndcgAt10`, `probe/linearAccuracy`, `evaluate/valAtFar/0.01/value`
//   against  a row: the last column is the difference to it in the first figure, paired by seed
//   rows     each with a name, and either
//              train   a recipe; with `set`, settings such as `steps=100`, and `then`, commands for the run that was made
//                      (`['probe']`): what is in metrics.json, and what each command printed, under its name and its options
//                      (`evaluate --without image`)
//              trained a recipe that bench/train.mjs trains, with `set`; `threads` where it is always as many
//              script  a function of the seed and the number of threads: a command that prints one JSON line, such as ['python3', 'bench/peers/x.py', '--seed', `${seed}`]
//              of      another row, with `at`: what lies there in its cells, such as `baseline`
//            and, where its figures lie elsewhere, `columns` of its own: headings that it leaves out stay empty
//
// Figures are means over the seeds, with the half of their 95 % interval (Student's t).
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string' },
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
    cli: { type: 'string', default: fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)) },
    json: { type: 'boolean', default: false },
  },
});
const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.mjs') && file !== 'main.mjs')
  .map((file) => file.slice(0, -4));
const [name] = positionals;
if (!names.includes(name)) fail(`name a table: ${names.join(', ')}${name === undefined ? '' : `; received ${name}`}`);

const table = (await import(new URL(`${name}.mjs`, import.meta.url).href)).default;
const chosen = table.rows.filter((row) => values.only === undefined || row.name.includes(values.only));
if (chosen.length === 0)
  fail(`no row has ${values.only} in its name; there are ${table.rows.map((row) => row.name).join(', ')}`);
const folder = join('runs', 'tables', name);
const store = join(folder, 'cells.jsonl');
mkdirSync(folder, { recursive: true });
const cells = existsSync(store)
  ? readFileSync(store, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  : [];

const seedsOf = (row) => values.seeds?.split(',').map(Number) ?? row.seeds ?? table.seeds ?? [1];
const planned = chosen
  .filter((row) => row.of === undefined)
  .flatMap((row) => seedsOf(row).map((seed) => ({ row, seed, command: commandOf(row, seed) })));
const missing = planned.filter((cell) => found(cell) === undefined);
let spent = 0;
for (const [i, { row, seed, command }] of missing.entries()) {
  const left = i === 0 ? '' : `, about ${Math.ceil(((spent / i) * (missing.length - i)) / 60)} min left`;
  process.stderr.write(`${i + 1} of ${missing.length}: ${row.name}, seed ${seed}${left}\n`);
  const start = performance.now();
  const metrics = await run(row, seed);
  const seconds = (performance.now() - start) / 1000;
  spent += seconds;
  const cell = { row: row.name, seed, command, seconds: Math.round(seconds * 10) / 10, metrics };
  appendFileSync(store, `${JSON.stringify(cell)}\n`);
  cells.push(cell);
}
if (values.json) for (const cell of planned) console.log(JSON.stringify(found(cell)));
else print();

/** The last one made by this very command: the seed stands in it. */
function found({ row, command }) {
  return cells.findLast((cell) => cell.row === row.name && JSON.stringify(cell.command) === JSON.stringify(command));
}

function commandOf(row, seed) {
  if (row.script !== undefined) return row.script(seed, values.threads);
  const settings = settingsOf(row, seed);
  if (row.trained !== undefined) {
    return ['node', 'bench/train.mjs', row.trained, '--threads', row.threads ?? values.threads, ...settings];
  }
  return ['kindred', 'train', row.train, ...settings, ...(row.then ?? []).flatMap((command) => ['then', ...command])];
}

/** The row's settings and the seed, as options. */
function settingsOf(row, seed) {
  return [...(row.set ?? []), `seed=${seed}`].flatMap((setting) => ['--set', setting]);
}

async function run(row, seed) {
  if (row.train === undefined) {
    const [program, ...args] = commandOf(row, seed);
    return JSON.parse((await output(program === 'node' ? process.execPath : program, args)).trim().split('\n').at(-1));
  }
  const out = join(folder, `${row.name.replace(/[^A-Za-z0-9]+/g, '-')}-${seed}`);
  const kindred = (...args) => output(process.execPath, [values.cli, ...args]);
  await kindred('train', row.train, '--out', out, '--threads', values.threads, '--json', ...settingsOf(row, seed));
  const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
  for (const [command, ...args] of row.then ?? []) {
    metrics[[command, ...args].join(' ')] = JSON.parse(await kindred(command, out, '--json', ...args));
  }
  return metrics;
}

/** What a program prints; its progress is seen. */
function output(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
    });
    child.on('error', (error) => fail(`${program}: ${error.message}`));
    child.on('close', (status) => {
      if (status !== 0) fail(`${[program, ...args].join(' ')} ended with ${status}`);
      resolve(text);
    });
  });
}

function print() {
  const headings = Object.keys(table.columns);
  const last = table.against === undefined ? [] : [`${headings[0]} against ${table.against}`];
  console.log(`| | ${[...headings, ...last].join(' | ')} |`);
  console.log(`| --- |${' --- |'.repeat(headings.length + last.length)}`);
  for (const row of chosen) {
    const figures = headings.map((heading) => shown(Object.values(figuresOf(row, heading))));
    console.log(`| ${[row.name, ...figures, ...(last.length === 0 ? [] : [difference(row)])].join(' | ')} |`);
  }
}

/** By seed. */
function figuresOf(row, heading) {
  const path = (row.columns ?? table.columns)[heading];
  if (path === undefined) return {};
  const source = row.of === undefined ? row : table.rows.find((each) => each.name === row.of);
  const keys = [...(row.at?.split('/') ?? []), ...path.split('/')];
  const pairs = seedsOf(source).map((seed) => {
    const cell = found({ row: source, command: commandOf(source, seed) });
    return [seed, keys.reduce((value, key) => value?.[key], cell?.metrics)];
  });
  return Object.fromEntries(pairs.filter(([, value]) => typeof value === 'number'));
}

function difference(row) {
  if (row.name === table.against) return '';
  const [heading] = Object.keys(table.columns);
  const [ours, theirs] = [row, table.rows.find((each) => each.name === table.against)].map((each) =>
    figuresOf(each, heading),
  );
  return shown(
    Object.keys(ours)
      .filter((seed) => seed in theirs)
      .map((seed) => ours[seed] - theirs[seed]),
    true,
  );
}

/** The mean, and the half of the interval within which 95 % of such means lie. */
function shown(figures, signed = false) {
  if (figures.length === 0) return '';
  const n = figures.length;
  const mean = figures.reduce((sum, x) => sum + x, 0) / n;
  const digits = Math.abs(mean) >= 100 ? 0 : Math.abs(mean) >= 10 ? 1 : 3;
  const sign = signed && mean > 0 ? '+' : '';
  if (n === 1) return `${sign}${mean.toFixed(digits)}`;
  const deviation = Math.sqrt(figures.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
  const t = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262][n - 2] ?? 2.2;
  return `${sign}${mean.toFixed(digits)} ± ${((t * deviation) / Math.sqrt(n)).toFixed(digits)}`;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
