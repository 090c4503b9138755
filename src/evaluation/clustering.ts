/** Shares of what was said and of what is true, and their harmonic mean. */
export interface PrecisionRecall {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** How well groups that were found agree with the true ones. Each measure is 1 where they are the same. */
export interface ClusteringQuality {
  readonly items: number;
  /** How many true groups there are, and how many were found. */
  readonly classes: number;
  readonly groups: number;
  /**
   * B-cubed (Bagga and Baldwin 1998): for each item the share of its found group that is of its class, itself included, and the
   * share of its class that is in its found group; means over the items.
   */
  readonly bCubed: PrecisionRecall;
  /** Of the pairs of items in one found group those of one class, and the other way round. Of no pairs the share is 1. */
  readonly pairwise: PrecisionRecall;
  /** Mutual information by the mean of both entropies (the arithmetic one). 1 where both are 0. */
  readonly nmi: number;
  /**
   * The same above what is expected by chance, with the sizes of all groups given (Vinh, Epps and Bailey 2010, exact):
   * `(MI - E) / (mean of the entropies - E)`. About 0 for groups drawn at random. 1 where both are the same, whatever they are.
   */
  readonly ami: number;
}

/**
 * Measures groups against the true ones.
 *
 * @param truth - the class of each item, any whole numbers
 * @param found - the group of each, as many
 */
export function clusteringQuality(truth: ArrayLike<number>, found: ArrayLike<number>): ClusteringQuality {
  if (truth.length !== found.length || truth.length === 0) {
    throw new RangeError(`${truth.length} classes for ${found.length} groups of items`);
  }
  const items = truth.length;
  const classes = sizesOf(truth);
  const groups = sizesOf(found);
  const both = new Map<number, Map<number, number>>();
  for (let i = 0; i < items; i++) {
    const row = both.get(truth[i]) ?? new Map<number, number>();
    both.set(truth[i], row.set(found[i], (row.get(found[i]) ?? 0) + 1));
  }
  let precision = 0;
  let recall = 0;
  let pairs = 0;
  let information = 0;
  let same = true;
  for (const [label, row] of both) {
    const a = classes.get(label) as number;
    for (const [group, n] of row) {
      const b = groups.get(group) as number;
      precision += (n * n) / b;
      recall += (n * n) / a;
      pairs += pairsOf(n);
      information += (n / items) * Math.log((items * n) / (a * b));
      same &&= n === a && n === b;
    }
  }
  const entropies = (entropyOf(classes, items) + entropyOf(groups, items)) / 2;
  const chance = same ? 0 : expectedInformation(classes, groups, items);
  return {
    items,
    classes: classes.size,
    groups: groups.size,
    bCubed: withF1(precision / items, recall / items),
    pairwise: withF1(share(pairs, allPairs(groups)), share(pairs, allPairs(classes))),
    nmi: same ? 1 : information / entropies,
    ami: same ? 1 : (information - chance) / (entropies - chance),
  };
}

type Sizes = ReadonlyMap<number, number>;

function sizesOf(labels: ArrayLike<number>): Sizes {
  const sizes = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) sizes.set(labels[i], (sizes.get(labels[i]) ?? 0) + 1);
  return sizes;
}

const pairsOf = (n: number): number => (n * (n - 1)) / 2;
const allPairs = (sizes: Sizes): number => [...sizes.values()].reduce((sum, n) => sum + pairsOf(n), 0);
const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

const withF1 = (precision: number, recall: number): PrecisionRecall => ({
  precision,
  recall,
  f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
});

const entropyOf = (sizes: Sizes, items: number): number =>
  [...sizes.values()].reduce((sum, n) => sum - (n / items) * Math.log(n / items), 0);

/** The mean mutual information over all ways to deal the items to groups of these sizes. Equal sizes are reckoned once. */
function expectedInformation(classes: Sizes, groups: Sizes, items: number): number {
  const logFactorial = new Float64Array(items + 1);
  for (let n = 2; n <= items; n++) logFactorial[n] = logFactorial[n - 1] + Math.log(n);
  const of = (n: number) => logFactorial[n];
  let sum = 0;
  for (const [a, classesOf] of timesOf(classes)) {
    for (const [b, groupsOf] of timesOf(groups)) {
      const fixed = of(a) + of(b) + of(items - a) + of(items - b) - of(items);
      let expected = 0;
      for (let n = Math.max(1, a + b - items); n <= Math.min(a, b); n++) {
        // That so many of the class are in the group: hypergeometric.
        const probability = Math.exp(fixed - of(n) - of(a - n) - of(b - n) - of(items - a - b + n));
        expected += probability * (n / items) * Math.log((items * n) / (a * b));
      }
      sum += classesOf * groupsOf * expected;
    }
  }
  return sum;
}

/** How many there are of each size. */
const timesOf = (sizes: Sizes): Sizes => sizesOf([...sizes.values()]);
