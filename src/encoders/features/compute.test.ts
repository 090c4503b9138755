import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, afterEach, beforeAll, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { type NodeParts, onnxModel } from '../../../test/import/onnx-model.ts';
import { fixture } from '../../../test/import/training.ts';
import { wav } from '../../../test/own-data.ts';
import { threeColours, writeClasses } from '../../../test/pictures.ts';
import { KindredError } from '../../core/error.ts';
import { type Matrix, row } from '../../core/matrix.ts';
import { Random } from '../../core/random.ts';
import { cast } from '../../graph/ops/cast.ts';
import { input } from '../../graph/ops/input.ts';
import {
  type GraphProto,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '../../onnx/onnx_pb.ts';
import { Program, type Value } from '../../onnx/program.ts';
import { readPictures } from '../../readers/folders.ts';
import { logMel } from '../../readers/log-mel.ts';
import { videoFrames } from '../../readers/video.ts';
import { initialize, trace } from '../encoder.ts';
import { exportEncoder } from '../export.ts';
import { mlp } from '../mlp.ts';
import { computeFeatures, type FeatureOptions } from './compute.ts';

let work: string;
let spied: MockInstance<Program['run']>;
const at = (...path: string[]) => join(work, ...path);

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'kindred-features-'));
  await writeClasses(at('pictures'), threeColours, 4, { size: 8 });
  writeFileSync(at('sums.onnx'), sums(['b', 3, 8, 8]));
});
beforeEach(() => {
  vi.stubEnv('KINDRED_CACHE', mkdtempSync(at('cache-')));
  spied = vi.spyOn(Program.prototype, 'run');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
afterAll(() => rmSync(work, { recursive: true }));

/** `y [b, 2]`: the inputs of a row times fixed weights; `z`, before it, is the row, flattened. */
const weightOf = (i: number, c: number) => Math.sin(i * 2 + c + 1);
function sums(
  shape: (number | string)[],
  type: 'float32' | 'uint8' = 'float32',
  more: readonly NodeParts[] = [],
): Uint8Array {
  const size = shape.slice(1).reduce<number>((a, b) => a * Number(b), 1);
  return onnxModel({
    opset: 17,
    inputs: { x: { shape, type } },
    outputs: { y: { shape: [shape[0], 2] } },
    initializers: {
      w: { shape: [size, 2], values: Array.from({ length: 2 * size }, (_, i) => weightOf(i >> 1, i & 1)) },
    },
    nodes: [
      ['Cast', ['x'], ['f'], { to: 1 }],
      ['Flatten', ['f'], ['z'], { axis: 1 }],
      ['MatMul', ['z', 'w'], ['y']],
      ...more,
    ],
  });
}
const naive = (values: ArrayLike<number>): number[] =>
  [0, 1].map((c) => Array.from(values).reduce((sum, value, i) => sum + value * weightOf(i, c), 0));

const features = (model: string, items: string, options: Partial<FeatureOptions> = {}) =>
  computeFeatures(model, items, { threads: 1, ...options });
const close = (found: Matrix, wanted: readonly (readonly number[])[]) => {
  expect([found.rows, found.columns]).toEqual([wanted.length, wanted[0].length]);
  wanted.forEach((values, i) => {
    values.forEach((value, c) => {
      expect(Math.abs(row(found, i)[c] - value), `row ${i}, column ${c}`).toBeLessThan(
        1e-4 * Math.max(1, Math.abs(value)),
      );
    });
  });
};
/** How many rows went through models. */
const rowsRun = () =>
  spied.mock.calls.reduce(
    (sum: number, [inputs]) => sum + Object.values(inputs as Record<string, Value>)[0].shape[0],
    0,
  );
const message = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => expect.fail('this is refused'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KindredError);
  return (error as Error).message;
};
const shape = { height: 8, width: 8, channels: 3 } as const;

/** Row-major `[h, w, c]` as `[c, h, w]`. */
const planes = (pixels: Uint8Array) => Array.from(pixels, (_, i) => pixels[(i % 64) * 3 + Math.floor(i / 64)]);

test('pictures of class folders, as a plain run of the model gives them', async () => {
  const { pictures } = await readPictures(at('pictures'), shape);
  const wanted = pictures.ids.map((_, i) =>
    naive(planes(pictures.pixels.subarray(192 * i, 192 * (i + 1))).map((value) => value / 255)),
  );
  const seen: number[][] = [];
  const result = await features(at('sums.onnx'), at('pictures'), {
    pixels: 'unit',
    batch: 5,
    progress: (computed, left) => seen.push([computed, left]),
  });
  expect(result).toMatchObject({
    kind: 'pictures',
    ids: pictures.ids,
    skipped: [],
    computed: 12,
    reused: 0,
    notes: [],
  });
  expect(result.labels).toEqual(pictures.ids.map((id) => id.split('/')[0]));
  close(result.embeddings, wanted);
  expect(spied.mock.calls.map(([inputs]) => (inputs as Record<string, Value>).x.shape[0])).toEqual([5, 5, 2]);
  expect(seen).toHaveLength(12);
  expect(seen[11]).toEqual([12, 0]);
});

test('an item is computed once, in whatever folder it lies; another model or other settings compute anew', async () => {
  const first = await features(at('sums.onnx'), at('pictures'));
  expect(first.notes).toEqual(['pixels are normalised as imagenet; --pixels chooses: none, unit, imagenet']);
  expect(rowsRun()).toBe(12);
  expect(await features(at('sums.onnx'), at('pictures'))).toEqual({ ...first, computed: 0, reused: 12 });
  // Elsewhere, under other names, one of them twice, beside one that is new.
  mkdirSync(at('others'));
  cpSync(at('pictures', 'red', '0.png'), at('others', 'a.png'));
  cpSync(at('pictures', 'red', '1.png'), at('others', 'b.png'));
  cpSync(at('pictures', 'red', '1.png'), at('others', 'c.png'));
  await writeClasses(at('more'), { only: [9, 99, 199] }, 1, { size: 9 });
  cpSync(at('more', 'only', '0.png'), at('others', 'd.png'));
  cpSync(at('more', 'only', '0.png'), at('others', 'e.png'));
  spied.mockClear();
  const others = await features(at('sums.onnx'), at('others'));
  expect(others).toMatchObject({
    ids: ['a.png', 'b.png', 'c.png', 'd.png', 'e.png'],
    labels: undefined,
    computed: 1,
    reused: 4,
  });
  expect(rowsRun()).toBe(1);
  const position = first.ids.indexOf('red/0.png');
  expect(row(others.embeddings, 0)).toEqual(row(first.embeddings, position));
  expect(row(others.embeddings, 2)).toEqual(row(first.embeddings, position + 1));
  expect(row(others.embeddings, 4)).toEqual(row(others.embeddings, 3));

  const computed = async (model: string, options: Partial<FeatureOptions> = {}) =>
    (await features(model, at('pictures'), options)).computed;
  expect(await computed(at('sums.onnx'), { pixels: 'unit' })).toBe(12);
  expect(await computed(at('sums.onnx'), { batch: 3, threads: 2 })).toBe(0);
  expect(await computed(at('sums.onnx'), { cache: false })).toBe(12);
  cpSync(at('sums.onnx'), at('renamed.onnx'));
  expect(await computed(at('renamed.onnx'))).toBe(0);
  writeFileSync(at('renamed.onnx'), sums(['batch', 3, 8, 8]));
  expect(await computed(at('renamed.onnx'))).toBe(12);
  expect(await computed(at('renamed.onnx'), { output: 'z' })).toBe(12);
});

test('what was interrupted goes on where it was', async () => {
  const plain = await features(at('sums.onnx'), at('pictures'), { batch: 2, cache: false });
  const interrupt = new AbortController();
  const stopped = features(at('sums.onnx'), at('pictures'), {
    batch: 2,
    signal: interrupt.signal,
    progress: (computed) => computed === 6 && interrupt.abort(new Error('enough')),
  });
  await expect(stopped).rejects.toThrow('enough');
  spied.mockClear();
  const resumed = await features(at('sums.onnx'), at('pictures'), { batch: 2 });
  expect(resumed.computed + resumed.reused).toBe(12);
  expect(resumed.reused).toBeGreaterThanOrEqual(6);
  expect(rowsRun()).toBe(resumed.computed);
  expect(resumed).toMatchObject({ ids: plain.ids, labels: plain.labels });
  close(
    resumed.embeddings,
    plain.ids.map((_, i) => [...row(plain.embeddings, i)]),
  );
});

test('a damaged cache is noticed and filled again', async () => {
  const first = await features(at('sums.onnx'), at('pictures'));
  const [file] = readdirSync(process.env.KINDRED_CACHE as string);
  const path = join(process.env.KINDRED_CACHE as string, file);
  const whole = readFileSync(path);
  const record = whole.length / 12;
  truncateSync(path, whole.length - 3);
  const bytes = readFileSync(path);
  // A value of the third record.
  bytes[3 * record - 1] ^= 1;
  writeFileSync(path, bytes);
  appendFileSync(path, 'no record');
  const again = await features(at('sums.onnx'), at('pictures'));
  expect(again).toMatchObject({ computed: 2, reused: 10 });
  close(
    again.embeddings,
    first.ids.map((_, i) => [...row(first.embeddings, i)]),
  );
  expect(await features(at('sums.onnx'), at('pictures'))).toMatchObject({ computed: 0 });
});

test('runs at the same time give the same; without a place for a cache there is a warning', async () => {
  const both = await Promise.all([
    features(at('sums.onnx'), at('pictures')),
    features(at('sums.onnx'), at('pictures'), { batch: 5 }),
  ]);
  close(
    both[1].embeddings,
    both[0].ids.map((_, i) => [...row(both[0].embeddings, i)]),
  );
  expect(await features(at('sums.onnx'), at('pictures'))).toMatchObject({ computed: 0 });
  writeFileSync(at('no-folder'), '');
  vi.stubEnv('KINDRED_CACHE', at('no-folder'));
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  expect(await features(at('sums.onnx'), at('pictures'))).toMatchObject({ computed: 12 });
  expect(warn.mock.calls[0][0]).toMatch(
    /^Vectors that are computed now are not kept for the next time: KINDRED_CACHE, .*no-folder cannot be used/,
  );
});

test('a model that Kindred exported, which takes bytes', async () => {
  const encoder = mlp({ dimension: 5, hidden: [] });
  const x = input('pixels', ['batch', 8, 8, 3], 'uint8');
  const wrapped = {
    ...encoder,
    apply: (scope: Parameters<typeof encoder.apply>[0], node: typeof x) => encoder.apply(scope, cast(node, 'float32')),
  };
  const { parameters } = trace(wrapped, x);
  const values = initialize(parameters, Random.seeded(1));
  const bytes = exportEncoder(wrapped, x, new Map(parameters.map(({ name }, i) => [name, values[i]])));
  writeFileSync(at('mlp.onnx'), bytes);
  const { pictures } = await readPictures(at('pictures'), shape);
  const program = await Program.compile(bytes, { threads: 1 });
  const { embeddings } = await program.run({ pixels: { shape: [12, 8, 8, 3], data: pictures.pixels } });
  await program.release();
  const result = await features(at('mlp.onnx'), at('pictures'));
  close(
    result.embeddings,
    Array.from({ length: 12 }, (_, i) => [...(embeddings.data as Float32Array).subarray(5 * i, 5 * i + 5)]),
  );
});

test('a result that is no output of the file, its place in a module, a fixed batch, and maps', async () => {
  const model = fixture('tiny-resnet.onnx');
  // It takes [n, 1, 8, 8].
  const options = { output: '/layer1' };
  const maps = await features(model, at('pictures'), options);
  expect(maps.notes[1]).toMatch(/^each output is \d+ x \d+ x \d+, flattened to \d+ values; --pool mean averages$/);
  const [c, h, w] = (/is (\d+) x (\d+) x (\d+)/.exec(maps.notes[1]) as RegExpExecArray).slice(1).map(Number);
  expect(maps.embeddings.columns).toBe(c * h * w);
  const means = await features(model, at('pictures'), { ...options, pool: 'mean' });
  close(
    means.embeddings,
    maps.ids.map((_, i) =>
      Array.from(
        { length: c },
        (_, k) =>
          row(maps.embeddings, i)
            .subarray(k * h * w, (k + 1) * h * w)
            .reduce((a, b) => a + b, 0) /
          (h * w),
      ),
    ),
  );
  expect(await message(features(model, at('pictures'), { ...options, output: 'layer9' }))).toMatch(
    /there is no "layer9".*Name one such as/,
  );

  writeFileSync(at('five.onnx'), sums([5, 3, 8, 8]));
  const five = await features(at('five.onnx'), at('pictures'), { pixels: 'unit' });
  const open = await features(at('sums.onnx'), at('pictures'), { pixels: 'unit' });
  close(
    five.embeddings,
    open.ids.map((_, i) => [...row(open.embeddings, i)]),
  );
  expect(five).toMatchObject({ computed: 12 });
  expect(await message(features(at('five.onnx'), at('pictures'), { batch: 4 }))).toMatch(
    'The batch is that of the model, not 4',
  );
});

test('vectors of an array and of a table', async () => {
  writeFileSync(at('vectors.onnx'), sums(['b', 3]));
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const header = `${"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117)}\n`;
  writeFileSync(
    at('v.npy'),
    Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(header), Buffer.from(values.buffer)]),
  );
  const array = await features(at('vectors.onnx'), at('v.npy'));
  expect(array).toMatchObject({ kind: 'vectors', ids: ['0', '1'], labels: undefined });
  close(array.embeddings, [naive([1, 2, 3]), naive([4, 5, 6])]);
  writeFileSync(at('v.jsonl'), '{"id":"p","vector":[4,5,6],"label":"l"}\n{"id":"q","vector":[1,2],"label":"l"}\n');
  const table = await features(at('vectors.onnx'), at('v.jsonl'));
  expect(table).toMatchObject({ ids: ['p'], labels: ['l'], computed: 0, reused: 1 });
  expect(table.skipped).toEqual([
    { path: `${at('v.jsonl')}, line 2, column vector`, reason: expect.stringContaining('2 values') },
  ]);
  close(table.embeddings, [naive([4, 5, 6])]);
  expect(await message(features(at('vectors.onnx'), at('v.jsonl'), { strict: true }))).toContain('line 2');
  expect(await message(features(at('vectors.onnx'), at('v.jsonl'), { column: 'vektor' }))).toContain(
    'Did you mean vector?',
  );
});

