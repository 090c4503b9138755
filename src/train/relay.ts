/** How far some long work has come. */
export interface Progress {
  readonly kind: 'progress';
  readonly done: number;
  readonly total: number;
}

/** Turns the calls of a progress function, made while a promise is pending, into events of the stream. */
export class Relay {
  #latest: { done: number; total: number } | undefined;
  #wake: () => void = () => {};

  readonly report = (done: number, total: number): void => {
    this.#latest = { done, total };
    this.#wake();
  };

  async *during<T>(work: Promise<T>): AsyncGenerator<Progress, T, void> {
    let settled = false;
    const finished = work.finally(() => {
      settled = true;
    });
    // Whenever it fails, somebody is looking: it is thrown from here once what came before it is told.
    finished.catch(() => {});
    try {
      while (!settled || this.#latest !== undefined) {
        if (this.#latest === undefined) {
          const woken = new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          await Promise.race([finished, woken]);
        }
        const latest = this.#latest;
        this.#latest = undefined;
        if (latest !== undefined) yield { kind: 'progress', ...latest };
      }
      return await finished;
    } finally {
      // Whoever leaves the stream may take away what the work needs.
      if (!settled) await finished.catch(() => {});
    }
  }
}
