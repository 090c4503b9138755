import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, type Emitter, expectTypes, type Op } from '../op.ts';
import { broadcastShapes, type Shape, show } from '../shape.ts';
import { broadcastOffset, everyIndex, tensor } from '../tensor.ts';
import { sumTo } from './sum.ts';

interface Transposes {
  /** Whether the last two axes of the first input are exchanged. */
  readonly a: boolean;
  /** Whether the last two axes of the second input are exchanged. */
  readonly b: boolean;
}

/** Matrix product `[..., m, k] x [..., k, n] -> [..., m, n]`; leading axes broadcast, either side may be transposed. */
export const op: Op<Transposes> = {
  name: 'matmul',
  infer: (inputs, transposed) => {
    expectTypes('matmul', inputs, 'float32');
    const [a, b] = inputs;
    const [rows, inner] = lastTwo(a.shape, transposed.a);
    const [innerB, columns] = lastTwo(b.shape, transposed.b);
    if (rows === undefined || columns === undefined || inner !== innerB) {
      const mark = (shape: Shape, flag: boolean) => `${show(shape)}${flag ? ' transposed' : ''}`;
      throw new KindredError({
        rule: 'matmul needs [.., m, k] and [.., k, n]',
        received: `${mark(a.shape, transposed.a)} and ${mark(b.shape, transposed.b)}`,
        next: 'Make the inner sizes equal, or set the transpose flags',
      });
    }
    const leading = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
    return { shape: [...leading, rows, columns], type: 'float32' };
  },
  gradient: (node, upstream) => {
    const [a, b] = node.inputs;
    const flags: Transposes = node.attributes;
    const toA = flags.a ? product(b, upstream, flags.b, true) : product(upstream, b, false, !flags.b);
    const toB = flags.b ? product(upstream, a, true, flags.a) : product(a, upstream, !flags.a, false);
    return [sumTo(toA, a.shape), sumTo(toB, b.shape)];
  },
  lower: (emitter, [a, b], node) => {
    const flags: Transposes = node.attributes;
    const [left, right] = node.inputs;
    if (!flags.a && !flags.b) return emitter.emit('MatMul', [a, b])[0];
    if (left.shape.length === 2 && right.shape.length === 2) {
      return emitter.emit('Gemm', [a, b], { transA: Number(flags.a), transB: Number(flags.b) })[0];
    }
    if (emitter.contrib) {
      const attributes = { transA: Number(flags.a), transB: Number(flags.b) };
      return emitter.emit('FusedMatMul', [a, b], attributes, { domain: 'com.microsoft' })[0];
    }
    return emitter.emit('MatMul', [
      flags.a ? exchanged(emitter, a, left.shape.length) : a,
      flags.b ? exchanged(emitter, b, right.shape.length) : b,
    ])[0];
  },
  reference: ([a, b], flags, shape) => {
    const result = tensor(shape);
    const rank = shape.length;
    const inner = a.shape[a.shape.length - (flags.a ? 2 : 1)];
    const at = (x: typeof a, leading: readonly number[], row: number, column: number, flip: boolean) => {
      const base = broadcastOffset(x.shape.slice(0, -2), leading) * x.shape[x.shape.length - 2];
      const columns = x.shape[x.shape.length - 1];
      return x.data[flip ? (base + column) * columns + row : (base + row) * columns + column];
    };
    everyIndex(shape, (offset, index) => {
      const leading = index.slice(0, -2);
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        sum += at(a, leading, index[rank - 2], k, flags.a) * at(b, leading, k, index[rank - 1], flags.b);
      }
      result.data[offset] = sum;
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [2, 3] }, { shape: [3, 4] }], attributes: { a: false, b: false } },
    { inputs: [{ shape: [3, 2] }, { shape: [3, 4] }], attributes: { a: true, b: false } },
    { inputs: [{ shape: [2, 3] }, { shape: [4, 3] }], attributes: { a: false, b: true } },
    { inputs: [{ shape: [3, 2] }, { shape: [4, 3] }], attributes: { a: true, b: true } },
    { inputs: [{ shape: [5, 2, 3] }, { shape: [3, 1] }], attributes: { a: false, b: false } },
    { inputs: [{ shape: [5, 3, 2] }, { shape: [1, 4, 3] }], attributes: { a: true, b: true } },
    { inputs: [{ shape: [2, 3] }, { shape: [5, 4, 3] }], attributes: { a: false, b: true } },
    { inputs: [{ shape: [0, 3] }, { shape: [3, 4] }], attributes: { a: false, b: false } },
    { inputs: [{ shape: [1, 1] }, { shape: [1, 1] }], attributes: { a: false, b: false } },
  ],
};

function lastTwo(shape: Shape, flip: boolean): Shape {
  if (shape.length < 2) return [];
  const [rows, columns] = shape.slice(-2);
  return flip ? [columns, rows] : [rows, columns];
}

function exchanged(emitter: Emitter, name: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, axis) =>
    axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
  );
  return emitter.emit('Transpose', [name], { perm })[0];
}

const product = (a: Node, b: Node, transposeA: boolean, transposeB: boolean): Node =>
  apply(op, [a, b], { a: transposeA, b: transposeB });

/** `transposed` folds a transposition of the last two axes of either side into the product. */
export const matmul = (a: Node, b: Node, transposed: Partial<Transposes> = {}): Node =>
  product(a, b, transposed.a ?? false, transposed.b ?? false);