test('sounds: spectrograms in windows, averaged or each', async () => {
  const random = Random.seeded(2);
  const sounds = [1300, 2100, 100].map((length) =>
    Float32Array.from({ length }, () => Math.round(16384 * (random.uniform() - 0.5)) / 16384),
  );
  mkdirSync(at('sounds', 'x'), { recursive: true });
  for (const [i, samples] of sounds.entries())
    writeFileSync(
      at('sounds', 'x', `${i}.wav`),
      wav(
        Int16Array.from(samples, (value) => Math.round(value * 16384)),
        1000,
      ),
    );
  writeFileSync(at('sounds', 'x', 'bad.wav'), 'no sound');
  writeFileSync(at('sounds.onnx'), sums(['b', 30, 4]));
  // 16384 of 32768: what is stored is half of what was drawn.
  const windowsOf = (samples: Float32Array) => {
    const half = samples.map((value) => Math.round(value * 16384) / 32768);
    const padded = new Float32Array(Math.max(half.length, 315));
    padded.set(half);
    const { data } = logMel({ rate: 1000, bands: 4 })(padded);
    return Array.from({ length: Math.floor(data.length / 120) }, (_, k) =>
      naive(data.subarray(120 * k, 120 * (k + 1))),
    );
  };
  const windows = sounds.map(windowsOf);
  expect(windows.map(({ length }) => length)).toEqual([4, 6, 1]);
  const mean = (rows: number[][]) => [0, 1].map((c) => rows.reduce((sum, values) => sum + values[c], 0) / rows.length);
  const options = { rate: 1000, batch: 3 };
  const averaged = await features(at('sounds.onnx'), at('sounds'), options);
  expect(averaged).toMatchObject({ kind: 'sounds', ids: ['x/0.wav', 'x/1.wav', 'x/2.wav'], labels: ['x', 'x', 'x'] });
  expect(averaged.skipped).toEqual([{ path: at('sounds', 'x', 'bad.wav'), reason: 'is not a WAV file' }]);
  close(averaged.embeddings, windows.map(mean));
  expect(rowsRun()).toBe(11);
  const each = await features(at('sounds.onnx'), at('sounds'), { ...options, average: false });
  expect(each.ids.slice(0, 5)).toEqual([
    'x/0.wav 0 s',
    'x/0.wav 0.3 s',
    'x/0.wav 0.6 s',
    'x/0.wav 0.9 s',
    'x/1.wav 0 s',
  ]);
  expect(each.labels).toHaveLength(11);
  close(each.embeddings, windows.flat());
  spied.mockClear();
  expect(await features(at('sounds.onnx'), at('sounds'), { ...options, average: false })).toMatchObject({
    ids: each.ids,
    embeddings: each.embeddings,
  });
  expect(rowsRun()).toBe(0);
  expect(await message(features(at('sounds.onnx'), at('sounds'), { ...options, strict: true }))).toContain(
    'bad.wav is not a WAV file',
  );
});

const ffmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!ffmpeg) console.log('Features of videos are not tested: there is no ffmpeg. Install it: apt-get install ffmpeg');

test.skipIf(!ffmpeg)('videos: the mean over frames', async () => {
  mkdirSync(at('videos'));
  for (const [name, seconds] of [
    ['a', 2],
    ['b', 3],
  ] as const) {
    const made = spawnSync('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=32x24:rate=10',
      '-t',
      String(seconds),
      at('videos', `${name}.mp4`),
    ]);
    expect(made.stderr.toString()).toBe('');
  }
  writeFileSync(at('videos', 'c.mp4'), 'no video');
  const wanted: number[][][] = [];
  for (const name of ['a', 'b']) {
    const rows: number[][] = [];
    for await (const frame of videoFrames(at('videos', `${name}.mp4`), { ...shape, rate: 2 }))
      rows.push(naive(planes(frame).map((value) => value / 255)));
    wanted.push(rows);
  }
  const options = { pixels: 'unit', fps: 2, batch: 3 } as const;
  const result = await features(at('sums.onnx'), at('videos'), options);
  expect(result).toMatchObject({ kind: 'videos', ids: ['a.mp4', 'b.mp4'], computed: 2 });
  expect(result.skipped).toEqual([
    { path: at('videos', 'c.mp4'), reason: expect.stringContaining('cannot be decoded') },
  ]);
  close(
    result.embeddings,
    wanted.map((rows) => [0, 1].map((c) => rows.reduce((sum, values) => sum + values[c], 0) / rows.length)),
  );
  const each = await features(at('sums.onnx'), at('videos'), { ...options, average: false });
  expect(each.ids.slice(0, 2)).toEqual(['a.mp4 0 s', 'a.mp4 0.5 s']);
  close(each.embeddings, wanted.flat());
});

