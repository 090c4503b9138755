import { commonMemory } from './memory.ts';

/** A float32 value in the making: one lane of a SIMD register. Immutable; used twice, it is computed once. */
export interface Lane {
  readonly kind: 'array' | 'scalar' | Operation;
  /** Which array or scalar. */
  readonly index: number;
  readonly from: readonly Lane[];
}

/** Operations of WebAssembly's `f32x4`, with their opcodes. Each rounds once, as IEEE 754 says. */
const OPCODES = { sqrt: 0xe3, add: 0xe4, sub: 0xe5, mul: 0xe6, div: 0xe7, max: 0xe9 };
type Operation = keyof typeof OPCODES;

const operation =
  (kind: Operation) =>
  (...from: Lane[]): Lane => ({ kind, index: -1, from });

export const sqrt: (a: Lane) => Lane = operation('sqrt');
export const add: (a: Lane, b: Lane) => Lane = operation('add');
export const sub: (a: Lane, b: Lane) => Lane = operation('sub');
export const mul: (a: Lane, b: Lane) => Lane = operation('mul');
export const div: (a: Lane, b: Lane) => Lane = operation('div');
export const max: (a: Lane, b: Lane) => Lane = operation('max');

/** What a kernel is: the same computation twice, as lanes for SIMD and as a plain loop. */
export interface Elementwise {
  /** How many arrays, and how many float32 constants. */
  readonly arrays: number;
  readonly scalars: number;
  /** One value of each array and the constants -> the new value of each array, `undefined` where it stays. */
  lanes(arrays: readonly Lane[], scalars: readonly Lane[]): readonly (Lane | undefined)[];
  /**
   * The same for the elements from `start` on, every operation rounded by `Math.fround` in the same order: it gives the
   * same bits. It is the reference, does the last one to three elements, and arrays outside kernel memory.
   */
  plain(arrays: readonly Float32Array[], scalars: readonly number[], start: number): void;
}

/** Runs over arrays of one length, in place. The constants are rounded to float32. */
export type Kernel = (arrays: readonly Float32Array[], scalars: readonly number[]) => void;

/**
 * A loop over typed arrays, four elements at a time where all the arrays lie in one kernel memory
 * (`allocateTogether`), and one at a time elsewhere; the results agree bit for bit.
 *
 * The SIMD half is WebAssembly, assembled here from `lanes` when first needed: no build step, and Node 20 has SIMD on every
 * processor it runs on.
 */
export function elementwise(definition: Elementwise): Kernel {
  const instances = new WeakMap<WebAssembly.Memory, (...values: number[]) => void>();
  let module: WebAssembly.Module | undefined;
  return (arrays, scalars) => {
    const rounded = scalars.map(Math.fround);
    const memory = commonMemory(arrays);
    const vectors = memory === undefined ? 0 : arrays[0].length >>> 2;
    if (memory !== undefined && vectors > 0) {
      let run = instances.get(memory);
      if (run === undefined) {
        module ??= new WebAssembly.Module(assemble(definition));
        run = new WebAssembly.Instance(module, { k: { m: memory } }).exports.f;
        instances.set(memory, run);
      }
      run(...arrays.map((array) => array.byteOffset), vectors * 16, ...rounded);
    }
    definition.plain(arrays, rounded, vectors * 4);
  };
}

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const get = (local: number) => [0x20, ...leb(local)];
const set = (local: number) => [0x21, ...leb(local)];
const simd = (opcode: number) => [0xfd, ...leb(opcode)];
/** Alignment hint 0 (any address) and offset 0. */
const ACCESS = [0, 0];

/**
 * The module: imports the memory `k.m`, exports `f(pointer of each array, bytes, constants)`.
 *
 * Binary format: WebAssembly Core Specification 2.0, chapter 5. Section ids 1 type, 2 import, 3 function, 7 export, 10 code.
 */
function assemble({ arrays, scalars, lanes }: Elementwise): Uint8Array {
  const bytes = arrays;
  const parameters = [...Array(arrays + 1).fill(I32), ...Array(scalars).fill(F32)];
  const at = parameters.length;
  const leaf = (kind: 'array' | 'scalar') => (_: unknown, index: number) => ({ kind, index, from: [] }) satisfies Lane;
  const inputs = Array.from({ length: arrays }, leaf('array'));
  const constants = Array.from({ length: scalars }, leaf('scalar'));
  const results = lanes(inputs, constants);

  // The locals after the parameters: the byte offset `at`, then one vector for each lane.
  const locals = new Map<Lane, number>();
  const local = (lane: Lane) => locals.get(lane) ?? locals.set(lane, at + 1 + locals.size).get(lane)!;
  const address = (array: number) => [...get(array), ...get(at), 0x6a];
  const splats = constants.flatMap((lane, i) => [...get(arrays + 1 + i), ...simd(0x13), ...set(local(lane))]);
  const emit = (lane: Lane): number[] => {
    if (locals.has(lane)) return [];
    if (lane.kind === 'array') return [...address(lane.index), ...simd(0x00), ...ACCESS, ...set(local(lane))];
    const operands = lane.from.flatMap(emit);
    const opcode = OPCODES[lane.kind as Operation];
    return [...operands, ...lane.from.flatMap((of) => get(local(of))), ...simd(opcode), ...set(local(lane))];
  };
  const body = results.flatMap((lane) => (lane === undefined ? [] : emit(lane)));
  const stores = results.flatMap((lane, i) =>
    lane === undefined ? [] : [...address(i), ...get(local(lane)), ...simd(0x0b), ...ACCESS],
  );
  // loop { body; at += 16; if at < bytes, again }
  const next = [...get(at), 0x41, 16, 0x6a, 0x22, ...leb(at), ...get(bytes), 0x49, 0x0d, 0];
  const code = [...splats, 0x03, 0x40, ...body, ...stores, ...next, 0x0b, 0x0b];
  const declared = [...leb(2), 1, I32, ...leb(locals.size), V128];

  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, ...sized(parameters), 0]),
    ...section(2, [1, ...text('k'), ...text('m'), 0x02, 0x00, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('f'), 0x00, 0]),
    ...section(10, [1, ...sized([...declared, ...code])]),
  ]);
}

const section = (id: number, content: number[]) => [id, ...sized(content)];
const sized = (content: number[]) => [...leb(content.length), ...content];
const text = (name: string) => sized([...Buffer.from(name)]);

/** An unsigned integer in LEB128: seven bits a byte, the low ones first. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}
