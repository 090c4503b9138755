import { must } from '../core/error.ts';
import { type Matrix, matrix, row } from '../core/matrix.ts';
import { type GroundTruth, lackOf } from './ground-truth.ts';
import { discriminants, scatter } from './lda.ts';
import { type DistanceMeasurement, mainOf, measure } from './measure.ts';
import { pca, project } from './pca.ts';
import { leadingColumns, product } from './product.ts';

/** Features `[items, features]` (pixels / 255, say), and what is known between the items. */
export type BaselinePart = GroundTruth & {
  readonly features: Matrix;
  /** Where views are known: the features of another look of each item. */
  readonly otherLooks?: Matrix;
};

export interface BaselineOptions {
  /** Where PCA and LDA are fitted. */
  readonly train: BaselinePart;
  /** Where settings are chosen, by the main quality. May be empty: then they are fixed ones, and `validation` says so. */
  readonly validation: BaselinePart;
  /** What is reported. Its groups may be unseen in training. */
  readonly test: BaselinePart;
  /** Parts of the features that may do better alone, by name: how many columns each has, one after the other. */
  readonly blocks?: Readonly<Record<string, number>>;
  /** What the features are called. Default: raw pixels. */
  readonly name?: string;
  /** For the randomised PCA. Default 0. */
  readonly seed?: number;
  readonly progress?: (done: number, total: number) => void;
}

export interface BaselineResult {
  /** For people: 'raw pixels, cosine'. */
  readonly name: string;
  /** What was chosen. */
  readonly settings: Readonly<Record<string, number | string>>;
  /** The main quality on the validation part; null where nothing could be measured there, so that settings are fixed. */
  readonly validation: number | null;
  readonly test: DistanceMeasurement;
  /** Of the test items, to be compared by `metric`. */
  readonly embeddings: Matrix;
  readonly metric: (typeof metrics)[number];
}

export interface Baselines {
  readonly raw: BaselineResult;
  readonly pcaLda: BaselineResult | { readonly reason: string };
}

const metrics = ['cosine', 'squared-euclidean'] as const;
const dimensions = [32, 64, 100, 150, 200];
const shrinkages = [0.001, 0.03, 0.3];
const withoutValidation = { dimension: 100, shrinkage: 0.03, metric: metrics[0] };

interface Choice {
  readonly metric: (typeof metrics)[number];
  readonly settings: Readonly<Record<string, number | string>>;
  readonly embed: (features: Matrix) => Promise<Matrix>;
}

/**
 * What an encoder has to beat without having learned anything deep: chosen on the validation part, reported on the
 * test part, by the measure that fits what is known.
 *
 * - `raw`: the features as they are, all or one block of them, by cosine or euclidean distance.
 * - `pcaLda`, for groups alone: principal components of the training features (32 to 200), then Fisher's discriminants of the training
 *   groups with the scatter within groups shrunk, by cosine or euclidean distance. Where it cannot be fitted, the
 *   reason: one group, or no group with two items that differ.
 *
 * @throws KindredError if the parts have different features, or nothing can be measured on the test part
 */
