import { type Matrix, row } from '../core/matrix.ts';
import type { Random } from '../core/random.ts';
import type { MiningReport } from '../miners/corpus/corpus-miner.ts';
import type { Known } from '../relations/known.ts';

/** Pairs of each kind whose distances are measured, and embeddings that the rank is measured of. */
const SAMPLE = 256;

/** How the embeddings of a batch are doing. */
export interface HealthReport {
  /** Squared distances of pairs that are the same and that are different: 5 %, 50 % and 95 % lie below. Empty where there is none. */
  readonly same: readonly number[];
  readonly different: readonly number[];
  /**
   * How many directions the embeddings use: `(sum l)^2 / sum l^2` over the eigenvalues `l` of their covariance, from 1 to the
   * dimension (the participation ratio).
   */
  readonly effectiveRank: number;
  /** The share of the mean squared length that is variance: 0 where all embeddings are one point. */
  readonly spread: number;
  /** Mean length of the embeddings. */
  readonly norm: number;
  readonly gradientNorm: number;
  /** `|w - w before| / |w|`: how far the step went. */
  readonly drift: number;
  /** The share of terms above zero, where the objective has such. */
  readonly active?: number;
  /** The same of what the encoder's head is given, where it has one: of the embeddings that the model gives. */
  readonly below?: Moments;
  /** Where negatives are mined from all items: how that went for the batch. */
  readonly mining?: MiningReport;
}

type Moments = Pick<HealthReport, 'effectiveRank' | 'spread' | 'norm'>;

/** That training has come to nothing: what it is called, what it means, and what to change. */
export interface Collapse {
  readonly name: 'point' | 'line';
  readonly explanation: string;
}

/** Whether a step is one after which the embeddings are looked at. */
export const isLook = (step: number, every: number): boolean => step % every === 0;

/**
 * Looks at the embeddings of a step, and says where they have collapsed. Depends on nothing but its parts, so that a run that goes on
 * looks as one that never stopped.
 *
 * @param parts.before the weights before the step, `after` those after it
 */
export function lookAt(parts: {
  readonly embeddings: Matrix;
  readonly below?: Matrix;
  readonly known: Known;
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly gradientNorm: number;
  readonly active?: number;
  readonly mining?: MiningReport;
  /** For the pairs whose distances are measured. */
  readonly random: Random;
}): { readonly report: HealthReport; readonly collapse?: Collapse } {
  const { embeddings, below, known, before, after, gradientNorm, active, mining, random } = parts;
  const { same, different } = sampledPairs(known, embeddings.rows, random);
  const report: HealthReport = {
    same: quantiles(same.map(([a, b]) => squaredDistance(embeddings, a, b))),
    different: quantiles(different.map(([a, b]) => squaredDistance(embeddings, a, b))),
    ...momentsOf(embeddings),
    ...(below && { below: momentsOf(below) }),
    gradientNorm,
    drift: driftOf(before, after),
    ...(active !== undefined && { active }),
    ...(mining && { mining }),
  };
  const collapse =
    known.ranked === undefined ? (collapseOf(report) ?? collapseBelow(report)) : collapseOfScores(report);
  return { report, ...(collapse && { collapse }) };
}

function driftOf(before: Float32Array, after: Float32Array): number {
  let moved = 0;
  let length = 0;
  for (let i = 0; i < after.length; i++) {
    length += after[i] ** 2;
    moved += (after[i] - before[i]) ** 2;
  }
  return length === 0 ? 0 : Math.sqrt(moved / length);
}

/**
 * A collapse, by one look: all embeddings are one point, so every distance is 0 and a margin is all that is left of the loss; or
 * they lie on one line, which tells two kinds of items apart at most.
 */
function collapseOf({ spread, effectiveRank, same, different }: HealthReport): Collapse | undefined {
  const apart = Math.max(different[2] ?? 0, same[2] ?? 0);
  if (spread < 1e-3) {
    return {
      name: 'point',
      explanation: `all embeddings have come to one point (95 % of all distances are below ${apart.toExponential(1)}). Lower the learning rate, begin with easier negatives (miners: [{ name: easy, until: 0.1 }, { name: semi-hard }]), or choose a loss over all pairs such as supcon`,
    };
  }
  if (effectiveRank < 1.2) {
    return {
      name: 'line',
      explanation: `all embeddings lie on one line (effective rank ${effectiveRank.toFixed(2)}). Lower the learning rate, take larger batches with more groups, or choose a loss over all pairs such as supcon`,
    };
  }
  return undefined;
}

