/**
 * The inverse of a symmetric positive definite matrix, `[n, n]` row after row, by Cholesky: with `A = L L^T` it is `L^-T L^-1`. About `n^3`
 * multiplications. Overwrites what it is given.
 *
 * @throws RangeError where the matrix is not positive definite
 */
export function inverseOf(a: Float64Array, n: number): Float64Array {
  // L, below the diagonal.
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j];
      const [left, right] = [i * n, j * n];
      for (let k = 0; k < j; k++) sum -= a[left + k] * a[right + k];
      if (i === j) {
        if (!(sum > 0)) throw new RangeError(`the matrix is not positive definite: pivot ${j} is ${sum}`);
        a[i * n + i] = Math.sqrt(sum);
      } else a[i * n + j] = sum / a[j * n + j];
    }
  }
  // Row j of `columns` is column j of L^-1, from its diagonal on.
  const columns = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const own = columns.subarray(j * n, (j + 1) * n);
    own[j] = 1 / a[j * n + j];
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      const left = i * n;
      for (let k = j; k < i; k++) sum -= a[left + k] * own[k];
      own[i] = sum / a[i * n + i];
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      const [left, right] = [i * n, j * n];
      for (let k = i; k < n; k++) sum += columns[left + k] * columns[right + k];
      a[left + j] = sum;
      a[right + i] = sum;
    }
  }
  return a;
}
