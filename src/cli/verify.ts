import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { must } from '../core/error.ts';
import type { Matrix } from '../core/matrix.ts';
import { Embedder } from '../encoders/embedder.ts';
import { imageFeed } from '../encoders/feeds/image.ts';
import { falseMatchesAt } from '../evaluation/calibrate.ts';
import { distanceBetween } from '../evaluation/distance-between.ts';
import { galleryOf, nearestPeople } from '../evaluation/gallery.ts';
import { leastKnown, rejectionScores } from '../evaluation/rejection.ts';
import { chooseDevice, type Device } from '../onnx/device.ts';
import { readPictures } from '../readers/folders.ts';
import { type Calibration, openCalibration } from '../runs/calibration.ts';
import { openRun, runFiles } from '../runs/files.ts';
import { openIndex } from '../search/saved.ts';
import { cropOption, deviceOption, jsonOption, threadsOption } from './options.ts';
import { printResult } from './output.ts';
import { pictureSize } from './pictures.ts';

interface Options {
  readonly crop?: 'detect';
  readonly threads: number;
  readonly device: Device | 'auto';
  readonly json?: boolean;
}

export const verifyCommand = (): Command =>
  new Command('verify')
    .description('say whether two pictures show the same, or whom of those that the run knows one shows')
    .argument('<run>', 'a folder that `kindred train` wrote and `kindred calibrate` calibrated')
    .argument('<picture>', 'a picture')
    .argument('[other]', 'another; without it the picture is looked up among the items of the run')
    .addOption(cropOption())
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred verify runs/faces one.jpg other.jpg')
    .action(verify);

async function verify(run: string, picture: string, other: string | undefined, options: Options): Promise<void> {
  const { folder } = openRun(run);
  const calibration = openCalibration(run);
  const paths = other === undefined ? [picture] : [picture, other];
  const embeddings = await embedded(folder, paths, options);
  if (other === undefined) return identify(run, folder, picture, embeddings, calibration, options);
  const { metric, threshold, falseMatches, validation } = calibration;
  const distance = distanceBetween(embeddings, metric)(0, 1);
  const same = distance <= threshold;
  const rate = falseMatchesAt(falseMatches, distance);
  const least = 3 / validation.different;
  printResult(
    options.json,
    {
      run,
      pictures: paths,
      same,
      distance,
      threshold,
      metric,
      falseMatchRate: rate,
      ...(rate < least && { atMost: least }),
    },
    () =>
      [
        same ? 'the same' : 'different',
        `distance ${distance.toFixed(4)} (${metric}), threshold ${threshold.toFixed(4)}`,
        `different pairs that are as close: ${rate < least ? `less than ${shown(least)}` : shown(rate)}`,
      ].join('\n'),
  );
}

const shown = (value: number) => Number(value.toPrecision(2)).toString();

async function identify(
  run: string,
  folder: string,
  picture: string,
  embeddings: Matrix,
  { rejection, metric }: Calibration,
  { json }: Options,
): Promise<void> {
  const index = await openIndex(runFiles(folder).index);
  const { ids, labels, names } = await index.items();
  must(!('reason' in rejection), () => ({
    rule: 'Whom a picture shows is said by a score that the calibration chose',
    received: `it chose none: ${'reason' in rejection ? rejection.reason : ''}`,
    next: 'Give two pictures, or train with more people in validation',
  }));
  must(labels !== undefined && names !== undefined && names.length >= leastKnown, () => ({
    rule: `Whom a picture shows is looked up among ${leastKnown} people or more`,
    received: `the items of the run have ${names?.length ?? 'no'} names`,
    next: 'Give two pictures',
  }));
  const people = nearestPeople(galleryOf(await index.vectors(), labels, metric), embeddings)(0);
  const { score, near } = rejectionScores[rejection.score](people);
  const known = score <= rejection.threshold;
  const nearest = { person: names[near.person], item: ids[near.item], distance: near.distances[0] };
  const result = { score, threshold: rejection.threshold, by: rejection.score };
  printResult(json, { run, picture, known, ...(known && { person: nearest.person }), nearest, ...result }, () =>
    [
      known ? nearest.person : 'nobody known',
      `nearest ${nearest.person}, ${nearest.item}, distance ${nearest.distance.toFixed(4)} (${metric})`,
      `score "${rejection.score}" ${score.toFixed(4)}, somebody up to ${rejection.threshold.toFixed(4)}`,
    ].join('\n'),
  );
}

/** Pictures as people bring them, by the model of the run. One that cannot be read is named. */
async function embedded(folder: string, paths: readonly string[], { threads, device, crop }: Options): Promise<Matrix> {
  const gone = paths.find((path) => !existsSync(path));
  must(gone === undefined, () => ({
    rule: 'What is verified is a picture file',
    received: `there is no ${gone}`,
    next: 'Check the path',
    exitCode: 2,
  }));
  const { model } = runFiles(folder);
  const embedder = await Embedder.open(model, { threads, device: await chooseDevice(device) });
  try {
    const size = pictureSize(embedder.input, model, crop);
    const { pictures } = await readPictures(paths, { ...size, strict: true });
    // The same path twice is read once.
    const positions = Int32Array.from(paths, (path) => pictures.ids.indexOf(path));
    return await embedder.embed(imageFeed(pictures), { positions });
  } finally {
    await embedder.release();
  }
}