test.skipIf(!ffmpeg)('the sounds of videos, where these are asked for; a silent film has none', async () => {
  mkdirSync(at('films'));
  const film = (name: string, ...source: string[]) => {
    const picture = ['-f', 'lavfi', '-i', 'testsrc=size=32x24:rate=10'];
    const made = spawnSync('ffmpeg', ['-v', 'error', ...picture, ...source, '-t', '1', at('films', name)]);
    expect(made.stderr.toString()).toBe('');
  };
  const beep = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=16000'];
  film('beep.mkv', ...beep, '-c:a', 'pcm_s16le');
  film('silent.mkv');
  writeFileSync(at('heard.onnx'), sums(['b', 30, 4]));
  spawnSync('ffmpeg', ['-v', 'error', ...beep, '-t', '1', at('beep.wav')]);
  const options = { kind: 'sounds', rate: 16_000 } as const;
  const result = await features(at('heard.onnx'), at('films'), options);
  expect(result).toMatchObject({ kind: 'sounds', ids: ['beep.mkv'], computed: 1 });
  expect(result.skipped).toEqual([{ path: at('films', 'silent.mkv'), reason: expect.any(String) }]);
  const { embeddings } = await features(at('heard.onnx'), at('beep.wav'), options);
  close(result.embeddings, [[...embeddings.data]]);
  const one = await features(at('heard.onnx'), at('films', 'beep.mkv'), options);
  close(one.embeddings, [[...embeddings.data]]);
});

