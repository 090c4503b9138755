import { must } from '../core/error.ts';
import { type Matrix, takeRows } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { Annotation, type AnnotationMeasures, type TagLists } from './annotation.ts';
import { fitLinear, type LinearFit, outputsOf } from './linear-fit.ts';
import { oneAgainstAll } from './logistic.ts';
import { best, scaleOf } from './probe-features.ts';

/** Frozen embeddings of items, and the tags of each; of items without any tag nothing is known, and they are left out. */
export interface TagPart extends TagLists {
  readonly embeddings: Matrix;
}

export interface TagProbeOptions {
  /** Where classifiers learn. */
  readonly train: TagPart;
  /** Where the penalty is chosen. */
  readonly validation: TagPart;
  /** What is reported. */
  readonly test: TagPart;
  /** Tags that fewer items of the training part have are not learned, and not asked for. */
  readonly minimum: number;
  readonly seed: number;
  readonly threads: number;
  readonly progress?: (done: number, total: number) => void;
}

type Draws = Readonly<Record<keyof AnnotationMeasures, Float64Array>>;

export interface TagProbe extends AnnotationMeasures {
  /** Tags that were learned, and items that have any tag, learned or not. */
  readonly tags: number;
  readonly items: { readonly train: number; readonly validation: number; readonly test: number };
  /** 95 %, over the test items. */
  readonly intervals: Readonly<Record<keyof AnnotationMeasures, readonly [number, number]>>;
  /** The weight of `|W|^2 / 2` that was best on the validation part by GAP@20, and how its fit ended. */
  readonly settings: { readonly l2: number; readonly iterations: number; readonly converged: boolean };
  /** What each resample of the test items gave: those of two probes with one seed are of the same items. */
  readonly draws: Draws;
}

const penalties = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5];
const ends = { tolerance: 3e-4, iterations: 100 };
/** Each measures all items by each tag. */
const RESAMPLES = 400;

/**
 * What frozen embeddings know of tags that nobody told them: a logistic regression for each tag against all others, on embeddings that are
 * centred and divided by one number, with one penalty for all, chosen on the validation part by GAP@20. Measured by {@link Annotation}.
 *
 * Intervals draw the test items 400 times with replacement: percentiles of what is measured, as neither measure is a mean over items.
 *
 * @throws KindredError where a part has no item with a tag that is learned
 */
export async function probeTags(options: TagProbeOptions): Promise<TagProbe> {
  const { minimum, seed, threads, progress } = options;
  const [train, validation, test] = [options.train, options.validation, options.test].map(withTags);
  const numbers = learnedTags(train, minimum);
  const known = { train: only(train, numbers), validation: only(validation, numbers), test: only(test, numbers) };
  for (const [part, { tags }] of Object.entries(known)) {
    must(tags.length > 0, () => ({
      rule: `A probe of tags needs items in each part that have a tag of ${minimum} training items or more`,
      received: `none in the part ${part}; ${numbers.size} such tags`,
      next: 'Ask for fewer with --minimum, or give more items with tags',
    }));
  }
  const total = penalties.length + 1;
  const scale = scaleOf(train.embeddings);
  const features = scale(train.embeddings);
  const seen = scale(validation.embeddings);
  const fits = new Map<number, { fit: LinearFit; quality: number }>();
  let start: LinearFit | undefined;
  for (const [done, l2] of penalties.entries()) {
    const loss = oneAgainstAll(known.train);
    // From the larger penalty's solution: near, and found in fewer steps.
    start = await fitLinear({ features, outputs: numbers.size, loss, l2, ...(start && { start }), ...ends, threads });
    const { gapAt20 } = new Annotation(await outputsOf(start, seen), known.validation).measure();
    fits.set(l2, { fit: start, quality: gapAt20 });
    progress?.(done + 1, total);
  }
  const l2 = best(penalties, (each) => fits.get(each)?.quality as number);
  const { fit } = fits.get(l2) as { fit: LinearFit };
  const annotation = new Annotation(await outputsOf(fit, scale(test.embeddings)), known.test);
  const draws = resampled(annotation, test.embeddings.rows, seed);
  progress?.(total, total);
  return {
    ...annotation.measure(),
    tags: numbers.size,
    items: { train: train.embeddings.rows, validation: validation.embeddings.rows, test: test.embeddings.rows },
    intervals: { gapAt20: middle(draws.gapAt20), map: middle(draws.map) },
    settings: { l2, iterations: fit.iterations, converged: fit.converged },
    draws,
  };
}

/** By how much ours is better on the same test items, with paired 95 % intervals. */
export function tagDifference(ours: TagProbe, theirs: TagProbe) {
  const of = (measure: keyof AnnotationMeasures) => ({
    value: ours[measure] - theirs[measure],
    interval: middle(ours.draws[measure].map((value, i) => value - theirs.draws[measure][i])),
  });
  return { gapAt20: of('gapAt20'), map: of('map') };
}

function withTags({ embeddings, offsets, tags }: TagPart): TagPart {
  const rows = Int32Array.from({ length: embeddings.rows }, (_, i) => i).filter((i) => offsets[i + 1] > offsets[i]);
  const ends = [0];
  for (const row of rows) ends.push((ends.at(-1) as number) + offsets[row + 1] - offsets[row]);
  // What has no tag takes no room in the list of tags.
  return { embeddings: takeRows(embeddings, rows), offsets: Int32Array.from(ends), tags };
}

/** The numbers that learned tags get, in their order. */
function learnedTags({ tags, offsets }: TagPart, minimum: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (let at = offsets[0]; at < (offsets.at(-1) ?? 0); at++) counts.set(tags[at], (counts.get(tags[at]) ?? 0) + 1);
  const kept = [...counts].filter(([, count]) => count >= minimum).map(([tag]) => tag);
  return new Map(kept.sort((a, b) => a - b).map((tag, number) => [tag, number]));
}

/** The lists with learned tags alone, by their numbers. */
function only({ offsets, tags }: TagLists, numbers: ReadonlyMap<number, number>): TagLists {
  const lists = Array.from({ length: offsets.length - 1 }, (_, i) =>
    Array.from(tags.subarray(offsets[i], offsets[i + 1]), (tag) => numbers.get(tag)).filter((n) => n !== undefined),
  );
  const ends = new Int32Array(lists.length + 1);
  for (const [i, { length }] of lists.entries()) ends[i + 1] = ends[i] + length;
  return { offsets: ends, tags: Int32Array.from(lists.flat()) };
}

/** Draws that leave no tag are drawn again. */
function resampled(annotation: Annotation, items: number, seed: number): Draws {
  const random = Random.seeded(seed).split('items');
  const draws = { gapAt20: new Float64Array(RESAMPLES), map: new Float64Array(RESAMPLES) };
  const weights = new Float64Array(items);
  for (let k = 0; k < RESAMPLES; ) {
    weights.fill(0);
    for (let i = 0; i < items; i++) weights[random.integer(items)]++;
    const { gapAt20, map } = annotation.measure(weights);
    if (Number.isNaN(gapAt20)) continue;
    draws.gapAt20[k] = gapAt20;
    draws.map[k++] = map;
  }
  return draws;
}

/** The middle 95 %. */
function middle(values: Float64Array): readonly [number, number] {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  return [at(0.025), at(0.975)];
}
