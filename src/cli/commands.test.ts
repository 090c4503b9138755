import { type Command, CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { calibrateCommand } from './calibrate.ts';
import { clusterCommand } from './cluster.ts';
import { clustersCommand } from './clusters.ts';
import { compareCommand } from './compare.ts';
import { embedCommand } from './embed.ts';
import { evaluateCommand } from './evaluate.ts';
import { featuresCommand } from './features.ts';
import { initCommand } from './init.ts';
import { inspectCommand } from './inspect.ts';
import { probeCommand } from './probe.ts';
import { rankCommand } from './rank.ts';
import { recipesCommand } from './recipes.ts';
import { recommendCommand } from './recommend.ts';
import { relatedCommand } from './related.ts';
import { searchCommand } from './search.ts';
import { trainCommand } from './train.ts';
import { verifyCommand } from './verify.ts';

const commands: Record<string, () => Command> = {
  train: trainCommand,
  evaluate: evaluateCommand,
  compare: compareCommand,
  embed: embedCommand,
  features: featuresCommand,
  search: searchCommand,
  related: relatedCommand,
  recommend: recommendCommand,
  calibrate: calibrateCommand,
  verify: verifyCommand,
  cluster: clusterCommand,
  probe: probeCommand,
  clusters: clustersCommand,
  rank: rankCommand,
  recipes: recipesCommand,
  init: initCommand,
  inspect: inspectCommand,
};

/** Gives the arguments to a command that does no work: what it says on stderr, if it refuses them, or its options. */
async function given(text: string): Promise<{ error?: string; options: Record<string, unknown> }> {
  const [name, ...args] = text.split(' ');
  let error = '';
  const writeErr = (words: string) => {
    error += words;
  };
  const command = commands[name]()
    .exitOverride()
    .configureOutput({ writeErr })
    .action(() => {});
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (cause) {
    expect(cause).toBeInstanceOf(CommanderError);
    return { error, options: {} };
  }
  return { options: command.opts() };
}

test.each(Object.keys(commands))('kindred %s explains itself with an example of itself', (name) => {
  let help = '';
  const writeOut = (words: string) => {
    help += words;
  };
  const command = commands[name]().configureOutput({ writeOut });
  command.outputHelp();
  expect(command.name()).toBe(name);
  expect(command.description()).not.toBe('');
  expect(help).toMatch(new RegExp(`Example:\\n {2}\\$ kindred ${name}\\b`));
  expect(help).toContain('--json');
});

test.each([
  ['recipes more', /too many arguments/],
  ['probe', /missing required argument 'run'/],
  ['probe runs/x --device tpu', /Allowed choices are cpu/],
  ['rank runs/x', /missing required argument 'lists'/],
  ['train a b', /too many arguments/],
  ['calibrate runs/x --false-match-rate 1', /It takes a number above 0 and below 1/],
  ['verify runs/x', /missing required argument 'picture'/],
  ['evaluate x --task recall', /Allowed choices are verify, recommend/],
  ['cluster runs/x --threshold 3', /It takes a number from 0 to 2/],
  ['cluster runs/x --clusters 0', /It takes a whole number from 1 on/],
  ['cluster runs/x --threshold 0.4 --clusters 3', /cannot be used with option '--clusters/],
  ['clusters', /missing required argument 'what'/],
  ['clusters links.csv --rounds 0', /It takes a whole number from 1 on/],
  ['clusters links.csv --method trees', /Allowed choices are affinity, louvain, k-means/],
  ['search runs/x', /missing required argument 'query'/],
  ['related runs/x', /missing required argument 'item'/],
  ['related x y --diversity 2', /It takes a number from 0 to 1/],
  ['recommend runs/x', /required option '--history <ids>' not specified/],
  ['recommend x --history a --decay 0', /It takes a number above 0, up to 1/],
  ['recommend x --history a --liked many', /It takes a number\./],
  ['compare', /missing required argument 'runs'/],
  ['compare a b --metric loss', /Allowed choices are recallAt1, recallAt10, mapAtR, ndcgAt10/],
  ['evaluate', /missing required argument 'run'/],
  ['init', /missing required argument 'what'/],
  ['inspect x --kind tuples', /Allowed choices are pairs, triplets, graph, preferences, lists, log, items/],
  ['embed runs/x photos', /required option '-o, --output <file>' not specified/],
  ['features m.onnx photos', /required option '-o, --output <file>' not specified/],
  ['features m x -o y --pixels 1/0', /mean\/deviation, such as 127\.5\/127\.5/],
  ['features m x -o y --pixels rgb', /mean\/deviation/],
  ['features m x -o y --size 0', /It takes 224, or 240x320/],
  ['features m x -o y --fps 0', /a number above 0/],
  ['features m x -o y --batch 1.5', /a whole number from 1 on/],
  ['features m x -o y --kind smells', /Allowed choices are pictures, sounds, videos, texts, vectors/],
  ['search x y -k 1.5', /'1\.5' is invalid\. It takes a whole number from 1 on/],
  ['search x y -k ten', /'ten' is invalid/],
  ['search x y -k', /argument missing/],
  ['search x y --threads 0', /'0' is invalid/],
  ['train demo --max-seconds 0', /a number of seconds above 0/],
  ['train demo --max-seconds abc', /a number of seconds above 0/],
  ['train demo --max-seconds NaN', /a number of seconds above 0/],
  ['evaluate x --part train', /Allowed choices are test, validation/],
  ['init x --overwrite', /unknown option '--overwrite'/],
])('kindred %s is refused', async (text, message) => expect((await given(text)).error).toMatch(message));

test('options have the values that were given, or their defaults', async () => {
  expect((await given('search x y')).options).toMatchObject({ k: 10 });
  expect((await given('search x y -k 3 --threads 2 --exact')).options).toMatchObject({ k: 3, threads: 2, exact: true });
  expect((await given('train demo')).options.set).toEqual([]);
  expect((await given('train demo --set a=1 --set b=2=3 --max-seconds 0.5')).options).toMatchObject({
    set: ['a=1', 'b=2=3'],
    maxSeconds: 0.5,
  });
  expect((await given('compare a b c')).options).toEqual({});
  expect((await given('features m x -o y')).options).toMatchObject({ average: true, cache: true });
  expect((await given('features m x -o y --size 8x9 --pixels 1,2,3/4 --no-average --no-cache')).options).toMatchObject({
    size: { height: 8, width: 9 },
    pixels: { mean: [1, 2, 3], deviation: [4] },
    average: false,
    cache: false,
  });
  expect((await given('evaluate x')).options).toMatchObject({ part: 'test' });
});
