import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusteringQuality } from './clustering.ts';

const labels = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })), {
  minLength: 1,
  maxLength: 30,
});

test('by hand: classes aaa bb c, groups aa | abbc', () => {
  const found = clusteringQuality([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 1]);
  expect([found.items, found.classes, found.groups]).toEqual([6, 3, 2]);
  // Items of the group of four: a 1/4, b 2/4 each, c 1/4. Class a: 2/3, 2/3, 1/3.
  expect(found.bCubed.precision).toBeCloseTo((1 + 1 + 1 / 4 + 2 / 4 + 2 / 4 + 1 / 4) / 6, 14);
  expect(found.bCubed.recall).toBeCloseTo((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1 + 1) / 6, 14);
  // Of 1 + 6 pairs in a group two are of a class; of 3 + 1 pairs in a class two are in a group.
  expect(found.pairwise.precision).toBeCloseTo(2 / 7, 14);
  expect(found.pairwise.recall).toBeCloseTo(1 / 2, 14);
  expect(found.pairwise.f1).toBeCloseTo(4 / 11, 14);
});

// normalized_mutual_info_score, adjusted_mutual_info_score and pair_confusion_matrix of scikit-learn 1.2.1, with their defaults.
test('the values of scikit-learn', () => {
  const of = (truth: number[], found: number[], nmi: number, ami: number) => {
    const quality = clusteringQuality(truth, found);
    expect(quality.nmi).toBeCloseTo(nmi, 12);
    expect(quality.ami).toBeCloseTo(ami, 12);
    return quality;
  };
  of([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 1], 0.3862534428571302, 0.10539038586282096);
  of([0, 0, 1, 1], [0, 1, 2, 3], 0.6666666666666666, 0);
  of([0, 1, 2, 3, 4], [0, 0, 0, 1, 1], 0.5897275217561565, 0);
  of([0, 0, 1, 1, 1, 1, 2, 2, 2], [0, 0, 0, 0, 1, 1, 1, 1, 1], 0.4335646497223673, 0.3077141183811698);
  // The high halves of a linear congruential generator: two in three items are in the group of their class.
  let x = 1;
  const draw = () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x;
  };
  const truth: number[] = [];
  const found: number[] = [];
  for (let i = 0; i < 500; i++) {
    truth.push((draw() >>> 16) % 20);
    draw();
    found.push((x >>> 16) % 3 > 0 ? truth[i] : (x >>> 18) % 13);
  }
  const { pairwise } = of(truth, found, 0.5810798517620667, 0.5116419637057191);
  // [[229628, 7536], [6916, 5420]]: rows by truth, columns by group.
  expect(pairwise.precision).toBeCloseTo(5420 / (5420 + 7536), 12);
  expect(pairwise.recall).toBeCloseTo(5420 / (5420 + 6916), 12);
});

test('shares are those of plain loops over items and pairs', () => {
  fc.assert(
    fc.property(labels, (both) => {
      const quality = clusteringQuality(
        both.map(([label]) => label),
        both.map(([, group]) => group),
      );
      const count = (test: (a: [number, number], b: [number, number]) => boolean, a: [number, number]) =>
        both.filter((b) => test(a, b)).length;
      let precision = 0;
      let recall = 0;
      let together = [0, 0, 0];
      for (const [i, a] of both.entries()) {
        const agree = count((x, y) => x[0] === y[0] && x[1] === y[1], a);
        precision += agree / count((x, y) => x[1] === y[1], a) / both.length;
        recall += agree / count((x, y) => x[0] === y[0], a) / both.length;
        for (const b of both.slice(i + 1)) {
          const [label, group] = [a[0] === b[0], a[1] === b[1]];
          together = [together[0] + Number(label && group), together[1] + Number(group), together[2] + Number(label)];
        }
      }
      expect(quality.bCubed.precision).toBeCloseTo(precision, 12);
      expect(quality.bCubed.recall).toBeCloseTo(recall, 12);
      expect(quality.pairwise.precision).toBeCloseTo(together[1] === 0 ? 1 : together[0] / together[1], 12);
      expect(quality.pairwise.recall).toBeCloseTo(together[2] === 0 ? 1 : together[0] / together[2], 12);
    }),
  );
});

test('what is expected by chance is the mean over all orders of the groups', () => {
  const information = (truth: readonly number[], found: readonly number[]) => {
    let sum = 0;
    for (const a of new Set(truth)) {
      for (const b of new Set(found)) {
        const n = truth.filter((label, i) => label === a && found[i] === b).length;
        const expected = (truth.filter((x) => x === a).length * found.filter((x) => x === b).length) / truth.length;
        if (n > 0) sum += (n / truth.length) * Math.log(n / expected);
      }
    }
    return sum;
  };
  const orders = (rest: readonly number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((each, i) => orders(rest.filter((_, j) => j !== i)).map((others) => [each, ...others]));
  const truth = [0, 0, 0, 1, 1, 2];
  const found = [0, 0, 1, 1, 2, 2];
  const all = orders(found).map((order) => information(truth, order));
  const chance = all.reduce((a, b) => a + b, 0) / all.length;
  const entropies = (information(truth, truth) + information(found, found)) / 2;
  const { ami, nmi } = clusteringQuality(truth, found);
  expect(ami).toBeCloseTo((information(truth, found) - chance) / (entropies - chance), 12);
  expect(nmi).toBeCloseTo(information(truth, found) / entropies, 12);
});

test('the same groups are worth 1, whatever their numbers; one group, or each item its own, too', () => {
  for (const [truth, found] of [
    [
      [0, 0, 1, 2],
      [7, 7, 3, 5],
    ],
    [[4], [1]],
    [
      [0, 0, 0],
      [1, 1, 1],
    ],
    [
      [0, 1, 2],
      [2, 1, 0],
    ],
  ]) {
    const { bCubed, pairwise, nmi, ami } = clusteringQuality(truth, found);
    for (const value of [...Object.values(bCubed), ...Object.values(pairwise), nmi, ami])
      expect(value).toBeCloseTo(1, 14);
  }
  const apart = clusteringQuality([0, 0, 0, 1], [0, 1, 2, 3]);
  expect(apart.pairwise).toEqual({ precision: 1, recall: 0, f1: 0 });
  expect(() => clusteringQuality([0, 1], [0])).toThrow('2 classes for 1 groups');
});
