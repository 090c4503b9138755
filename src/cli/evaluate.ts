import { Command, Option } from 'commander';
import { must } from '../core/error.ts';
import { Random } from '../core/random.ts';
import { Embedder } from '../encoders/embedder.ts';
import { feedOf } from '../encoders/feed-of.ts';
import { idInput } from '../encoders/feeds/id.ts';
import type { Measurement } from '../evaluation/measure.ts';
import { chooseDevice } from '../onnx/device.ts';
import { build } from '../recipes/build.ts';
import { readData, sourceOf } from '../recipes/data.ts';
import { inWords } from '../relations/in-words.ts';
import { openRun, readJson, runFiles } from '../runs/files.ts';
import { qualityOf, type RunMetrics } from '../runs/metrics.ts';
import { countedIn, thingsOf } from '../runs/words.ts';
import { openIndex } from '../search/saved.ts';
import { embedPart, judge, judgeOf, judgeScores, scoreRows } from '../train/judge.ts';
import { knownDigest } from '../train/known-digest.ts';
import { evaluateRecommend } from './evaluate-recommend.ts';
import { evaluateVerify, type VerifyOptions } from './evaluate-verify.ts';
import { cropOption, deviceOption, jsonOption, threadsOption } from './options.ts';
import { printResult } from './output.ts';
import { ProgressLine } from './progress.ts';
import { qualityTable } from './qualities.ts';

interface Options extends VerifyOptions {
  readonly task?: 'verify' | 'recommend';
  readonly without?: readonly string[];
}

export const evaluateCommand = (): Command =>
  new Command('evaluate')
    .description('measure a run again, on the part of its data that was held back')
    .argument('<run>', 'a folder that `kindred train` wrote')
    .addOption(
      new Option('--part <part>', 'which part: what is chosen is chosen on validation')
        .choices(['test', 'validation'])
        .default('test'),
    )
    .addOption(
      new Option(
        '--task <task>',
        'what to measure instead of what the relations say: pairs of the same person, or recommendations to people of its log',
      ).choices(['verify', 'recommend']),
    )
    .option('--pairs <file>', "verify these pairs, in the format of Labeled Faces in the Wild's pairs.txt")
    .option('--images <folder>', 'where their pictures lie: NAME/NAME_0001.jpg')
    .option('--bytes', 'of verification: also what one byte for each dimension costs')
    .option(
      '--without <modalities>',
      'of a run that sees several modalities: as if every item lacked these, with commas between',
      (text: string) => text.split(',').map((name) => name.trim()),
    )
    .addOption(cropOption())
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ kindred evaluate runs/demo --json\n  $ kindred evaluate runs/cdml-movielens --task recommend',
    )
    .action(evaluate);

async function evaluate(run: string, options: Options): Promise<void> {
  const { without } = options;
  const whole = options.task === undefined && options.pairs === undefined;
  must(whole || without === undefined, () => ({
    rule: 'Verification and recommendation are measured on whole items',
    received: `--without ${without?.join(',')}`,
    next: 'Leave out --without, or --task and --pairs',
    exitCode: 2,
  }));
  if (options.task === 'recommend') {
    must(options.pairs === undefined, () => ({
      rule: 'Pairs are verified',
      received: '--pairs with --task recommend',
      next: 'Leave out one of the two',
      exitCode: 2,
    }));
    return evaluateRecommend(run, options);
  }
  if (!whole) return evaluateVerify(run, options);
  const { folder, recipe } = openRun(run);
  const files = runFiles(folder);
  const { measure, threshold, known: before } = readJson<RunMetrics>(files.metrics);
  const ranks = measure === 'ranking' || measure === 'preferences';
  const line = new ProgressLine();
  const embedder = await Embedder.open(ranks ? files.ranker : files.model, {
    ...options,
    device: await chooseDevice(options.device),
  });
  const data = await readData(recipe.data, {
    seed: recipe.seed,
    progress: (done, total) => line.work('reading', done, total),
  });
  const { items, parts } = data;
  const { ids } = await (await openIndex(files.index)).items();
  const known = new Set(ids);
  const others = items.ids.filter((id) => !known.has(id)).length;
  // The split follows from the pictures: with others, some that were trained on would be tested on.
  must(others === 0 && ids.length === items.count, () => ({
    rule: 'A run is measured on the items that it was trained with or tested on',
    received: `${sourceOf(recipe.data)} has ${items.count} ${thingsOf(items)}, ${others} of them new; the run had ${ids.length}`,
    next: 'Bring the folder back to what it was, or train again',
  }));
  const judging = judgeOf(data, recipe.evaluate?.lists);
  must(before === undefined || before === knownDigest(data, judging), () => ({
    rule: 'A run is measured by the relations that it was trained with or tested by; with others it would be tested on what it has learned',
    received: `${inWords(data.relations)} of ${items.count} ${thingsOf(items)}; the run had others`,
    next: 'Bring the file back to what it was, or train again',
  }));
  // A run does without the files that define its parts, except where they say how items are looked at.
  const texts = Object.values(items.modalities).some(({ kind }) => kind === 'text');
  const byId = embedder.input.name === idInput.name;
  const looked = judging.by === 'distances' && judging.looks;
  const several = embedder.input.parts !== undefined;
  const { encoder, views } = looked || texts || byId || several ? await build(recipe) : {};
  const feed = feedOf(items, {
    ...recipe.input,
    ...(encoder && { encoder }),
    ...(views && { views }),
    ...(without && { without }),
  });
  const part = options.part;
  const measured = async (): Promise<Measurement> => {
    if (judging.by === 'scores')
      return judgeScores(judging, part, await scoreRows(judging.truths[part], embedder, feed));
    const looks = Random.seeded(recipe.seed).split('looks');
    const embedded = await embedPart(judging, embedder, feed, parts[part].items, looks);
    line.show('  measuring', { force: true });
    return judge(judging, part, embedded, threshold);
  };
  line.show('  embedding', { force: true });
  const found = await measured();
  line.clear();
  await embedder.release();
  const quality = qualityOf(found, recipe.seed);
  const skipped = found.measure === 'retrieval' ? { skippedQueries: found.skipped } : {};
  printResult(
    options.json,
    { run, part: options.part, ...(without && { without }), ...quality, ...skipped },
    () =>
      `${countedIn(quality, thingsOf(items))} of the ${options.part} part${without ? `, without ${without.join(' and ')}` : ''}\n\n${qualityTable([{ name: run, quality }])}`,
  );
}
