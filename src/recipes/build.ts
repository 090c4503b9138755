import { z } from 'zod';
import type { Sampler, Source } from '../batches/sampler.ts';
import { KindredError, must } from '../core/error.ts';
import { parseOptions } from '../core/options.ts';
import type { Random } from '../core/random.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { withProjection } from '../encoders/projection.ts';
import { curriculum } from '../miners/curriculum.ts';
import type { OverTriplets } from '../objective/define.ts';
import type { TripletMiner } from '../objective/miner.ts';
import type { Objective } from '../objective/objective.ts';
import type { OverPairs, PairMiner } from '../objective/pair-miner.ts';
import type { ClassSettings } from '../optimizers/class-settings.ts';
import { adagradRows, adamRows, sgdRows } from '../optimizers/rows.ts';
import type { Transform } from '../optimizers/transform.ts';
import type { AnyView } from '../views/define.ts';
import { make } from './definitions.ts';
import { buildOptimizer, buildRate } from './optimizer.ts';
import { type Recipe, recipeSchema } from './schema.ts';

/** What a recipe builds, its data aside. */
export interface Parts {
  readonly batches: (source: Source, random: Random) => Sampler;
  readonly views: readonly AnyView[];
  readonly encoder: Encoder;
  readonly objective: Objective;
  readonly optimizer: Transform;
  readonly classes?: ClassSettings;
}

/** Builds what a recipe names; an error gives the path of what does not exist or does not fit. */
export async function build(recipe: Recipe): Promise<Parts> {
  const encoder = await make<Encoder>('encoders', ['encoder', 'towers'], recipe.encoder, 'encoder', withTowers);
  const batches = await make<Parts['batches']>('batches', ['sampler'], recipe.batches, 'batches');
  const views: AnyView[] = [];
  for (const [i, view] of recipe.views.entries()) {
    views.push((await make<AnyView>('views', ['view'], view, `views.${i}`)).product);
  }
  return {
    batches: batches.product,
    views,
    encoder: recipe.head ? withProjection(encoder.product, recipe.head) : encoder.product,
    objective: await buildObjective(recipe.objective, {
      path: 'objective',
      given: recipe.batches.name === 'triplet-list',
      draws: recipe.objective.classes !== undefined,
    }),
    optimizer: buildOptimizer(recipe.optimizer),
    ...(recipe.objective.classes && { classes: await buildClasses(recipe.objective.classes) }),
  };
}

/** The options of towers, with the encoders that they name made. */
async function withTowers(kind: string, options: Readonly<Record<string, unknown>>): Promise<object> {
  if (kind !== 'towers' || typeof options.towers !== 'object' || options.towers === null) return options;
  const made: Record<string, Encoder> = {};
  for (const [modality, given] of Object.entries(options.towers)) {
    const at = `encoder.towers.${modality}`;
    const named = parseOptions(at, z.looseObject({ name: z.string() }), given);
    made[modality] = (await make<Encoder>('encoders', ['encoder'], named, at)).product;
  }
  return { ...options, towers: made };
}

const rowOptimizers = { sgd: sgdRows, adagrad: adagradRows, adam: adamRows() };

/** How classes are drawn and learned. */
async function buildClasses({
  sampler,
  samples,
  optimizer,
  rate,
  bias,
  folder,
}: NonNullable<Recipe['objective']['classes']>): Promise<ClassSettings> {
  const path = 'objective.classes';
  const { product } = await make<ClassSettings['sampler']>(
    'batches/classes',
    ['class-sampler'],
    sampler,
    `${path}.sampler`,
  );
  return { sampler: product, samples, optimizer: rowOptimizers[optimizer], rate: buildRate(rate), bias, folder };
}

/** Where in the recipe an objective stands, and whether its relations give triplets. */
interface Place {
  readonly path: string;
  readonly given: boolean;
  /** Whether classes are drawn for it; a part of a combination need not look at them. */
  readonly draws?: boolean;
}

