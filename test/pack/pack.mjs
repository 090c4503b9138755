// Uses the package as a dependency: node test/pack/pack.mjs
//
// Packs it, installs the tarball into an empty project, imports every subpath that package.json exports, and trains ten
// steps by the packed recipe. Run by .ci/run and not by vitest, for it needs a registry to install from.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'kindred-pack-'));
const project = join(work, 'project');
const installed = join(project, 'node_modules', 'kindred');

/** Runs a command as a person would: its output is shown, and a failure is ours. */
function run(cwd, command, ...args) {
  console.log(`$ ${[command, ...args].join(' ')}`);
  // What the README tells a user of Linux on x64 to set.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  execFileSync(command, args, { cwd, env, stdio: 'inherit' });
}

/** The target that Node takes for `import`, or null for a subpath that is closed. */
const targetOf = (value) => (value !== null && typeof value === 'object' ? (value.import ?? value.default) : value);

/** What `*` stands for where `path` matches `pattern`, or undefined. */
function star(pattern, path) {
  const [before, after] = pattern.split('*');
  const matches = path.startsWith(before) && path.endsWith(after) && path.length > before.length + after.length;
  return matches ? path.slice(before.length, path.length - after.length) : undefined;
}

/** Every subpath of the installed package, wildcards expanded by what it holds: 'kindred', 'kindred/core/matrix'. */
function subpaths() {
  const { name, exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const held = readdirSync(installed, { recursive: true })
    .map((path) => `./${path.split(sep).join('/')}`)
    .filter((path) => !path.startsWith('./node_modules/'));
  const closed = Object.keys(exports).filter((key) => targetOf(exports[key]) === null);
  const found = new Set();
  for (const [key, value] of Object.entries(exports)) {
    const target = targetOf(value);
    if (target === null) continue;
    if (!key.includes('*')) {
      assert(held.includes(target), `package.json exports ${key} as ${target}, which is not in the package`);
      found.add(key);
      continue;
    }
    const stars = held.map((path) => star(target, path)).filter((part) => part !== undefined);
    assert(stars.length > 0, `package.json exports ${key} as ${target}, and the package holds no such file`);
    for (const part of stars) {
      const subpath = key.replace('*', part);
      if (!closed.some((pattern) => pattern === subpath || (pattern.includes('*') && star(pattern, subpath)))) {
        found.add(subpath);
      }
    }
  }
  return [...found].sort().map((subpath) => name + subpath.slice(1));
}

try {
  run(root, 'npm', 'pack', '--silent', '--pack-destination', work);
  const tarball = readdirSync(work).find((file) => file.endsWith('.tgz'));
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'somebody', private: true, type: 'module' }));
  run(project, 'npm', 'install', '--no-audit', '--no-fund', join(work, tarball));

  const importable = subpaths();
  const lines = importable.map((path) =>
    path.endsWith('.json') ? `await import('${path}', { with: { type: 'json' } });` : `await import('${path}');`,
  );
  writeFileSync(join(project, 'import-all.mjs'), lines.join('\n'));
  run(project, process.execPath, '--no-warnings', 'import-all.mjs');
  console.log(`${importable.length} subpaths can be imported`);

  const recipe = join('node_modules', 'kindred', 'recipes', 'demo.yaml');
  const out = join('runs', 'ten');
  run(project, 'npx', '--no', 'kindred', 'train', recipe, '--set', 'steps=10', '--out', out);
  const metrics = JSON.parse(readFileSync(join(project, out, 'metrics.json'), 'utf8'));
  const measures = ['recallAt1', 'mapAtR', 'ndcgAt10'];
  for (const key of [...measures, 'trainSeconds', 'steps', 'itemsPerSecond']) {
    assert(Number.isFinite(metrics[key]), `metrics.json: ${key} is ${metrics[key]}`);
  }
  for (const key of measures) {
    assert(Number.isFinite(metrics.baseline?.[key]), `metrics.json: baseline.${key} is ${metrics.baseline?.[key]}`);
  }
  assert.equal(metrics.steps, 10);
  assert(statSync(join(project, out, 'model.onnx')).size > 0, 'model.onnx is empty');
  console.log('Ten steps trained by the installed package');
} finally {
  rmSync(work, { recursive: true, force: true });
}
