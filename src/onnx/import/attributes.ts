import type { GraphProto, NodeProto, TensorProto } from '../onnx_pb.ts';

/** The attributes of a node, by name, with what holds where one is not given. */
export class Attributes {
  readonly #byName: ReadonlyMap<string, NodeProto['attribute'][number]>;

  constructor(node: NodeProto) {
    this.#byName = new Map(node.attribute.map((each) => [each.name, each]));
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  int(name: string, otherwise: number): number {
    const found = this.#byName.get(name);
    return found === undefined ? otherwise : Number(found.i);
  }

  float(name: string, otherwise: number): number {
    return this.#byName.get(name)?.f ?? otherwise;
  }

  string(name: string, otherwise: string): string {
    const found = this.#byName.get(name);
    return found === undefined ? otherwise : new TextDecoder().decode(found.s);
  }

  ints(name: string): number[] | undefined {
    return this.#byName.get(name)?.ints.map(Number);
  }

  floats(name: string): number[] | undefined {
    return this.#byName.get(name)?.floats;
  }

  tensor(name: string): TensorProto | undefined {
    return this.#byName.get(name)?.t;
  }

  graph(name: string): GraphProto | undefined {
    return this.#byName.get(name)?.g;
  }
}
