/**
 * An error that a person can act on: which rule was broken, by which values, and what to do next.
 *
 * The message is `rule: received. next`, one or two sentences. The command line prints it without a stack and exits
 * with `exitCode` (1: the work failed, 2: wrong usage).
 */
export class KindredError extends Error {
  override readonly name = 'KindredError';
  readonly exitCode: 1 | 2;

  constructor(parts: { rule: string; received: string; next: string; exitCode?: 1 | 2; cause?: unknown }) {
    super(
      `${parts.rule}: ${parts.received}. ${parts.next}${parts.next.startsWith('Did you mean') ? '?' : '.'}`,
      parts.cause === undefined ? {} : { cause: parts.cause },
    );
    this.exitCode = parts.exitCode ?? 1;
  }
}

/** Throws a {@link KindredError} unless `holds`; the values are only put into words when it does not. */
export function must(holds: boolean, parts: () => ConstructorParameters<typeof KindredError>[0]): asserts holds {
  if (!holds) throw new KindredError(parts());
}