/** The same of what a head is given: the head may spread what is hardly a direction, and the model has no head. */
function collapseBelow({ below }: HealthReport): Collapse | undefined {
  if (below === undefined || (below.spread >= 1e-3 && below.effectiveRank >= 1.2)) return undefined;
  const name = below.spread < 1e-3 ? 'point' : 'line';
  const found =
    name === 'point' ? 'have come to one point' : `lie on one line (effective rank ${below.effectiveRank.toFixed(2)})`;
  return {
    name,
    explanation: `the embeddings below the head, which are those of the model, ${found}. Lower the learning rate, or make the head smaller`,
  };
}

/** Of rankings one line is all that is needed: a score. Where all items are one point, none is above another. */
function collapseOfScores({ spread }: HealthReport): Collapse | undefined {
  if (spread >= 1e-3) return undefined;
  return {
    name: 'point',
    explanation: 'all items have come to one point, so that all scores are the same. Lower the learning rate',
  };
}

function momentsOf(embeddings: Matrix): Moments {
  const { columns } = embeddings;
  const rows = Math.min(embeddings.rows, SAMPLE);
  const stride = Math.floor(embeddings.rows / rows);
  const mean = new Float64Array(columns);
  let squares = 0;
  let norms = 0;
  for (let i = 0; i < rows; i++) {
    let length = 0;
    row(embeddings, i * stride).forEach((value, k) => {
      mean[k] += value / rows;
      length += value * value;
    });
    squares += length / rows;
    norms += Math.sqrt(length) / rows;
  }
  // The sum of squared eigenvalues is that of the squared entries of the covariance.
  const centred = new Float64Array(rows * columns);
  let trace = 0;
  for (let i = 0; i < rows; i++) {
    const values = row(embeddings, i * stride);
    for (let k = 0; k < columns; k++) {
      centred[i * columns + k] = values[k] - mean[k];
      trace += (values[k] - mean[k]) ** 2 / rows;
    }
  }
  let frobenius = 0;
  for (let a = 0; a < columns; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += centred[i * columns + a] * centred[i * columns + b];
      frobenius += (a === b ? 1 : 2) * (sum / rows) ** 2;
    }
  }
  return {
    effectiveRank: frobenius === 0 ? 0 : trace ** 2 / frobenius,
    spread: squares === 0 ? 0 : trace / squares,
    norm: norms,
  };
}

/** Some pairs of each kind, drawn at random; of triplets the pairs with the anchor. */
function sampledPairs(known: Known, size: number, random: Random): Record<'same' | 'different', [number, number][]> {
  const pairs: Record<'same' | 'different', [number, number][]> = { same: [], different: [] };
  if (known.kind === 'triplets') {
    for (let i = 0; i < Math.min(SAMPLE, known.anchor.length); i++) {
      const at = random.integer(known.anchor.length);
      pairs.same.push([known.anchor[at], known.closer[at]]);
      pairs.different.push([known.anchor[at], known.farther[at]]);
    }
    return pairs;
  }
  for (let i = 0; i < 20 * SAMPLE && size > 1; i++) {
    const [a, b] = [random.integer(size), random.integer(size)];
    const kind = a === b ? undefined : kindOf(known, a, b);
    if (kind !== undefined && pairs[kind].length < SAMPLE) pairs[kind].push([a, b]);
  }
  return pairs;
}

function kindOf(known: Exclude<Known, { kind: 'triplets' }>, a: number, b: number): 'same' | 'different' | undefined {
  if (known.kind === 'labels') return known.labels[a] === known.labels[b] ? 'same' : 'different';
  const holds = ({ offsets, positions }: typeof known.same) =>
    positions.subarray(offsets[a], offsets[a + 1]).includes(b);
  if (holds(known.same)) return 'same';
  if (known.different === 'others') return known.items[a] === known.items[b] ? undefined : 'different';
  return holds(known.different) ? 'different' : undefined;
}

function squaredDistance(embeddings: Matrix, a: number, b: number): number {
  const [x, y] = [row(embeddings, a), row(embeddings, b)];
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += (x[k] - y[k]) ** 2;
  return sum;
}

function quantiles(values: readonly number[]): number[] {
  if (values.length === 0) return [];
  const sorted = [...values].sort((a, b) => a - b);
  return [0.05, 0.5, 0.95].map((q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]);
}
