/** The clock of a run: how long training has taken, without its pauses, and how long it will still take. */
export class Pace {
  readonly #limit: number;
  readonly #batch: number;
  #began = performance.now();
  #before: number;
  #steps: number;

  /** @param resumed steps and seconds of an earlier process, which count. */
  constructor(limitSeconds: number, batch: number, resumed = { steps: 0, seconds: 0 }) {
    this.#limit = limitSeconds;
    this.#batch = batch;
    this.#steps = resumed.steps;
    this.#before = resumed.seconds;
  }

  stepped(): void {
    this.#steps++;
  }

  pause(): void {
    this.#before = this.#seconds();
    this.#began = Number.NaN;
  }

  resume(): void {
    this.#began = performance.now();
  }

  over(): boolean {
    return this.#seconds() >= this.#limit;
  }

  report(stepsLeft: number): { itemsPerSecond: number; seconds: number; secondsLeft: number } {
    const seconds = this.#seconds();
    const perStep = seconds / Math.max(1, this.#steps);
    return {
      itemsPerSecond: perStep > 0 ? this.#batch / perStep : 0,
      seconds,
      secondsLeft: Math.min(stepsLeft * perStep, Math.max(0, this.#limit - seconds)),
    };
  }

  #seconds(): number {
    return this.#before + (Number.isNaN(this.#began) ? 0 : (performance.now() - this.#began) / 1000);
  }
}
