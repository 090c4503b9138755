/** Shapes that show every corner of ops on one value, and on two that broadcast. */
export const unaryShapes: readonly (readonly number[])[] = [[], [1], [0, 3], [5], [3, 7], [2, 1, 4]];
export const binaryShapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[3], []],
  [[2, 3], [3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [
    [0, 3],
    [1, 3],
  ],
  [
    [5, 7],
    [5, 7],
  ],
];
