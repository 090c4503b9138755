import { type Matrix, matrix } from '../core/matrix.ts';
import { input } from '../graph/ops/input.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { lower } from '../onnx/lower.ts';
import { Program } from '../onnx/program.ts';
import { minimise } from './minimise.ts';
import { product, transpose } from './product.ts';

/** What is paid for the outputs of all items: the sum is returned, its slope written into `slopes`; both `[items, outputs]`. */
export type OutputLoss = (outputs: Float32Array, slopes: Float32Array) => number;

/** `x W + b`: `weights` is `[features, outputs]`. */
export interface LinearModel {
  readonly weights: Matrix;
  readonly bias: Float32Array;
}

export interface LinearFit extends LinearModel {
  /** Steps that it took, and whether the gradient has vanished. */
  readonly iterations: number;
  readonly converged: boolean;
}

export interface LinearFitOptions {
  readonly features: Matrix;
  readonly outputs: number;
  readonly loss: OutputLoss;
  /** Weight of `|W|^2 / 2`, beside the mean of the loss over items. The bias is free. */
  readonly l2: number;
  /** Where to begin; at zeros unless given. */
  readonly start?: LinearModel;
  /** Default 200. */
  readonly iterations?: number;
  /** The largest part of the gradient at the end. Default 1e-4. */
  readonly tolerance?: number;
  readonly threads: number;
}

/**
 * The linear map that minimises `mean over items of loss(x W + b) + l2 / 2 |W|^2`, by L-BFGS over all items at once. Products are in float32,
 * as features are; losses and steps in float64.
 */
export async function fitLinear(options: LinearFitOptions): Promise<LinearFit> {
  const { features, outputs, loss, l2, start, iterations = 200, tolerance = 1e-4, threads } = options;
  const { rows, columns } = features;
  const products = await Products.compile(features, outputs, threads);
  const size = columns * outputs;
  const from = new Float64Array(size + outputs);
  if (start !== undefined) {
    from.set(start.weights.data);
    from.set(start.bias, size);
  }
  const slopes = new Float32Array(rows * outputs);
  try {
    const found = await minimise(
      async (x, gradient) => {
        const values = await products.outputs(x.subarray(0, size));
        for (let i = 0; i < values.length; i++) values[i] += x[size + (i % outputs)];
        let value = loss(values, slopes) / rows;
        gradient.set(await products.backward(slopes));
        for (let i = 0; i < size; i++) {
          gradient[i] = gradient[i] / rows + l2 * x[i];
          value += 0.5 * l2 * x[i] * x[i];
        }
        for (let i = 0; i < slopes.length; i++) gradient[size + (i % outputs)] += slopes[i] / rows;
        return value;
      },
      from,
      { tolerance, iterations },
    );
    return {
      weights: matrix(columns, outputs, Float32Array.from(found.x.subarray(0, size))),
      bias: Float32Array.from(found.x.subarray(size)),
      iterations: found.iterations,
      converged: found.converged,
    };
  } finally {
    await products.release();
  }
}

/** `x W + b` of other items, `[items, outputs]`. */
export async function outputsOf({ weights, bias }: LinearModel, features: Matrix): Promise<Matrix> {
  const found = await product(features, transpose(weights));
  for (let i = 0; i < found.data.length; i++) found.data[i] += bias[i % bias.length];
  return found;
}

/** `X W` and `X^T S`, for one `X`. */
class Products {
  readonly #program: { readonly forward: Program; readonly backward: Program };
  readonly #features: Matrix;
  readonly #outputs: number;

  private constructor(features: Matrix, outputs: number, forward: Program, backward: Program) {
    this.#features = features;
    this.#outputs = outputs;
    this.#program = { forward, backward };
  }

  static async compile(features: Matrix, outputs: number, threads: number): Promise<Products> {
    const { rows, columns } = features;
    const x = input('x', [rows, columns]);
    const forward = matmul(x, input('weights', [columns, outputs]));
    const backward = matmul(x, input('slopes', [rows, outputs]), { a: true });
    return new Products(
      features,
      outputs,
      await Program.compile(lower({ outputs: { result: forward } }), { threads }),
      await Program.compile(lower({ outputs: { result: backward } }), { threads }),
    );
  }

  outputs(weights: Float64Array): Promise<Float32Array> {
    const { columns } = this.#features;
    return this.#run('forward', { weights: { shape: [columns, this.#outputs], data: Float32Array.from(weights) } });
  }

  backward(slopes: Float32Array): Promise<Float32Array> {
    return this.#run('backward', { slopes: { shape: [this.#features.rows, this.#outputs], data: slopes } });
  }

  async #run(
    which: 'forward' | 'backward',
    other: Record<string, { shape: number[]; data: Float32Array }>,
  ): Promise<Float32Array> {
    const { rows, columns, data } = this.#features;
    const { result } = await this.#program[which].run({ x: { shape: [rows, columns], data }, ...other });
    return result.data as Float32Array;
  }

  async release(): Promise<void> {
    await this.#program.forward.release();
    await this.#program.backward.release();
  }
}
