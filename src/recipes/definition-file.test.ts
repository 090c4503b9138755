import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildInto } from '../../test/built.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { make } from './definitions.ts';
import { readRecipe } from './read.ts';

const work = mkdtempSync(join(tmpdir(), 'kindred-definition-'));
afterAll(() => rmSync(work, { recursive: true }));

const source = (path: string) => fileURLToPath(new URL(`../${path}.ts`, import.meta.url));
const encoder = `defineEncoder({ name: 'own', options: z.strictObject({ size: z.int().default(3) }), apply: (scope, x) => x })`;
const head = `import { z } from '${import.meta.resolve('zod')}';
import { defineEncoder } from '${source('encoders/define')}';
`;

let files = 0;
function write(text: string, extension = '.ts'): string {
  const file = join(work, `file${files++}${extension}`);
  writeFileSync(file, text);
  return file;
}

const makeEncoder = (name: string, options = {}) =>
  make<Encoder>('encoders', ['encoder'], { name, ...options }, 'encoder');

describe('a file of the user', () => {
  test.each(['.ts', '.mts', '.js', '.mjs'])('that ends in %s defines an encoder', async (extension) => {
    const file = write(`${head}export const own = ${encoder};\nexport const other = 3;`, extension);
    const { product, options } = await makeEncoder(file);
    expect(product.name).toBe('own');
    expect(options).toEqual({ size: 3 });
  });

  test('may export the same definition twice', async () => {
    const file = write(`${head}export const own = ${encoder};\nexport default own;`);
    expect((await makeEncoder(file, { size: 5 })).options).toEqual({ size: 5 });
  });

  test('has its options checked by its own schema', async () => {
    const file = write(`${head}export const own = ${encoder};`);
    await expect(makeEncoder(file, { sise: 5 })).rejects.toThrow(
      'encoder does not have the key "sise": it may hold size. Did you mean "size"?',
    );
  });

  test.each<[what: string, text: string | undefined, message: RegExp]>([
    ['is not there', undefined, /^encoder\.name names a file: there is none at .*absent\.ts\. Correct the path/],
    [
      'exports nothing',
      'const a = 1;',
      /exports an encoder, and one only: .*\.ts exports no definition\. Export what def/,
    ],
    [
      'exports several',
      `${head}export const a = ${encoder};\nexport const b = ${encoder};`,
      /one only: .*\.ts exports 2 of them\. Export one from each file\.$/,
    ],
    [
      'exports another kind',
      `export const a = Object.assign(() => {}, { definition: 'loss', options: {} });`,
      /exports an encoder, and one only: .*\.ts exports a loss\. Export what defineEncoder returns\.$/,
    ],
    [
      'is wrong in its syntax',
      'const a: number = 1;\n\nconst b = = 2;\n',
      /^encoder\.name names a file that can be loaded: .*file\d+\.ts, line 3: Expression expected\. Correct it\.$/,
    ],
    ['has more than types', 'export enum A { B }\nlet c: = 1;', /\.ts, line 2: /],
    ['throws', `\nthrow new Error('Nothing\\nof use.');`, /\.ts.*: Nothing\. Correct it\.$/],
    ['throws what is no error', `throw 'up';`, /\.ts: up\. Correct it\.$/],
  ])('that %s is answered with what to do', async (_, text, message) => {
    const file = text === undefined ? join(work, 'absent.ts') : write(text);
    const refused = makeEncoder(file);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(expect.objectContaining({ name: 'KindredError', exitCode: 2 }));
  });
});

test('in a recipe its path is relative to the recipe, in a setting to where the command is run', () => {
  const folder = join(work, 'recipes');
  mkdirSync(folder);
  const path = join(folder, 'mine.yaml');
  writeFileSync(
    path,
    `version: 1
data: { reader: idx, folder: x }
batches: { groups: 2, perGroup: 2 }
encoder: { name: ../mine.ts }
objective: { loss: { name: ./loss.mjs }, miners: [{ name: easy, until: 0.5 }, { name: miner.js }] }
optimizer: [{ name: sgd, rate: 1 }]
steps: 1
`,
  );
  const { encoder: own, objective } = readRecipe(path).recipe;
  expect(own.name).toBe(join(work, 'mine.ts'));
  expect(objective.loss.name).toBe(join(folder, 'loss.mjs'));
  expect(objective.miners.map(({ name }) => name)).toEqual(['easy', join(folder, 'miner.js')]);
  const set = readRecipe(path, ['encoder.name=./a.ts', 'objective.miners.0={ name: b.mjs, until: 0.1 }']).recipe;
  expect(set.encoder.name).toBe(join(process.cwd(), 'a.ts'));
  expect(set.objective.miners[0].name).toBe(join(process.cwd(), 'b.mjs'));
  expect(set.objective.loss.name).toBe(join(folder, 'loss.mjs'));
});

