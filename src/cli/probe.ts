import { Command, Option } from 'commander';
import { must } from '../core/error.ts';
import { type Matrix, takeRows } from '../core/matrix.ts';
import { Embedder } from '../encoders/embedder.ts';
import { feedOf } from '../encoders/feed-of.ts';
import { idInput } from '../encoders/feeds/id.ts';
import { type Probes, probe, probeDifference, probeShares } from '../evaluation/probe.ts';
import { chooseDevice, type Device } from '../onnx/device.ts';
import type { Runtime } from '../onnx/program.ts';
import { build } from '../recipes/build.ts';
import type { GroupRelations } from '../relations/relations.ts';
import { rawNames } from '../train/finish.ts';
import { untrained } from '../train/untrained.ts';
import { deviceOption, jsonOption, threadsOption } from './options.ts';
import { printResult, table } from './output.ts';
import { ProgressLine } from './progress.ts';
import { dataOfRun, type RunData } from './run-data.ts';

interface Options {
  readonly part: 'test' | 'validation';
  readonly baselines?: boolean;
  readonly threads: number;
  readonly device: Device | 'auto';
  readonly json?: boolean;
}

export const probeCommand = (): Command =>
  new Command('probe')
    .description(
      'how well a linear classifier, and the nearest neighbours, tell the classes of a run by its embeddings',
    )
    .argument('<run>', 'a folder that `kindred train` wrote, of items whose classes are known')
    .addOption(
      new Option('--part <part>', 'what to report on; settings are chosen on validation, which is then no test')
        .choices(['test', 'validation'])
        .default('test'),
    )
    .option('--baselines', 'the same by the features as they are, such as raw pixels, and by random weights')
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred probe runs/simclr-fashion --baselines')
    .action(run);

async function run(name: string, options: Options): Promise<void> {
  const opened = await dataOfRun(name);
  const { recipe, files, data } = opened;
  const { labels, names } = classesOf(opened);
  const runtime: Runtime = { threads: options.threads, device: await chooseDevice(options.device) };
  const { parts } = data;
  const reported = parts[options.part];
  const { seed } = recipe;
  const line = new ProgressLine();
  const model = await Embedder.open(files.model, runtime);
  // A run does without the files that define its parts, except where they say how items are looked at.
  const texts = Object.values(data.items.modalities).some(({ kind }) => kind === 'text');
  const needed = texts || model.input.name === idInput.name || model.input.parts !== undefined || options.baselines;
  const { encoder } = needed ? await build(recipe) : {};
  // With random weights the input is scaled as it was in training.
  const feed = feedOf(data.items, { ...recipe.input, ...(encoder && { encoder }), trained: parts.train.items });
  const all = Int32Array.from([parts.train, parts.validation, parts.test].flatMap(({ items }) => [...items]));
  const places = new Map(Array.from(all, (item, place) => [item, place]));
  const probed = (what: string, embeddings: Matrix) => {
    const part = ({ items }: RunData['data']['parts']['test']) => ({
      embeddings: takeRows(
        embeddings,
        Array.from(items, (item) => places.get(item) as number),
      ),
      labels: items.map((item) => labels[item]),
    });
    return probe({
      ...{ train: part(parts.train), validation: part(parts.validation), test: part(reported) },
      ...{ seed, threads: options.threads },
      progress: (done, total) => line.work(`probing ${what}`, done, total),
    });
  };
  const embed = async (what: string, embedder: Embedder) => {
    try {
      return await embedder.embed(feed, { positions: all, progress: (done, total) => line.work(what, done, total) });
    } finally {
      await embedder.release();
    }
  };
  const ours = await probed('the run', await embed('embedding', model));
  const others: Record<string, { name: string; probes: Probes }> = {};
  if (encoder && options.baselines) {
    const start = await untrained(encoder, feed, { seed, positions: parts.train.items, runtime });
    const random = await embed('embedding by random weights', await Embedder.open(start, runtime));
    others.randomWeights = { name: 'random weights', probes: await probed('random weights', random) };
    const raw = rawNames[feed.kind];
    others.raw = { name: raw, probes: await probed(raw, feed.features(all)) };
  }
  line.clear();
  const baselines = Object.fromEntries(
    Object.entries(others).map(([key, { name: called, probes }]) => [
      key,
      { name: called, ...shown(probes), difference: differences(ours, probes, seed) },
    ]),
  );
  const items = { train: parts.train.items.length, validation: parts.validation.items.length };
  printResult(
    options.json,
    {
      ...{ run: name, part: options.part, classes: names.length },
      items: { ...items, test: parts.test.items.length },
      ...shown(ours),
      ...(options.baselines && { baselines }),
    },
    () =>
      textOf(
        [{ name, probes: ours }, ...Object.values(others)],
        `${reported.items.length} items of the ${options.part} part`,
        seed,
      ),
  );
}

/** The classes of the items: those that are learned, or those that are known beside. */
function classesOf({ data }: RunData): GroupRelations {
  const { relations, labels } = data;
  const known = [relations, ...Object.values(labels)].find(({ kind }) => kind === 'groups');
  must(known?.kind === 'groups', () => ({
    rule: 'A probe tells the classes of items, one for each',
    received: `relations of the kind ${relations.kind}, and no label with classes`,
    next: 'Give the items a column of labels, or folders; learn: views keeps them from training',
  }));
  return known;
}

/** With all labels at the top, and the shares of them below their names; what each item got is left out. */
function shown({ all, ...shares }: Probes) {
  const plain = ({ correct: _, ...probed }: Probes['all']) => probed;
  return {
    ...plain(all),
    at10Percent: plain(shares.at10Percent),
    at1Percent: plain(shares.at1Percent),
  };
}

function differences(ours: Probes, theirs: Probes, seed: number) {
  const { all, ...shares } = Object.fromEntries(
    Object.keys(probeShares).map((share) => {
      const key = share as keyof Probes;
      return [key, probeDifference(ours[key], theirs[key], seed)];
    }),
  );
  return { ...all, ...shares };
}

const percent = (value: number) => (100 * value).toFixed(1);

function textOf(rows: readonly { name: string; probes: Probes }[], what: string, seed: number): string {
  const [first, ...others] = rows;
  const shares = Object.keys(probeShares).reverse() as (keyof Probes)[];
  const cells = rows.flatMap(({ name, probes }) =>
    shares.map((share) => {
      const { labels, intervals, linearAccuracy, knnAccuracy } = probes[share];
      const spread = ([low, high]: readonly [number, number]) => `${percent(low)}–${percent(high)}`;
      return [
        ...[name, labels, percent(linearAccuracy), spread(intervals.linearAccuracy)],
        ...[percent(knnAccuracy), spread(intervals.knnAccuracy)],
      ];
    }),
  );
  const gains = others.map(({ name, probes }) => {
    const { linearAccuracy } = probeDifference(first.probes.at1Percent, probes.at1Percent, seed);
    const [low, high] = linearAccuracy.interval.map(percent);
    const points = `${linearAccuracy.value > 0 ? '+' : ''}${percent(linearAccuracy.value)} (${low} to ${high})`;
    return `Against ${name}, a linear classifier at 1 % of the labels: ${points} points`;
  });
  return [
    `Right of 100, on ${what}`,
    '',
    table([['', 'labels', 'linear', '95 %', 'nearest', '95 %'], ...cells]),
    ...(gains.length > 0 ? ['', ...gains] : []),
  ].join('\n');
}
