/**
 * Seeded random numbers: the same seed gives the same bits on every machine.
 *
 * xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018), seeded by SplitMix32. A
 * generator can be split by name, so that adding a consumer does not change what the others draw.
 */
export class Random {
  readonly #state: Uint32Array<ArrayBuffer>;
  #spare: number | undefined;

  private constructor(state: Uint32Array<ArrayBuffer>) {
    this.#state = state;
  }

  static seeded(seed: number): Random {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is an integer, received ${seed}`);
    let x = (seed ^ Math.trunc(seed / 2 ** 32)) | 0;
    const state = Uint32Array.from({ length: 4 }, () => {
      x = (x + 0x9e3779b9) | 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) >>> 0;
    });
    return new Random(state);
  }

  /** An independent generator for one purpose (`'batches'`, `'views'`, a step number). Does not advance this one. */
  split(purpose: string | number): Random {
    let hash = 0x811c9dc5;
    for (const character of String(purpose)) {
      hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
    }
    const [a, b, c, d] = this.#state;
    return Random.seeded((hash ^ a! ^ Math.imul(b!, 3) ^ Math.imul(c!, 5) ^ Math.imul(d!, 7)) >>> 0);
  }

  /** A uniform 32-bit unsigned integer. */
  bits(): number {
    const s = this.#state;
    const product = Math.imul(s[1], 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** Uniform in [0, 1), with 53 bits. */
  uniform(): number {
    return ((this.bits() >>> 5) * 0x4000000 + (this.bits() >>> 6)) / 0x20000000000000;
  }

  /** A uniform integer in [0, below). Unbiased. */
  integer(below: number): number {
    if (!Number.isSafeInteger(below) || below < 1 || below > 2 ** 32) {
      throw new RangeError(`integer(below) draws from 1 to 2^32 values, received ${below}`);
    }
    const limit = 2 ** 32 - (2 ** 32 % below);
    for (;;) {
      const bits = this.bits();
      if (bits < limit) return bits % below;
    }
  }

  /** Standard normal (Box and Muller 1958; pairs are used up in order). */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Shuffles in place (Fisher and Yates) and returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = values[i];
      values[i] = values[j];
      values[j] = held;
    }
    return values;
  }

  /** The state, to be stored in a checkpoint. */
  save(): { state: number[]; spare: number | null } {
    return { state: [...this.#state], spare: this.#spare ?? null };
  }

  static restore(saved: { state: number[]; spare: number | null }): Random {
    const random = new Random(Uint32Array.from(saved.state));
    random.#spare = saved.spare ?? undefined;
    return random;
  }
}
