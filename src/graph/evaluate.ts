import { type Node, topological } from './node.ts';
import { op as inputOp } from './ops/input.ts';
import { show } from './shape.ts';
import { bindShape, type Tensor } from './tensor.ts';

/**
 * The float64 reference interpreter: the values of `outputs` for the given inputs, computed by each op's own
 * definition. Symbols in shapes get their size from the inputs that carry them.
 */
export function evaluate(outputs: readonly Node[], feeds: ReadonlyMap<Node, Tensor>): Tensor[] {
  const order = topological(outputs);
  const symbols = new Map<string, number>();
  for (const node of order) {
    const value = feeds.get(node);
    if (value === undefined) continue;
    node.shape.forEach((size, axis) => {
      const known = typeof size === 'string' ? symbols.get(size) : size;
      if (value.shape.length !== node.shape.length || (known !== undefined && known !== value.shape[axis])) {
        throw new RangeError(`input ${show(node.shape)} was fed ${show(value.shape)}`);
      }
      if (typeof size === 'string') symbols.set(size, value.shape[axis]);
    });
  }
  const values = new Map<Node, Tensor>(feeds);
  for (const node of order) {
    if (values.has(node)) continue;
    if (node.op === inputOp) throw new RangeError(`no value was fed for the input "${node.attributes.name}"`);
    const inputs = node.inputs.map((input) => values.get(input) as Tensor);
    values.set(node, node.op.reference(inputs, node.attributes, bindShape(node.shape, symbols)));
  }
  return outputs.map((node) => values.get(node) as Tensor);
}
