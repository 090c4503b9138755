import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, test, vi } from 'vitest';
import { embedded, expectSame, runAndPictures } from '../embedded-pictures.ts';

const script = fileURLToPath(new URL('./embed.py', import.meta.url));
const standIn = fileURLToPath(new URL('./stand-in', import.meta.url));
const runModel = fileURLToPath(new URL('./run-model.mjs', import.meta.url));
const works = (python: string, modules: string): boolean => {
  try {
    execFileSync(python, ['-c', `import ${modules}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const python = ['python3', '/usr/bin/python3'].find((each) => works(each, 'numpy, PIL'));
const genuine = python !== undefined && works(python, 'onnxruntime');
if (python === undefined)
  console.warn('Skipped: the guide’s Python needs numpy and Pillow (Debian: python3-pil, python3-numpy).');
else if (!genuine) console.warn('Python has no onnxruntime: onnxruntime-node answers in its place.');

const work = mkdtempSync(join(tmpdir(), 'kindred-python-'));
afterAll(() => rmSync(work, { recursive: true }));

describe.skipIf(python === undefined).each([1, 3] as const)('Python, %i channels', (channels) => {
  test('gives the vectors of kindred embed', async () => {
    const folder = join(work, String(channels));
    mkdirSync(folder);
    const { run, pictures } = await runAndPictures(folder, channels);
    const all = [...pictures.exact, ...pictures.others];
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const expected = await embedded(run, all, folder);
    vi.restoreAllMocks();
    const lines = execFileSync(python as string, [script, run, ...all], {
      encoding: 'utf8',
      env: {
        ...process.env,
        RUN_MODEL: runModel,
        PYTHONDONTWRITEBYTECODE: '1',
        ...(!genuine && { PYTHONPATH: standIn }),
      },
    });
    const vectors = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as number[]);
    expectSame(vectors, expected, pictures.exact.length);
  });
});
