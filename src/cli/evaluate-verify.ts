import { join } from 'node:path';
import { must } from '../core/error.ts';
import type { Matrix } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { Random } from '../core/random.ts';
import { Embedder } from '../encoders/embedder.ts';
import { imageFeed } from '../encoders/feeds/image.ts';
import { type FoldedPairs, foldsOfPeople } from '../evaluation/folds.ts';
import { distancesOfPairs, type PeoplePairs } from '../evaluation/identity-pairs.ts';
import { fromBytes, quantised } from '../evaluation/quantise.ts';
import { type VerificationReport, verificationReport } from '../evaluation/verification-report.ts';
import { chooseDevice, type Device } from '../onnx/device.ts';
import { readPictures } from '../readers/folders.ts';
import { readLfwPairs } from '../readers/lfw-pairs.ts';
import { openRun, runFiles } from '../runs/files.ts';
import { counted } from '../runs/page/numbers.ts';
import { printResult, table } from './output.ts';
import { pictureSize } from './pictures.ts';
import { ProgressLine } from './progress.ts';
import { peopleOfRun } from './run-people.ts';

export interface VerifyOptions {
  readonly part: 'test' | 'validation';
  readonly pairs?: string;
  readonly images?: string;
  readonly bytes?: boolean;
  readonly crop?: 'detect';
  readonly threads: number;
  readonly device: Device | 'auto';
  readonly json?: boolean;
}

interface Given {
  readonly pairs: PeoplePairs;
  readonly embeddings: Matrix;
  readonly folded: FoldedPairs;
  readonly metric: Metric;
  readonly of: string;
  readonly seed: number;
}

/** `kindred evaluate --task verify`, and `--pairs`. */
export async function evaluateVerify(run: string, options: VerifyOptions): Promise<void> {
  const given = options.pairs === undefined ? await ofPart(run, options) : await ofFile(run, options.pairs, options);
  const { pairs, embeddings, folded, metric, of, seed } = given;
  const distances = distancesOfPairs(embeddings, pairs, metric);
  const others = options.bytes && distancesOfPairs(fromBytes(embeddings, quantised(embeddings)), pairs, metric);
  const report = verificationReport(pairs, distances, { folded, seed, ...(others && { others }) });
  printResult(options.json, { run, task: 'verify', of, metric, ...report }, () =>
    textOf(report, of, embeddings.columns),
  );
}

async function ofPart(run: string, { part, images }: VerifyOptions): Promise<Given> {
  must(images === undefined, () => ({
    rule: 'Pictures in a folder are verified by a file of pairs',
    received: '--images without --pairs',
    next: 'Name the file of pairs with --pairs',
    exitCode: 2,
  }));
  const people = await peopleOfRun(run);
  const { pairs, embeddings, unseen } = people.part(part);
  const { metric, seed } = people;
  const folded = foldsOfPeople(pairs, Random.seeded(seed).split('folds'));
  const seen = unseen ? 'people never seen in training' : 'people who were in training too';
  return { pairs, embeddings, folded, metric, of: `the ${part} part, ${seen}`, seed };
}

async function ofFile(run: string, path: string, options: VerifyOptions): Promise<Given> {
  const { images } = options;
  must(images !== undefined, () => ({
    rule: 'A file of pairs speaks of pictures in a folder',
    received: '--pairs without --images',
    next: 'Name the folder with --images',
    exitCode: 2,
  }));
  const { folder, recipe } = openRun(run);
  const { pictures: names, person, a, b, same, folds } = readLfwPairs(path, images);
  const { model } = runFiles(folder);
  const embedder = await Embedder.open(model, {
    threads: options.threads,
    device: await chooseDevice(options.device),
  });
  const line = new ProgressLine();
  try {
    const paths = names.map((name) => join(images, name));
    const { pictures } = await readPictures(paths, {
      ...pictureSize(embedder.input, model, options.crop),
      strict: true,
      progress: (done, total) => line.work('reading', done, total),
    });
    const embeddings = await embedder.embed(imageFeed(pictures), {
      progress: (done, total) => line.work('embedding', done, total),
    });
    const numbers = new Map([...new Set(person)].map((name, i) => [name, i]));
    const of = Int32Array.from(person, (name) => numbers.get(name) as number);
    const sides = { first: a.map((at) => of[at]), second: b.map((at) => of[at]) };
    const pairs = { a, b, same, ...sides, people: numbers.size };
    return { pairs, embeddings, folded: { folds }, metric: 'cosine', of: path, seed: recipe.seed };
  } finally {
    line.clear();
    await embedder.release();
  }
}

const shown = (value: number) => value.toFixed(4);

function textOf(report: VerificationReport, of: string, dimension: number): string {
  const { people, same, different, accuracy10Fold, rocAuc, eer, valAtFar, valChange } = report;
  const folds = 'folds' in accuracy10Fold ? accuracy10Fold.folds : 10;
  const named = [
    { name: `accuracy, ${folds} folds`, ...accuracy10Fold },
    { name: 'ROC AUC', ...rocAuc },
    { name: 'equal error rate', ...eer },
    ...Object.entries(valAtFar).map(([far, each]) => ({ name: `VAL at FAR ${far}`, ...each })),
  ];
  const rows = named.map((each) =>
    each.value === null
      ? [each.name, '–', each.reason]
      : [each.name, shown(each.value), each.standardError === null ? '–' : `+- ${shown(each.standardError)}`],
  );
  const changes = Object.entries(valChange ?? {}).map(([far, each]) =>
    'change' in each
      ? [`VAL at FAR ${far}`, shown(each.change), `${shown(each.interval[0])} to ${shown(each.interval[1])}`]
      : [`VAL at FAR ${far}`, '–', each.reason],
  );
  const short = named.find((each) => each.value !== null && each.standardError === null);
  return [
    `${of}: ${counted(people, 'people')}, ${counted(same, 'same pairs')}, ${counted(different, 'different pairs')}`,
    '',
    table([['', 'value', 'standard error'], ...rows]),
    ...(short && 'reason' in short
      ? ['', `No standard error, and so no verdict on what is better: ${short.reason}`]
      : []),
    ...(changes.length === 0
      ? []
      : [
          '',
          `With ${dimension} bytes instead of ${4 * dimension}:`,
          '',
          table([['', 'change', '95 % interval over people'], ...changes]),
        ]),
  ].join('\n');
}
