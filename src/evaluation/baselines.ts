import { must } from '../core/error.ts';
import type { Matrix } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { discriminants, scatter } from './lda.ts';
import { pca, project } from './pca.ts';
import { leadingColumns, product } from './product.ts';
import { countQueries, type Retrieval, retrieval } from './retrieval.ts';

/** Features `[items, features]` (pixels / 255, say) and the group of each item. */
export interface BaselinePart {
  readonly features: Matrix;
  readonly labels: Int32Array;
}

export interface BaselineOptions {
  /** Where PCA and LDA are fitted. */
  readonly train: BaselinePart;
  /** Where settings are chosen, by MAP@R. May be empty: then the settings are fixed ones, and `validation` says so. */
  readonly validation: BaselinePart;
  /** What is reported. Its groups may be unseen in training. */
  readonly test: BaselinePart;
  /** The k of Recall@k and NDCG@k. Default 1 and 10. */
  readonly at?: readonly number[];
  /** For the randomised PCA. Default 0. */
  readonly seed?: number;
  readonly progress?: (done: number, total: number) => void;
}

export interface BaselineResult {
  /** For people: 'raw pixels, cosine'. */
  readonly name: string;
  /** What was chosen. */
  readonly settings: Readonly<Record<string, number | string>>;
  /** null: no two validation items share a group, so the settings are fixed ones. */
  readonly validation: { readonly mapAtR: number | null };
  readonly test: Retrieval;
  /** Of the test items, to be compared by `metric`. */
  readonly embeddings: Matrix;
  readonly metric: Metric;
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
  readonly metric: Metric;
  readonly settings: Readonly<Record<string, number | string>>;
  /** The validation items, or none. */
  readonly embed: (features: Matrix) => Promise<Matrix>;
}

/**
 * What an encoder has to beat without having learned anything deep: chosen on the validation part, reported on the
 * test part, whose items search each other.
 *
 * - `raw`: the features as they are, by cosine or euclidean distance.
 * - `pcaLda`: principal components of the training features (32 to 200), then Fisher's discriminants of the training
 *   groups with the scatter within groups shrunk, by cosine or euclidean distance. Where it cannot be fitted, the
 *   reason: one group, or no group with two items that differ.
 *
 * @throws KindredError if the parts have different features, or no two test items share a group
 */
export async function baselines(options: BaselineOptions): Promise<Baselines> {
  const { train, validation, test, seed = 0 } = options;
  for (const part of [validation, test]) {
    must(part.features.rows === 0 || part.features.columns === train.features.columns, () => ({
      rule: 'All parts need the same features',
      received: `${train.features.columns} in training, ${part.features.columns} in another part`,
      next: 'Read all parts at one picture size',
    }));
  }
  const comparable = countQueries(validation.labels) > 0;
  const total = metrics.length * (1 + dimensions.length * shrinkages.length) + 1;
  let done = 0;
  const step = () => options.progress?.(++done, total);

  const report = async (name: string, choices: readonly Choice[]): Promise<BaselineResult> => {
    let best = choices[0];
    let mapAtR: number | null = null;
    for (const choice of comparable ? choices : []) {
      const embeddings = await choice.embed(validation.features);
      const { means } = await retrieval({ embeddings, labels: validation.labels, metric: choice.metric });
      if (mapAtR === null || means.mapAtR > mapAtR) [best, mapAtR] = [choice, means.mapAtR];
      step();
    }
    const { metric, settings } = best;
    const embeddings = await best.embed(test.features);
    return {
      name: `${name}, ${metric === 'cosine' ? 'cosine' : 'euclidean'}`,
      settings,
      validation: { mapAtR },
      test: await retrieval({ embeddings, labels: test.labels, metric, ...(options.at && { at: options.at }) }),
      embeddings,
      metric,
    };
  };

  const raw = await report(
    'raw pixels',
    metrics.map((metric) => ({ metric, settings: { metric }, embed: async (features) => features })),
  );
  const fitted = await pcaLdaChoices(train, comparable, seed);
  step();
  const pcaLda = 'reason' in fitted ? fitted : await report('PCA + LDA', fitted);
  options.progress?.(total, total);
  return { raw, pcaLda };
}

/** Every setting that the validation part chooses from; only the fixed one if it cannot. */
async function pcaLdaChoices(
  train: BaselinePart,
  comparable: boolean,
  seed: number,
): Promise<Choice[] | { reason: string }> {
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
