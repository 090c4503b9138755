// Checks the order of the folders of src/, and the length of its files: node scripts/check-layers.mjs [SRC]
//
// A folder imports only itself and the folders above it in `layers`; only src/onnx imports ONNX Runtime. Type imports
// and dynamic imports count. Tests may import anything, and so may src/index.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const layers = [
  'core',
  'graph',
  'onnx',
  'kernels',
  'relations',
  'readers',
  'views',
  'batches',
  'encoders',
  'objective',
  'losses',
  'optimizers',
  'evaluation',
  'search',
  'miners',
  'recipes',
  'runs',
  'train',
  'serve',
  'cli',
];
const runtime = 'onnxruntime-node';
const longest = 400;
const long = 200;

const src = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'src'));
const breaches = [];
const longFiles = [];
let checked = 0;

/** A path as people name it, from the folder that holds src. */
const named = (path) => join('src', relative(src, path)).split(sep).join('/');
/** The folder of src that `path` belongs to: 'graph' for src/graph/ops/add.ts, '' for src/index.ts. */
const folderOf = (path) => relative(src, path).split(sep).slice(0, -1)[0] ?? '';

function breachOf(path, specifier) {
  const from = folderOf(path);
  if (specifier === runtime || specifier.startsWith(`${runtime}/`)) {
    return from === 'onnx' ? undefined : `only src/onnx imports ${runtime}. Call what src/onnx offers instead`;
  }
  if (!specifier.startsWith('.')) return undefined;
  const target = resolve(dirname(path), specifier);
  if (relative(src, target).startsWith('..')) return 'that lies outside of src, and is not in the package';
  const to = folderOf(target);
  if (to === from) return undefined;
  if (to === '') return 'src/index.ts is for users of the package. Import the file that defines the name';
  if (!layers.includes(to)) return `'${to}' is not in the list of folders. Add it to scripts/check-layers.mjs`;
  if (layers.indexOf(to) < layers.indexOf(from)) return undefined;
  return `'${from}' stands above '${to}', and a folder imports only what stands above it. Move the shared part up`;
}

for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.[cm]?tsx?$/.test(entry.name)) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (/\.test\.[cm]?tsx?$/.test(path)) continue;
  const text = readFileSync(path, 'utf8');
  checked++;

  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (!/^\/\/ @generated/m.test(text)) {
    if (lines > longest) breaches.push(`${named(path)} has ${lines} lines: at most ${longest}. Split it by concept`);
    else if (lines > long) longFiles.push(`${named(path)} (${lines})`);
  }

  const folder = folderOf(path);
  if (folder === '') {
    if (named(path) !== 'src/index.ts') breaches.push(`${named(path)} lies in no folder: only src/index.ts may`);
    continue;
  }
  if (!layers.includes(folder)) {
    breaches.push(
      `${named(path)} lies in '${folder}', which is not in the list of folders in scripts/check-layers.mjs`,
    );
    continue;
  }
  for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
    const why = breachOf(path, fileName);
    if (why === undefined) continue;
    const target = fileName.startsWith('.') ? named(resolve(dirname(path), fileName)) : fileName;
    breaches.push(`${named(path)} imports ${target}: ${why}`);
  }
}

if (longFiles.length > 0) console.log(`note: longer than ${long} lines: ${longFiles.sort().join(', ')}`);
for (const breach of breaches.sort()) console.log(breach);
if (breaches.length > 0) process.exit(1);
console.log(`${checked} source files keep the order of folders`);
