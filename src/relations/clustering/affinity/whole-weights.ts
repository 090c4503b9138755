/**
 * Weights as whole numbers, by a power of two that keeps their sum below 2^53: then every sum of some of them is exact in doubles,
 * in whatever order it is made. Counts stay as they are, but for the power of two. At least 1 each.
 */
export function wholeWeights(weight: Float32Array | undefined): { readonly scale: number; of(row: number): number } {
  if (weight === undefined) return { scale: 1, of: () => 1 };
  // Of the greatest and the number, for a sum of weights depends on their order.
  const most = weight.reduce((a, b) => Math.max(a, b), 0);
  const scale = 2 ** (52 - Math.ceil(Math.log2(most * weight.length)));
  return { scale, of: (row) => Math.max(1, Math.round(weight[row] * scale)) };
}
