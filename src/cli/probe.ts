import { Command, Option } from 'commander';
import { type Matrix, takeRows } from '../core/matrix.ts';
import { Embedder } from '../encoders/embedder.ts';
import { feedOf } from '../encoders/feed-of.ts';
import { idInput } from '../encoders/feeds/id.ts';
import { chooseDevice, type Device } from '../onnx/device.ts';
import type { Runtime } from '../onnx/program.ts';
import { build } from '../recipes/build.ts';
import { rawNames } from '../train/finish.ts';
import { reductionsOf } from '../train/reductions.ts';
import { untrained } from '../train/untrained.ts';
import { countOption, deviceOption, jsonOption, threadsOption } from './options.ts';
import { printResult } from './output.ts';
import { probeClasses } from './probe-classes.ts';
import type { Probing } from './probe-report.ts';
import { probeTagsOf } from './probe-tags.ts';
import { probedOf } from './probe-what.ts';
import { ProgressLine } from './progress.ts';
import { dataOfRun } from './run-data.ts';

interface Options {
  readonly part: 'test' | 'validation';
  readonly label?: string;
  readonly minimum: number;
  readonly baselines?: boolean;
  readonly threads: number;
  readonly device: Device | 'auto';
  readonly json?: boolean;
}

export const probeCommand = (): Command =>
  new Command('probe')
    .description(
      'how well a linear classifier, and the nearest neighbours, tell the classes of a run by its embeddings; or linear classifiers its tags',
    )
    .argument('<run>', 'a folder that `kindred train` wrote, of items whose classes or tags are known')
    .addOption(
      new Option('--part <part>', 'what to report on; settings are chosen on validation, which is then no test')
        .choices(['test', 'validation'])
        .default('test'),
    )
    .option('--label <name>', 'which label of the items to tell; their classes unless given, else their tags')
    .addOption(countOption('--minimum <n>', 'of tags: only those that so many training items have, or more', 10))
    .option('--baselines', 'the same by the features as they are, such as raw pixels, and by random weights')
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred probe runs/simclr-fashion --baselines')
    .action(run);

async function run(name: string, options: Options): Promise<void> {
  const opened = await dataOfRun(name);
  const { recipe, files, data } = opened;
  const asked = probedOf(opened, options.label);
  const runtime: Runtime = { threads: options.threads, device: await chooseDevice(options.device) };
  const { parts } = data;
  const { seed } = recipe;
  const line = new ProgressLine();
  const model = await Embedder.open(files.model, runtime);
  // A run does without the files that define its parts, except where they say how items are looked at.
  const texts = Object.values(data.items.modalities).some(({ kind }) => kind === 'text');
  const needed = texts || model.input.name === idInput.name || model.input.parts !== undefined || options.baselines;
  const { encoder } = needed ? await build(recipe) : {};
  // With random weights the input is scaled as it was in training.
  const trained = parts.train.items;
  const reductions =
    encoder && (await reductionsOf(data.items, encoder, { positions: trained, modality: recipe.input.modality, seed }));
  const feed = feedOf(data.items, {
    ...recipe.input,
    ...(encoder && { encoder }),
    ...(reductions && { reductions }),
    trained,
  });
  const all = Int32Array.from([parts.train, parts.validation, parts.test].flatMap(({ items }) => [...items]));
  const places = new Map(Array.from(all, (item, place) => [item, place]));
  const takes = ({ items }: { readonly items: Int32Array }) => ({
    items,
    take: (embeddings: Matrix) =>
      takeRows(
        embeddings,
        Array.from(items, (item) => places.get(item) as number),
      ),
  });
  const embed = async (what: string, embedder: Embedder) => {
    try {
      return await embedder.embed(feed, { positions: all, progress: (done, total) => line.work(what, done, total) });
    } finally {
      await embedder.release();
    }
  };
  const sources = [{ key: 'run', name, embeddings: () => embed('embedding', model) }];
  if (encoder && options.baselines) {
    sources.push(
      {
        key: 'randomWeights',
        name: 'random weights',
        embeddings: async () => {
          const start = await untrained(encoder, feed, { seed, positions: parts.train.items, runtime });
          return embed('embedding by random weights', await Embedder.open(start, runtime));
        },
      },
      { key: 'raw', name: rawNames[feed.kind], embeddings: async () => feed.features(all) },
    );
  }
  const probing: Probing = {
    sources,
    takes: { train: takes(parts.train), validation: takes(parts.validation), test: takes(parts.test) },
    reported: options.part,
    ...{ seed, threads: options.threads },
    progress: (what) => (done, total) => line.work(`probing ${what === name ? 'the run' : what}`, done, total),
  };
  const { json, text } =
    asked.kind === 'groups' ? await probeClasses(asked, probing) : await probeTagsOf(asked, options.minimum, probing);
  line.clear();
  const items = {
    train: parts.train.items.length,
    validation: parts.validation.items.length,
    test: parts.test.items.length,
  };
  printResult(options.json, { run: name, part: options.part, items, ...json }, () =>
    text(`${parts[options.part].items.length} items of the ${options.part} part`),
  );
}