test('texts by a tokenizer: the mean over tokens, without padding', async () => {
  const vocab = { '[PAD]': 0, '[UNK]': 1, red: 2, green: 3, mug: 4 };
  writeFileSync(
    at('tokenizer.json'),
    JSON.stringify({
      version: '1.0',
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'WhitespaceSplit' },
      post_processor: null,
      decoder: null,
      model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
    }),
  );
  writeFileSync(
    at('texts.onnx'),
    onnxModel({
      opset: 17,
      inputs: { input_ids: { shape: ['b', 'n'], type: 'int64' }, attention_mask: { shape: ['b', 'n'], type: 'int64' } },
      outputs: { states: { shape: ['b', 'n', 2] } },
      initializers: { table: { shape: [5, 2], values: [900, 900, 1, 2, 10, 20, 30, 40, 50, 60] } },
      nodes: [
        ['Gather', ['table', 'input_ids'], ['rows'], { axis: 0 }],
        ['Cast', ['attention_mask'], ['mask'], { to: 1 }],
        ['Unsqueeze', ['mask', 'axis'], ['column']],
        ['Mul', ['rows', 'column'], ['states']],
        ['Constant', [], ['axis'], { value: { tensor: { shape: [1], values: [-1], type: 'int64' } } }],
      ].sort(([a], [b]) => Number(b === 'Constant') - Number(a === 'Constant')) as unknown as NodeParts[],
    }),
  );
  writeFileSync(at('texts.txt'), 'red mug\n\ngreen\nred green mug blue\n');
  const options = { tokenizer: at('tokenizer.json'), length: 3 };
  const result = await features(at('texts.onnx'), at('texts.txt'), options);
  expect(result).toMatchObject({ kind: 'texts', ids: ['1', '3', '4'], notes: [] });
  close(result.embeddings, [
    [30, 40],
    [30, 40],
    [30, 40],
  ]);
  const first = await features(at('texts.onnx'), at('texts.txt'), { ...options, pool: 'first' });
  close(first.embeddings, [
    [10, 20],
    [30, 40],
    [10, 20],
  ]);
  writeFileSync(at('texts.csv'), 'id,title,label\na,mug,x\nb,green,y\n');
  const table = await features(at('texts.onnx'), at('texts.csv'), { ...options, column: 'title' });
  expect(table).toMatchObject({ ids: ['a', 'b'], labels: ['x', 'y'] });
  close(table.embeddings, [
    [50, 60],
    [30, 40],
  ]);
  expect(await message(features(at('texts.onnx'), at('texts.txt')))).toContain(
    'Name its tokenizer.json with --tokenizer',
  );
  expect(
    await message(features(at('texts.onnx'), at('texts.txt'), { ...options, pool: 'flatten', batch: 1 })),
  ).toContain('All vectors have one dimension');
});

