/**
 * Running mean over the `2 * radius + 1` values around each, never across one of `breaks` (positions at which a new
 * stretch begins, so that a jump stays a jump). Values that are not finite are left out of the means; where there is
 * no other, the mean is NaN.
 */
export function smooth(values: readonly number[], radius: number, breaks: readonly number[] = []): number[] {
  const sums = [0];
  const counts = [0];
  values.forEach((value, i) => {
    const finite = Number.isFinite(value);
    sums.push(sums[i] + (finite ? value : 0));
    counts.push(counts[i] + (finite ? 1 : 0));
  });
  const bounds = [0, ...breaks.filter((b) => b > 0 && b < values.length).sort((a, b) => a - b), values.length];
  const means: number[] = [];
  for (let stretch = 0; stretch + 1 < bounds.length; stretch++) {
    const [start, end] = [bounds[stretch], bounds[stretch + 1]];
    for (let i = start; i < end; i++) {
      const low = Math.max(start, i - radius);
      const high = Math.min(end, i + radius + 1);
      means.push((sums[high] - sums[low]) / (counts[high] - counts[low]));
    }
  }
  return means;
}

/**
 * Positions that draw the same curve with fewer points: of each of `buckets` equal stretches the first smallest and
 * the first largest value, and always the first and the last position. Rising. A value that is not finite is kept, since
 * it breaks the line.
 */
export function thin(values: readonly number[], buckets: number): number[] {
  if (values.length <= 2 * buckets) return values.map((_, i) => i);
  const kept = new Set([0, values.length - 1]);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = Math.floor((bucket * values.length) / buckets);
    const end = Math.floor(((bucket + 1) * values.length) / buckets);
    let [least, most, broken] = [-1, -1, -1];
    for (let i = start; i < end; i++) {
      if (!Number.isFinite(values[i])) broken = i;
      else {
        if (least < 0 || values[i] < values[least]) least = i;
        if (most < 0 || values[i] > values[most]) most = i;
      }
    }
    for (const i of [least, most, broken]) if (i >= 0) kept.add(i);
  }
  return [...kept].sort((a, b) => a - b);
}

/** Smallest and largest of the finite values; NaN and NaN where there are none. */
export function range(values: Iterable<number>): [low: number, high: number] {
  let [low, high] = [Number.NaN, Number.NaN];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (!(value >= low)) low = value;
    if (!(value <= high)) high = value;
  }
  return [low, high];
}
