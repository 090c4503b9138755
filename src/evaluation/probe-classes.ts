import { must } from '../core/error.ts';
import type { Matrix } from '../core/matrix.ts';

/** Frozen embeddings of items, and the class of each. */
export interface ProbePart {
  readonly embeddings: Matrix;
  readonly labels: Int32Array;
}

/** The parts of a probe: where it learns, where its settings are chosen, and what is reported. */
export interface ProbeParts {
  readonly train: ProbePart;
  readonly validation: ProbePart;
  readonly test: ProbePart;
}

/**
 * The classes of all parts as numbers from 0 on, in the order of the numbers that training has.
 *
 * @throws KindredError where a part is empty, training has one class, or another part has one that training has not
 */
export function numbered({ train, validation, test }: ProbeParts) {
  for (const [name, { labels }] of Object.entries({ train, validation, test })) {
    must(labels.length > 0, () => ({
      rule: 'A probe learns on the training part, chooses on the validation part and reports on the test part',
      received: `the part ${name} is empty`,
      next: 'Give data.split a share for each',
    }));
  }
  const numbers = new Map([...new Set(train.labels)].sort((a, b) => a - b).map((label, i) => [label, i]));
  must(numbers.size >= 2, () => ({
    rule: 'A probe tells classes apart, of which training has two or more',
    received: `${numbers.size}`,
    next: 'Give items of other classes',
  }));
  const of = (name: string, { labels }: ProbePart) => {
    const unknown = labels.filter((label) => !numbers.has(label)).length;
    must(unknown === 0, () => ({
      rule: 'A probe tells classes that it has learned: those of the other parts are in training too',
      received: `${unknown} of ${labels.length} items of the part ${name} are of other classes`,
      next: 'Divide the data by item: data.split.by: item',
      exitCode: 2,
    }));
    return labels.map((label) => numbers.get(label) as number);
  };
  return {
    classes: numbers.size,
    train: of('train', train),
    validation: of('validation', validation),
    test: of('test', test),
  };
}
