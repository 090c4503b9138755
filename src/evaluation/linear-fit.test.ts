import { Matrix as Dense, solve } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { fitLinear, outputsOf } from './linear-fit.ts';
import { crossEntropy, largest } from './logistic.ts';

// As far as products in float32 let the gradient vanish.
const exact = { tolerance: 1e-5, iterations: 500, threads: 1 };

test('two points, by hand', async () => {
  // At -1 and 1, of two classes: the weights are -w and w, with l2 w = sigmoid(-2 w) at the minimum. For w = 1/2: l2 = 2 / (1 + e).
  const features = matrix(2, 1, Float32Array.of(-1, 1));
  const l2 = 2 / (1 + Math.E);
  const found = await fitLinear({ features, outputs: 2, loss: crossEntropy(Int32Array.of(0, 1)), l2, ...exact });
  expect(found.converged).toBe(true);
  expect([...found.weights.data].map((w) => w.toFixed(5))).toEqual(['-0.50000', '0.50000']);
  expect(found.bias[0]).toBeCloseTo(found.bias[1], 5);
});

test('features that say nothing: the bias gives how often each class is', async () => {
  const labels = Int32Array.of(0, 0, 0, 1, 2, 2);
  const features = matrix(6, 2);
  const { bias, weights } = await fitLinear({ features, outputs: 3, loss: crossEntropy(labels), l2: 0.1, ...exact });
  const total = bias.reduce((sum, b) => sum + Math.exp(b), 0);
  expect(Array.from(bias, (b) => (Math.exp(b) / total).toFixed(4))).toEqual(['0.5000', '0.1667', '0.3333']);
  expect([...weights.data].every((w) => w === 0)).toBe(true);
});

/** The same by Newton's method in float64, with the whole Hessian: nothing of ours. Weights `[d + 1][k]`, the last row the bias. */
function newton(x: number[][], y: Int32Array, k: number, l2: number): number[][] {
  const [n, d] = [x.length, x[0].length + 1];
  const rows = x.map((each) => [...each, 1]);
  let w = new Array(d * k).fill(0);
  for (let step = 0; step < 30; step++) {
    const gradient = new Array(d * k).fill(0);
    const hessian = Dense.zeros(d * k, d * k);
    for (const [i, each] of rows.entries()) {
      const exps = Array.from({ length: k }, (_, c) => Math.exp(each.reduce((sum, v, j) => sum + v * w[j * k + c], 0)));
      const total = exps.reduce((a, b) => a + b);
      const p = exps.map((e) => e / total);
      for (let a = 0; a < d; a++) {
        for (let c = 0; c < k; c++) {
          gradient[a * k + c] += (each[a] * (p[c] - (y[i] === c ? 1 : 0))) / n;
          for (let b = 0; b < d; b++) {
            for (let e = 0; e < k; e++) {
              const value = (each[a] * each[b] * p[c] * ((c === e ? 1 : 0) - p[e])) / n;
              hessian.set(a * k + c, b * k + e, hessian.get(a * k + c, b * k + e) + value);
            }
          }
        }
      }
    }
    for (let i = 0; i < d * k; i++) {
      const penalised = i < (d - 1) * k;
      if (penalised) gradient[i] += l2 * w[i];
      // The bias of all classes may move together: a little holds it in place.
      hessian.set(i, i, hessian.get(i, i) + (penalised ? l2 : 1e-9));
    }
    const move = solve(hessian, Dense.columnVector(gradient)).to1DArray();
    w = w.map((value, i) => value - move[i]);
  }
  return Array.from({ length: d }, (_, a) => w.slice(a * k, (a + 1) * k));
}

describe('multinomial logistic regression', () => {
  const [n, d, k] = [60, 4, 3];
  const data = Float32Array.from(normals(n, d, 3));
  const random = Random.seeded(5);
  const labels = Int32Array.from({ length: n }, (_, i) =>
    random.uniform() < 0.3 ? random.integer(k) : (data[i * d] > 0 ? 1 : 0) + (data[i * d + 1] > 0.5 ? 1 : 0),
  );
  const features = matrix(n, d, data);
  const rows = Array.from({ length: n }, (_, i) => [...data.subarray(i * d, (i + 1) * d)]);

  test.each([1, 0.05, 0.002])("with l2 %d, it is what Newton's method finds", async (l2) => {
    const found = await fitLinear({ features, outputs: k, loss: crossEntropy(labels), l2, ...exact });
    const expected = newton(rows, labels, k, l2);
    expect(found.converged).toBe(true);
    for (let a = 0; a < d; a++) {
      for (let c = 0; c < k; c++) expect(found.weights.data[a * k + c]).toBeCloseTo(expected[a][c], 3);
    }
    // Of the bias only differences matter.
    for (let c = 1; c < k; c++) expect(found.bias[c] - found.bias[0]).toBeCloseTo(expected[d][c] - expected[d][0], 3);
  });

  test('a start that is near is kept, and takes fewer steps', async () => {
    const given = { features, outputs: k, loss: crossEntropy(labels), ...exact };
    const near = await fitLinear({ ...given, l2: 0.01 });
    const [cold, warm] = [
      await fitLinear({ ...given, l2: 0.009 }),
      await fitLinear({ ...given, l2: 0.009, start: near }),
    ];
    expect(warm.iterations).toBeLessThan(cold.iterations);
    warm.weights.data.forEach((w, i) => {
      expect(w).toBeCloseTo(cold.weights.data[i], 3);
    });
  });

  test('what is said of other items', async () => {
    const model = { weights: matrix(2, 3, Float32Array.of(1, 0, -1, 0, 2, 0)), bias: Float32Array.of(0, -1, 0.5) };
    const outputs = await outputsOf(model, matrix(2, 2, Float32Array.of(3, 0, 0, 1)));
    expect([...outputs.data]).toEqual([3, -1, -2.5, 0, 1, 0.5]);
    expect([...largest(outputs)]).toEqual([0, 1]);
    expect([...largest(matrix(1, 3, Float32Array.of(2, 2, 1)))]).toEqual([0]);
  });
});

test('cross-entropy, by hand, and of outputs that are far too large', () => {
  const slopes = new Float32Array(4);
  const loss = crossEntropy(Int32Array.of(0, 1))(Float32Array.of(0, Math.log(3), 0, 0), slopes);
  expect(loss).toBeCloseTo(Math.log(4) + Math.log(2), 6);
  expect([...slopes].map((s) => s.toFixed(4))).toEqual(['-0.7500', '0.7500', '0.5000', '-0.5000']);
  expect(crossEntropy(Int32Array.of(1))(Float32Array.of(1e30, -1e30), slopes)).toBeCloseTo(2e30, -24);
  expect([...slopes.subarray(0, 2)]).toEqual([1, -1]);
});