describe('the built package', () => {
  const own = join(work, 'own');
  let cli = '';
  beforeAll(() => {
    cli = buildInto(join(work, 'built'));
    mkdirSync(own);
  });
  const kindred = (...words: string[]) =>
    execFileSync(process.execPath, [cli, ...words], { cwd: own, encoding: 'utf8', stdio: 'pipe' });

  test('trains by TypeScript in an empty folder, and the run does without it', () => {
    writeFileSync(join(own, 'size.ts'), 'export const size: number = 8;\n');
    writeFileSync(
      join(own, 'encoder.ts'),
      `import { defineEncoder } from 'kindred/encoders/define';
import type { Scope } from 'kindred/encoders/encoder';
import { flatten, linear } from 'kindred/encoders/layers';
import type { Node } from 'kindred/graph/node';
import { unitNorm } from 'kindred/graph/unit-norm';
import { z } from 'zod';
import { size } from './size.ts';
export const own = defineEncoder({
  name: 'own',
  options: z.strictObject({ twice: z.boolean().default(false) }),
  apply: (scope: Scope, x: Node, { twice }): Node => unitNorm(linear(scope, 'head', flatten(x), twice ? 2 * size : size)),
});
`,
    );
    writeFileSync(
      join(own, 'miner.mjs'),
      `import { argMin } from 'kindred/graph/ops/arg-min';
import { where } from 'kindred/graph/ops/where';
import { FAR, forEachPositive } from 'kindred/miners/one-negative';
import { defineTripletMiner } from 'kindred/objective/define';
import { z } from 'zod';
export const nearest = defineTripletMiner({
  name: 'nearest',
  options: z.strictObject({}),
  choose: (comparison, distances) =>
    forEachPositive(comparison, argMin(where(comparison.different, distances, FAR), 1)),
});
`,
    );
    const settings = [
      'encoder={ name: ./encoder.ts, twice: true }',
      'objective.miners=[{ name: miner.mjs }]',
      'steps=2',
    ];
    kindred('train', 'demo', '--out', 'run', ...settings.flatMap((setting) => ['--set', setting]));
    expect(readFileSync(join(own, 'run', 'recipe.yaml'), 'utf8')).toContain(join(own, 'encoder.ts'));
    rmSync(join(own, 'encoder.ts'));
    rmSync(join(own, 'miner.mjs'));
    expect(kindred('evaluate', 'run')).toMatch(/0\.\d/);
  });

  test.each([
    ['wrong syntax', 'const a: number = 1;\nconst b = = 2;\n', /wrong\.ts, line 2: Expression expected\. Correct it/],
    ['syntax beyond types', '\nexport enum A { B }\n', /wrong\.ts, line 2: TypeScript enum is not supported/],
    ['wrong syntax in what it imports', `import './below.ts';\n`, /below\.ts, line 3: Expression expected/],
    [
      'what kindred does not export',
      `import { nothing } from 'kindred/graph/ops/exp';\nnothing();\n`,
      /wrong\.ts, line 1: .*does not provide an export named 'nothing'/,
    ],
    [
      'a subpath that is not there',
      `import 'kindred/graph/opps/exp';\n`,
      /wrong\.ts: there is no kindred\/graph\/opps\/exp\. Correct it/,
    ],
  ])('answers %s with the file and the line', (_, text, message) => {
    writeFileSync(join(own, 'below.ts'), '\n\nconst b = = 2;\n');
    writeFileSync(join(own, 'wrong.ts'), text);
    let said = '';
    try {
      kindred('train', 'demo', '--out', 'refused', '--set', 'encoder={ name: ./wrong.ts }');
    } catch (error) {
      said = (error as { stderr: string }).stderr;
      expect((error as { status: number }).status).toBe(2);
    }
    expect(said).toMatch(message);
    expect(said).not.toMatch(/^\s+at /m);
  });
});
