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
    while (!settled) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([finished, woken]);
      if (this.#latest !== undefined) yield { kind: 'progress', ...this.#latest };
      this.#latest = undefined;
    }
    return finished;
  }
}
