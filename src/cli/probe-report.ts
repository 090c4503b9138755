import type { Matrix } from '../core/matrix.ts';

/** What is probed, whatever it is probed for. */
export interface Probing {
  /** The run first, then what it is compared with. */
  readonly sources: readonly {
    readonly key: string;
    readonly name: string;
    /** Of all items of all parts. */
    embeddings(): Promise<Matrix>;
  }[];
  /** The items of each part, and their rows of those embeddings. */
  readonly takes: Readonly<
    Record<'train' | 'validation' | 'test', { readonly items: Int32Array; take(embeddings: Matrix): Matrix }>
  >;
  readonly reported: 'test' | 'validation';
  readonly seed: number;
  readonly threads: number;
  progress(what: string): (done: number, total: number) => void;
}

/** What was found, for programs and for people. */
export interface ProbeReport {
  readonly json: object;
  text(what: string): string;
}
