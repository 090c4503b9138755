// Times what Kindred claims: npm run bench -- [--only PREFIX] [--reps N]
//
// One JSON object a line, times in milliseconds: { name, engine, median_ms, min_ms, runs, peak_rss_mb }. Each case runs
// in a process of its own, so that peak memory is the case's own. Two threads, float32, after three runs and a second to warm up:
// onnxruntime-node copies what a run gives, into memory that is new until the garbage collector has given back that of earlier runs.
// Cases that go through items one by one add items_per_second, at the median.
//
// Every file in cases/ exports `cases`: by name, a function that prepares the case and gives back the one step to time,
// and, where N runs would take too long, how many to make (`runs`) and to warm up (`warmUp`, no more); `items` are those of one
// step, and `extra` gives further fields, from the median. A case is added by adding an entry, or a file.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const WARM_UP = { runs: 3, milliseconds: 1000 };

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    reps: { type: 'string', default: '15' },
    case: { type: 'string' },
  },
});
const reps = Number(values.reps);
if (!Number.isInteger(reps) || reps < 1) fail(`--reps takes a whole number, 1 or more; received ${values.reps}`);

const folder = new URL('./cases/', import.meta.url);
const cases = {};
for (const file of readdirSync(folder).sort()) Object.assign(cases, (await import(new URL(file, folder).href)).cases);

if (values.case !== undefined) {
  await measure(values.case);
} else {
  const names = Object.keys(cases).filter((name) => name.startsWith(values.only));
  if (names.length === 0) fail(`no case starts with ${values.only}; there are ${Object.keys(cases).join(', ')}`);
  for (const name of names) {
    const script = fileURLToPath(import.meta.url);
    const { status } = spawnSync(process.execPath, [script, '--case', name, '--reps', values.reps], {
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
}

async function measure(name) {
  const { step, runs = reps, warmUp, items, extra } = await cases[name]();
  const began = performance.now();
  const warm = (i) =>
    warmUp === undefined ? i >= WARM_UP.runs && performance.now() - began >= WARM_UP.milliseconds : i >= warmUp;
  for (let i = 0; !warm(i); i++) await step();
  const times = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await step();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  const round = (milliseconds) => Math.round(milliseconds * 1000) / 1000;
  const peak = Math.floor(process.resourceUsage().maxRSS / 1024);
  console.log(
    JSON.stringify({
      name,
      engine: `kindred ${createRequire(import.meta.url)('../package.json').version}`,
      median_ms: round(median),
      min_ms: round(times[0]),
      runs,
      ...(items === undefined ? {} : { items_per_second: Math.round((items / median) * 1000) }),
      peak_rss_mb: peak,
      ...(await extra?.(median)),
    }),
  );
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
