import { takeRows } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { bootstrapDifference, bootstrapMean } from './bootstrap.ts';
import { labelShare } from './label-share.ts';
import { fitLinear, type LinearFit, outputsOf } from './linear-fit.ts';
import { crossEntropy, largest } from './logistic.ts';
import { nearestVote } from './nearest-vote.ts';
import { numbered, type ProbePart, type ProbeParts } from './probe-classes.ts';
import { best, scaleOf } from './probe-features.ts';

export interface ProbeOptions extends ProbeParts {
  /** For the labels that are taken, and the intervals. */
  readonly seed: number;
  readonly threads: number;
  readonly progress?: (done: number, total: number) => void;
}

export const probeScores = ['linearAccuracy', 'knnAccuracy'] as const;
export type ProbeScore = (typeof probeScores)[number];

/** How well classes are told from embeddings, with so many labels: shares of the test items that get their own class. */
export interface Probed extends Readonly<Record<ProbeScore, number>> {
  /** Items whose labels were learned from. */
  readonly labels: number;
  /** 95 %, over the test items. */
  readonly intervals: Readonly<Record<ProbeScore, readonly [number, number]>>;
  /** What was chosen on the validation part: the weight of `|W|^2 / 2`, and how many neighbours vote. */
  readonly settings: {
    readonly l2: number;
    readonly k: number;
    readonly iterations: number;
    readonly converged: boolean;
  };
}

export const probeShares = { all: 1, at10Percent: 0.1, at1Percent: 0.01 } as const;
type Share = keyof typeof probeShares;

/** The same with all labels, a tenth and a hundredth of them. `correct` says of each test item whether it was told right. */
export type Probes = Readonly<Record<Share, Probed & { readonly correct: Readonly<Record<ProbeScore, Float64Array>> }>>;

const weights = [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5];
/** Where accuracies no longer move: the gradient of the mean loss, and steps for each penalty, begun where the last one ended. */
const ends = { tolerance: 3e-4, iterations: 100 };
const neighbours = [1, 3, 5, 10, 20, 50, 100, 200];

/**
 * What frozen embeddings know of classes that nobody told them: multinomial logistic regression on them, and a vote of the nearest by
 * cosine, with all labels of the training part, a tenth and a hundredth of each class. The weight of the penalty and the number of
 * voters are chosen on the whole validation part; where two are equally good, the larger penalty and the fewer voters.
 *
 * For the regression embeddings are centred by the mean of the items learned from, and divided by their mean deviation: one number,
 * so that directions keep their weight.
 *
 * @throws KindredError where a part is empty, or the classes are not those of training
 */
export async function probe(options: ProbeOptions): Promise<Probes> {
  const { train, seed, progress } = options;
  const { classes, ...parts } = numbered(options);
  const shares = Object.entries(probeShares) as [Share, number][];
  const total = shares.length * (weights.length + 1);
  let done = 0;
  const step = () => progress?.(++done, total);
  const found: Partial<Record<Share, Probes[Share]>> = {};
  for (const [name, share] of shares) {
    const rows = labelShare(train.labels, share, Random.seeded(seed).split('probe'));
    // Of few items a hundredth and a tenth are the same rows, since each class keeps one.
    const same = Object.values(found).find(({ labels }) => labels === rows.length);
    if (same !== undefined) {
      found[name] = same;
      done += weights.length;
      step();
      continue;
    }
    const learned = { embeddings: takeRows(train.embeddings, rows), labels: rows.map((row) => parts.train[row]) };
    found[name] = await probeWith(learned, classes, { ...options, given: parts, step });
  }
  return found as Probes;
}

interface Given extends ProbeOptions {
  readonly given: { readonly validation: Int32Array; readonly test: Int32Array };
  readonly step: () => void;
}

async function probeWith(learned: ProbePart, classes: number, options: Given): Promise<Probes[Share]> {
  const { validation, test, given, seed } = options;
  const linear = await regress(learned, classes, options);
  const votes = async ({ embeddings }: ProbePart, ks: readonly number[]) =>
    nearestVote({ queries: embeddings, candidates: learned.embeddings, labels: learned.labels, ks, metric: 'cosine' });
  // More than there are would all be the same vote.
  const ks = neighbours.filter((k) => k === 1 || k <= learned.labels.length);
  const voted = await votes(validation, ks);
  const k = best(ks, (each) => accuracy(voted.get(each) as Int32Array, given.validation));
  const correct = {
    linearAccuracy: right(linear.found, given.test),
    knnAccuracy: right((await votes(test, [k])).get(k) as Int32Array, given.test),
  };
  options.step();
  const interval = (values: Float64Array): readonly [number, number] => {
    const { low, high } = bootstrapMean(values, { seed });
    return [low, high];
  };
  return {
    labels: learned.labels.length,
    linearAccuracy: mean(correct.linearAccuracy),
    knnAccuracy: mean(correct.knnAccuracy),
    intervals: {
      linearAccuracy: interval(correct.linearAccuracy),
      knnAccuracy: interval(correct.knnAccuracy),
    },
    settings: { l2: linear.l2, k, iterations: linear.fit.iterations, converged: linear.fit.converged },
    correct,
  };
}

/** The regression that is best on the validation part, and what it says of the test part. */
async function regress(learned: ProbePart, classes: number, { validation, test, given, threads, step }: Given) {
  const scale = scaleOf(learned.embeddings);
  const features = scale(learned.embeddings);
  const loss = crossEntropy(learned.labels);
  const seen = scale(validation.embeddings);
  const fits = new Map<number, { fit: LinearFit; quality: number }>();
  let start: LinearFit | undefined;
  for (const l2 of weights) {
    // From the larger penalty's solution: near, and found in fewer steps.
    start = await fitLinear({ features, outputs: classes, loss, l2, ...(start && { start }), ...ends, threads });
    fits.set(l2, { fit: start, quality: accuracy(largest(await outputsOf(start, seen)), given.validation) });
    step();
  }
  const l2 = best(weights, (each) => fits.get(each)?.quality as number);
  const { fit } = fits.get(l2) as { fit: LinearFit };
  return { l2, fit, found: largest(await outputsOf(fit, scale(test.embeddings))) };
}

const right = (found: Int32Array, labels: Int32Array): Float64Array =>
  Float64Array.from(found, (label, i) => (label === labels[i] ? 1 : 0));
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const accuracy = (found: Int32Array, labels: Int32Array): number => mean(right(found, labels));

/** By how much the accuracies of `ours` exceed those of `theirs` on the same test items, with paired 95 % intervals. */
export function probeDifference(ours: Probes[Share], theirs: Probes[Share], seed: number) {
  const of = (score: ProbeScore) => {
    const { mean: value, low, high } = bootstrapDifference(ours.correct[score], theirs.correct[score], { seed });
    return { value, interval: [low, high] as const };
  };
  return { linearAccuracy: of('linearAccuracy'), knnAccuracy: of('knnAccuracy') };
}