test('files that a list or a table names', async () => {
  const files = ['red/0.png', 'blue/1.png', 'none.png'];
  writeFileSync(at('pictures', 'list.txt'), `${files.join('\n')}\n`);
  const list = await features(at('sums.onnx'), at('pictures', 'list.txt'));
  expect(list).toMatchObject({ kind: 'pictures', ids: ['red/0.png', 'blue/1.png'] });
  expect(list.skipped).toEqual([{ path: at('pictures', 'none.png'), reason: 'does not exist' }]);
  writeFileSync(at('pictures', 'table.csv'), `label,path\nwarm,red/0.png\ncold,blue/1.png\n`);
  const table = await features(at('sums.onnx'), at('pictures', 'table.csv'));
  expect(table).toMatchObject({
    ids: ['red/0.png', 'blue/1.png'],
    labels: ['warm', 'cold'],
    embeddings: list.embeddings,
    computed: 0,
  });
  const single = await features(at('sums.onnx'), at('pictures', 'red', '0.png'));
  expect(single.embeddings.data).toEqual(row(list.embeddings, 0));
});

test('inputs of other types are cast, and weights beside the file are part of the model', async () => {
  const model = fromBinary(ModelProtoSchema, sums(['b', 3]));
  const [tensor] = (model.graph as GraphProto).initializer;
  writeFileSync(at('w.bin'), tensor.rawData);
  tensor.rawData = new Uint8Array(0);
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.externalData.push(create(StringStringEntryProtoSchema, { key: 'location', value: 'w.bin' }));
  writeFileSync(at('outside.onnx'), toBinary(ModelProtoSchema, model));
  writeFileSync(at('outside.jsonl'), '{"id":"p","vector":[4,5,6]}\n');
  close((await features(at('outside.onnx'), at('outside.jsonl'))).embeddings, [naive([4, 5, 6])]);
  writeFileSync(at('w.bin'), new Float32Array([1, 2, 1, 2, 1, 2]));
  close((await features(at('outside.onnx'), at('outside.jsonl'))).embeddings, [[15, 30]]);
  rmSync(at('w.bin'));
  expect(await message(features(at('outside.onnx'), at('outside.jsonl')))).toContain(
    'has some in w.bin, and there is no',
  );

  const double = fromBinary(ModelProtoSchema, sums(['b', 3]));
  const type = (double.graph as GraphProto).input[0].type?.value;
  if (type?.case === 'tensorType') type.value.elemType = TensorProto_DataType.DOUBLE;
  writeFileSync(at('double.onnx'), toBinary(ModelProtoSchema, double));
  close((await features(at('double.onnx'), at('outside.jsonl'))).embeddings, [naive([4, 5, 6])]);
  if (type?.case === 'tensorType') type.value.elemType = TensorProto_DataType.FLOAT16;
  writeFileSync(at('half.onnx'), toBinary(ModelProtoSchema, double));
  const refused = await message(features(at('half.onnx'), at('outside.jsonl')));
  expect(refused).toContain('the model takes x float16 [b, 3]. Convert the model to float32');
});

