import { count, duration } from '../runs/page/numbers.ts';

/**
 * One line on stderr that is written over while work goes on, for people who watch. Quiet where stderr is not a terminal.
 */
export class ProgressLine {
  readonly #terminal = process.stderr.isTTY === true;
  #shownAt = 0;
  #open = false;
  #work: { name: string; began: number } | undefined;

  /** Shows a line in place of the last, at most ten times a second. */
  show(line: string, options: { force?: boolean } = {}): void {
    const now = performance.now();
    if (!this.#terminal || (!options.force && now - this.#shownAt < 100)) return;
    this.#shownAt = now;
    this.#open = true;
    const width = (process.stderr.columns || 80) - 1;
    process.stderr.write(`\r\u001b[2K${line.length > width ? `${line.slice(0, width - 1)}…` : line}`);
  }

  /** A line for `done` of `total`, with the time left once there is something to go by. */
  work(name: string, done: number, total: number): void {
    if (this.#work?.name !== name) this.#work = { name, began: performance.now() };
    const seconds = (performance.now() - this.#work.began) / 1000;
    const left = done > 0 && seconds > 1 ? `, ${duration((seconds / done) * (total - done))} left` : '';
    this.show(`  ${name}: ${count(done)} of ${count(total)}${left}`);
  }

  /** Removes the line, so that something else can be printed. */
  clear(): void {
    if (this.#open) process.stderr.write('\r\u001b[2K');
    this.#open = false;
  }
}