async function buildObjective(
  { loss, miners }: Pick<Recipe['objective'], 'loss' | 'miners'>,
  place: Place,
): Promise<Objective> {
  const { path, given } = place;
  const { product, kind } = await make<Objective | OverPairs | OverTriplets>(
    'losses',
    ['loss', 'triplet-loss', 'ranking-loss', 'sampled-loss', 'combination'],
    loss,
    `${path}.loss`,
    async (kind, options) => (kind === 'combination' ? withObjectives(options, place) : options),
  );
  must(!place.draws || kind === 'sampled-loss' || kind === 'combination', () => ({
    rule: `The loss ${loss.name} does not look at classes that are drawn`,
    received: `${path}.classes`,
    next: 'Choose sampled-softmax, nce or negative-sampling, or remove it',
    exitCode: 2,
  }));
  if (kind === 'combination') {
    must(miners.length === 0, () => ({
      rule: `The loss ${loss.name} takes no miners: they stand beside each loss that it is made of`,
      received: `${path}.miners has ${miners.length}`,
      next: `Move them into ${path}.loss.of`,
      exitCode: 2,
    }));
    return product as Objective;
  }
  if (kind === 'ranking-loss') {
    must(miners.length === 0, () => ({
      rule: `The loss ${loss.name} ranks all the items of a list, so nobody chooses among them`,
      received: `${path}.miners has ${miners.length}`,
      next: `Remove ${path}.miners`,
      exitCode: 2,
    }));
    return product as Objective;
  }
  if (kind === 'sampled-loss') {
    must(miners.length === 0, () => ({
      rule: `The loss ${loss.name} compares with classes that are drawn, so nobody chooses among pairs`,
      received: `${path}.miners has ${miners.length}`,
      next: `Remove ${path}.miners; objective.classes.sampler says who draws`,
      exitCode: 2,
    }));
    return product as Objective;
  }
  if (kind === 'loss') {
    return miners.length === 0
      ? (product as OverPairs)
      : (product as OverPairs).mining(await buildMiner<PairMiner>('pair-miner', loss.name, miners, path));
  }
  if (given && miners.length === 0) return (product as OverTriplets).given();
  if (miners.length === 0) {
    throw new KindredError({
      rule: `The loss ${loss.name} needs a miner that chooses its negatives`,
      received: `${path}.miners is empty`,
      next: 'Write, for example, miners: [{ name: semi-hard }]',
      exitCode: 2,
    });
  }
  return (product as OverTriplets).mining(await buildMiner<TripletMiner>('triplet-miner', loss.name, miners, path));
}

/** What each kind of miner chooses, and examples of it. */
const chooses = {
  'pair-miner': ['pairs', 'multi-similarity, pair-margin or easy-hard'],
  'triplet-miner': ['triplets', 'semi-hard, hard or distance-weighted'],
} as const;

/** The miner of a loss that takes this kind, or a curriculum of several. */
async function buildMiner<Miner extends TripletMiner | PairMiner>(
  kind: keyof typeof chooses,
  loss: string,
  miners: Recipe['objective']['miners'],
  path: string,
): Promise<Miner> {
  for (const [i, { name, until }] of miners.entries()) {
    const from = miners[i - 1]?.until ?? 0;
    must(until > from && (until === 1 || i < miners.length - 1), () => ({
      rule: 'Each miner is in force until a larger share of the steps than the one before it, the last until 1',
      received: `${path}.miners.${i} (${name}) has until ${until}${i === 0 ? '' : `, the one before it ${from}`}`,
      next: until > from ? 'Let the last one run until 1' : 'Let the shares rise',
      exitCode: 2,
    }));
  }
  const parts: { miner: Miner; until: number; below?: number | undefined }[] = [];
  for (const [i, { until, below, ...miner }] of miners.entries()) {
    const at = `${path}.miners.${i}`;
    const made = await make<Miner>('miners', ['pair-miner', 'triplet-miner'], miner, at);
    must(made.kind === kind, () => ({
      rule: `The loss ${loss} looks at ${chooses[kind][0]}, so its miner has to choose ${chooses[kind][0]}`,
      received: `${at} is ${miner.name}, which chooses ${chooses[made.kind as keyof typeof chooses][0]}`,
      next: `Choose another, such as ${chooses[kind][1]}${kind === 'pair-miner' ? `, or remove ${path}.miners` : ''}`,
      exitCode: 2,
    }));
    parts.push({ miner: made.product, until, below });
  }
  return parts.length === 1 && parts[0].below === undefined ? parts[0].miner : curriculum(parts);
}

const { loss, miners } = recipeSchema.shape.objective.shape;
const within = z.strictObject({ loss, miners });
const listed = z.looseObject({ loss, miners });

/** The options of a combination, with what its option `of` describes made: an objective, or a list of things with one. */
async function withObjectives(options: Readonly<Record<string, unknown>>, { path, given }: Place): Promise<object> {
  const at = `${path}.loss.of`;
  if (!Array.isArray(options.of)) {
    return { ...options, of: await buildObjective(parseOptions(at, within, options.of), { path: at, given }) };
  }
  const of: object[] = [];
  for (const [i, each] of options.of.entries()) {
    const place = { path: `${at}.${i}`, given };
    const { loss, miners, ...rest } = parseOptions(place.path, listed, each);
    of.push({ ...rest, objective: await buildObjective({ loss, miners }, place) });
  }
  return { ...options, of };
}