test('items that cannot be read, or give no numbers, are left out and listed, or with strict an error', async () => {
  await writeClasses(at('mixed'), { a: [1, 2, 3] }, 1, { size: 8 });
  writeFileSync(at('mixed', 'a', '1.png'), 'no picture');
  writeFileSync(at('mixed', 'a', '2.png'), 'no picture');
  const result = await features(at('sums.onnx'), at('mixed'));
  expect(result.ids).toEqual(['a/0.png']);
  const reason = 'is not a picture, or is damaged';
  expect(result.skipped).toEqual([1, 2].map((i) => ({ path: at('mixed', 'a', `${i}.png`), reason })));
  expect(await message(features(at('sums.onnx'), at('mixed'), { strict: true }))).toContain(`1.png ${reason}`);
  writeFileSync(
    at('nan.onnx'),
    sums(['b', 2], 'float32').map((byte) => byte),
  );
  writeFileSync(
    at('root.onnx'),
    onnxModel({
      opset: 17,
      inputs: { x: { shape: ['b', 1] } },
      outputs: { y: { shape: ['b', 1] } },
      nodes: [['Sqrt', ['x'], ['y']]],
    }),
  );
  writeFileSync(at('roots.jsonl'), '{"id":"a","vector":[4]}\n{"id":"b","vector":[-4]}\n');
  const roots = await features(at('root.onnx'), at('roots.jsonl'));
  expect(roots).toMatchObject({
    ids: ['a'],
    skipped: [{ path: 'b', reason: 'gets values from the model that are not finite' }],
  });
  close(roots.embeddings, [[2]]);
  writeFileSync(at('roots.jsonl'), '{"id":"b","vector":[-4]}\n');
  expect(await message(features(at('root.onnx'), at('roots.jsonl')))).toContain('none of 1 does; b gets values');
});

test('models that cannot serve', async () => {
  const [items, model] = [at('pictures'), at('wrong.onnx')];
  expect(await message(features(at('missing.onnx'), items))).toContain('there is no');
  writeFileSync(model, 'hello, this is no model');
  expect(await message(features(model, items))).toMatch(/A model is an ONNX file: .*23 bytes, is none/);
  writeFileSync(model, sums(['b', 3, 8, 8]).subarray(0, 400));
  await message(features(model, items));
  writeFileSync(model, sums(['b', 7, 8, 8]));
  expect(await message(features(model, items))).toContain('the model takes x float32 [b, 7, 8, 8]');
  expect(await message(features(at('sums.onnx'), at('nothing')))).toContain('there is no');
  const two = {
    opset: 17,
    inputs: { x: { shape: ['b', 2] } },
    outputs: { p: { shape: ['b', 2] }, q: { shape: ['b', 2] } },
  } as const;
  writeFileSync(
    model,
    onnxModel({
      ...two,
      nodes: [
        ['Relu', ['x'], ['p']],
        ['Neg', ['x'], ['q']],
      ],
    }),
  );
  writeFileSync(at('two.jsonl'), '{"id":"a","vector":[-4,5]}\n');
  expect(await message(features(model, at('two.jsonl')))).toContain(
    'gives p float32 [b, 2], q float32 [b, 2]. Say which with --output-name',
  );
  close((await features(model, at('two.jsonl'), { output: 'q' })).embeddings, [[4, -5]]);
});
