/**
 * The positions of the `k` largest values of `scores`, largest first; of equal values the lower position comes first.
 * NaN counts as the smallest value. All positions when `k` is larger than their number.
 *
 * One pass with a heap of `k` positions whose root is the worst one kept: `O(n log k)` time, `O(k)` memory.
 */
export function largest(scores: Float32Array, k: number): Int32Array {
  const value = (position: number) => (Number.isNaN(scores[position]) ? -Infinity : scores[position]);
  /** Whether position `a` ranks behind position `b`. */
  const behind = (a: number, b: number) => value(a) < value(b) || (value(a) === value(b) && a > b);
  const heap = new Int32Array(Math.min(k, scores.length));

  /** Moves the position at `node` down to where both its children rank before it. */
  const sink = (node: number) => {
    const moved = heap[node];
    for (;;) {
      let child = 2 * node + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && behind(heap[child + 1], heap[child])) child++;
      if (!behind(heap[child], moved)) break;
      heap[node] = heap[child];
      node = child;
    }
    heap[node] = moved;
  };

  for (let i = 0; i < heap.length; i++) heap[i] = i;
  for (let node = (heap.length >> 1) - 1; node >= 0; node--) sink(node);
  if (heap.length > 0) {
    let worst = value(heap[0]);
    for (let position = heap.length; position < scores.length; position++) {
      // Positions rise, so that an equal value ranks behind the root and stays out; so does NaN.
      if (!(scores[position] > worst)) continue;
      heap[0] = position;
      sink(0);
      worst = value(heap[0]);
    }
  }
  return heap.sort((a, b) => (behind(a, b) ? 1 : -1));
}