export async function baselines(options: BaselineOptions): Promise<Baselines> {
  const { train, validation, test, seed = 0, name = 'raw pixels' } = options;
  for (const part of [validation, test]) {
    must(part.features.rows === 0 || part.features.columns === train.features.columns, () => ({
      rule: 'All parts need the same features',
      received: `${train.features.columns} in training, ${part.features.columns} in another part`,
      next: 'Read all parts in one way, pictures at one size',
    }));
  }
  const comparable = lackOf(validation) === undefined;
  const blocks = blocksOf(options.blocks);
  const total = metrics.length * (blocks.length + dimensions.length * shrinkages.length) + 1;
  let done = 0;
  const step = () => options.progress?.(++done, total);

  const measured = async (
    { features, otherLooks, ...truth }: BaselinePart,
    { embed, metric }: Choice,
    threshold?: number,
  ) =>
    measure({
      ...truth,
      embeddings: await embed(features),
      ...(otherLooks && { otherLooks: await embed(otherLooks) }),
      metric,
      ...(threshold !== undefined && { threshold }),
    });

  const report = async (name: string, choices: readonly Choice[]): Promise<BaselineResult> => {
    let best = choices[0];
    let chosen: DistanceMeasurement | undefined;
    for (const choice of comparable ? choices : []) {
      const found = await measured(validation, choice);
      if (chosen === undefined || mainOf(found) > mainOf(chosen)) [best, chosen] = [choice, found];
      step();
    }
    const { metric, settings, embed } = best;
    return {
      name: `${name}, ${metric === 'cosine' ? 'cosine' : 'euclidean'}`,
      settings,
      validation: chosen === undefined ? null : mainOf(chosen),
      test: await measured(test, best, chosen?.measure === 'verification' ? chosen.best.threshold : undefined),
      embeddings: await embed(test.features),
      metric,
    };
  };

  const raw = await report(
    name,
    blocks.flatMap(({ settings, embed }) =>
      metrics.map((metric) => ({ metric, settings: { ...settings, metric }, embed })),
    ),
  );
  const fitted = await pcaLdaChoices(train, comparable, seed);
  step();
  const pcaLda = 'reason' in fitted ? fitted : await report('PCA + LDA', fitted);
  options.progress?.(total, total);
  return { raw, pcaLda };
}

/** All of the features, and where there are several blocks each of them alone. */
function blocksOf(given: Readonly<Record<string, number>> = {}): Omit<Choice, 'metric'>[] {
  const names = Object.keys(given);
  let end = 0;
  const alone = names.map((of) => {
    const start = end;
    end += given[of];
    return { settings: { of }, embed: async (features: Matrix) => columnsOf(features, start, start + given[of]) };
  });
  const all = { settings: names.length > 1 ? { of: names.join(' and ') } : {}, embed: async (x: Matrix) => x };
  return names.length > 1 ? [all, ...alone] : [all];
}

function columnsOf(features: Matrix, start: number, end: number): Matrix {
  const taken = matrix(features.rows, end - start);
  for (let i = 0; i < features.rows; i++) {
    taken.data.set(row(features, i).subarray(start, end), i * taken.columns);
  }
  return taken;
}

/** Every setting that the validation part chooses from; only the fixed one if it cannot. */
async function pcaLdaChoices(
  train: BaselinePart,
  comparable: boolean,
  seed: number,
): Promise<Choice[] | { reason: string }> {
  if (!('labels' in train)) return { reason: 'it learns from groups alone' };
  if (new Set(train.labels).size < 2) return { reason: 'LDA needs at least two groups in training' };
  const model = await pca(train.features, {
    components: comparable ? Math.max(...dimensions) : withoutValidation.dimension,
    seed,
  });
  const most = model.components.rows;
  if (most === 0) return { reason: 'all training items are equal' };
  const spread = scatter(await project(model, train.features), train.labels);
  if (!spread.within.some((value) => value > 0)) return { reason: 'no group in training has two items that differ' };

  // The same items are embedded under every setting: their coordinates are kept from one to the next.
  let last: { features: Matrix; coordinates: Matrix } | undefined;
  const coordinatesOf = async (features: Matrix): Promise<Matrix> => {
    if (last?.features !== features) last = { features, coordinates: await project(model, features) };
    return last.coordinates;
  };
  const grid = comparable
    ? dimensions.flatMap((dimension) => shrinkages.map((shrinkage) => ({ dimension, shrinkage })))
    : [withoutValidation];
  const choices: Choice[] = [];
  for (const { dimension: asked, shrinkage } of grid) {
    const dimension = Math.min(asked, most);
    if (choices.some((c) => c.settings.dimension === dimension && c.settings.shrinkage === shrinkage)) continue;
    const directions = discriminants(spread, { dimension, shrinkage });
    if (directions.rows === 0) return { reason: 'the training groups do not differ' };
    for (const metric of metrics) {
      choices.push({
        metric,
        settings: { dimension, shrinkage, metric, directions: directions.rows },
        embed: async (features) => product(leadingColumns(await coordinatesOf(features), dimension), directions),
      });
    }
  }
  return choices;
}
