import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { type Matrix, matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { type BaselineResult, baselines } from './baselines.ts';
import { meansOf } from './measure.ts';
import { linked } from './relevance.ts';
import { type Retrieval, retrieval } from './retrieval.ts';

interface LabelledPart {
  readonly features: Matrix;
  readonly labels: Int32Array;
}

const empty = (columns: number): LabelledPart => ({ features: matrix(0, columns), labels: new Int32Array(0) });

function part(
  groups: number[],
  perGroup: number,
  d: number,
  draw: (group: number, feature: number) => number,
): LabelledPart {
  const labels = Int32Array.from(groups.flatMap((g) => new Array(perGroup).fill(g)));
  return {
    features: matrix(
      labels.length,
      d,
      new Float32Array(labels.length * d).map((_, k) => draw(labels[Math.floor(k / d)], k % d)),
    ),
    labels,
  };
}

/** The first 4 features tell the groups apart, the other 36 are loud noise. */
function noisy(seed: number) {
  const random = Random.seeded(seed);
  const centres = Array.from({ length: 80 }, () => random.normal() * 2);
  return (g: number, j: number) => (j < 4 ? centres[g * 4 + j] + 0.5 * random.normal() : 5 * random.normal());
}

const fitted = (result: BaselineResult | { reason: string }): BaselineResult => {
  if ('reason' in result) throw new Error(result.reason);
  return result;
};

const mapAtR = ({ test }: BaselineResult): number => meansOf(test).mapAtR as number;

test('PCA + LDA finds the features that matter, for groups in training and for unseen ones', async () => {
  const draw = noisy(1);
  const seen = [0, 1, 2, 3, 4, 5, 6, 7];
  const unseen = [10, 11, 12, 13, 14];
  const train = part(seen, 60, 40, draw);
  for (const groups of [seen, unseen]) {
    const validation = part(groups, 15, 40, draw);
    const test = part(groups, 15, 40, draw);
    const { raw, pcaLda } = await baselines({ train, validation, test });
    const lda = fitted(pcaLda);
    expect(mapAtR(raw)).toBeLessThan(0.35);
    expect(mapAtR(lda)).toBeGreaterThan(mapAtR(raw) + 0.2);
    expect(lda.settings.directions).toBe(7);
    expect(lda.embeddings).toMatchObject({ rows: groups.length * 15, columns: 7 });
    const again = await retrieval({ embeddings: lda.embeddings, labels: test.labels, metric: lda.metric });
    expect(again).toEqual(lda.test);
  }
});

test('the raw metric is the better one on the validation part, whatever the test part says', async () => {
  const random = Random.seeded(2);
  const angle = (g: number, j: number) => (j === g ? 1 : 0.1 * random.uniform());
  // Groups differ by direction and lengths vary: cosine. Groups differ by length alone: euclidean.
  const directions = part([0, 1, 2], 20, 3, angle);
  directions.features.data.set(directions.features.data.map((x, k) => x * (1 + (Math.floor(k / 3) % 7))));
  const lengths = part([0, 1, 2], 20, 3, (g) => 1 + g + 0.1 * random.uniform());
  for (const [validation, test, metric] of [
    [directions, lengths, 'cosine'],
    [lengths, directions, 'squared-euclidean'],
  ] as const) {
    const { raw } = await baselines({ train: directions, validation, test });
    expect(raw.metric).toBe(metric);
    expect(raw.name).toBe(metric === 'cosine' ? 'raw pixels, cosine' : 'raw pixels, euclidean');
    const both = await Promise.all(
      (['cosine', 'squared-euclidean'] as const).map((m) =>
        retrieval({ embeddings: validation.features, labels: validation.labels, metric: m }),
      ),
    );
    expect(raw.validation).toBe(Math.max(...both.map((r) => r.means.mapAtR)));
    expect(raw.embeddings).toBe(test.features);
    expect(raw.test.metric).toBe(metric);
  }
});

test('without validation pairs the settings are fixed, and it says so', async () => {
  const draw = noisy(3);
  const train = part([0, 1, 2], 40, 40, draw);
  const test = part([0, 1, 2], 10, 40, draw);
  const singles = part([0, 1, 2], 1, 40, draw);
  for (const validation of [empty(40), empty(0), singles]) {
    const { raw, pcaLda } = await baselines({ train, validation, test });
    expect(raw.validation).toBeNull();
    expect(raw.settings).toEqual({ metric: 'cosine' });
    expect(fitted(pcaLda).validation).toBeNull();
    expect(fitted(pcaLda).settings).toMatchObject({ dimension: 40, shrinkage: 0.03, metric: 'cosine' });
  }
});

test('where LDA cannot be fitted there is a reason, and the raw baseline stays', async () => {
  const random = Random.seeded(4);
  const some = part([0, 1], 10, 5, () => random.normal());
  const reasons: [LabelledPart, RegExp][] = [
    [part([3], 10, 5, () => random.normal()), /two groups/],
    [empty(5), /two groups/],
    [part([0, 1, 2], 1, 5, () => random.normal()), /two items that differ/],
    [part([0, 1], 4, 5, () => 0.5), /are equal/],
    [part([0, 1], 4, 5, (g) => g), /two items that differ/],
    [{ features: matrix(4, 1, Float32Array.of(1, 2, 1, 2)), labels: Int32Array.of(0, 0, 1, 1) }, /do not differ/],
  ];
  for (const [train, reason] of reasons) {
    const narrow = { features: matrix(4, 1, Float32Array.of(1, 2, 3, 4)), labels: Int32Array.of(0, 0, 1, 1) };
    const other = train.features.columns === 1 ? narrow : some;
    const { raw, pcaLda } = await baselines({ train, validation: other, test: other });
    expect((raw.test as Retrieval).queries).toBe(other.labels.length);
    expect(pcaLda).toEqual({ reason: expect.stringMatching(reason) });
  }
});

test('the same call gives the same result, and progress rises to its total', async () => {
  const draw = noisy(5);
  const train = part([0, 1, 2], 30, 40, draw);
  const validation = part([0, 1, 2], 10, 40, draw);
  const seen: number[] = [];
  let total = 0;
  const first = await baselines({
    train,
    validation,
    test: validation,
    progress: (done, of) => {
      seen.push(done);
      total = of;
    },
  });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(total);
  const second = await baselines({ train, validation, test: validation });
  expect(fitted(second.pcaLda).embeddings.data).toEqual(fitted(first.pcaLda).embeddings.data);
});

test('parts of different sizes are refused', async () => {
  const some = part([0, 1], 3, 4, (g) => g);
  const other = part([0, 1], 3, 5, (g) => g);
  await expect(baselines({ train: some, validation: some, test: other })).rejects.toThrow(KindredError);
});

test('other relations: the metric is chosen by their main quality, and PCA + LDA is left out with the reason', async () => {
  // Lengths tell nothing, directions all: item i belongs with item i + 4.
  const features = matrix(8, 2);
  for (let i = 0; i < 8; i++) {
    const length = 1 + ((i * 3) % 8);
    features.data.set([length * Math.cos(i % 4), length * Math.sin(i % 4)], 2 * i);
  }
  const firsts = Int32Array.of(0, 1, 2, 3);
  const seconds = firsts.map((i) => i + 4);
  const links = { items: 8, from: firsts, to: seconds, directed: false };
  const pairs = {
    a: Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3),
    b: Int32Array.of(4, 5, 6, 7, 1, 2, 3, 0),
    same: Uint8Array.of(1, 1, 1, 1, 0, 0, 0, 0),
  };
  const triplets = { anchor: firsts, closer: seconds, farther: Int32Array.of(1, 2, 3, 0) };
  for (const truth of [{ relevance: linked(links) }, { pairs }, { triplets }]) {
    const part = { features, ...truth };
    const { raw, pcaLda } = await baselines({ train: part, validation: part, test: part, name: 'features' });
    expect(raw).toMatchObject({ name: 'features, cosine', validation: 1, metric: 'cosine' });
    expect(pcaLda).toEqual({ reason: 'it learns from groups alone' });
  }
  const part = { features, pairs };
  const { raw } = await baselines({ train: part, validation: part, test: part });
  // The threshold comes from validation; without it there is no accuracy.
  expect(meansOf(raw.test)).toEqual({ auc: 1, averagePrecision: 1, accuracy: 1 });
  const none = { features, pairs: { ...pairs, same: new Uint8Array(8) } };
  const fixed = await baselines({ train: part, validation: none, test: part });
  expect(fixed.raw.validation).toBeNull();
  expect(meansOf(fixed.raw.test)).toEqual({ auc: 1, averagePrecision: 1 });
});

test('of several blocks of features the best is chosen on the validation part: all, or one alone', async () => {
  const draw = noisy(2);
  const parts = {
    train: part([0, 1, 2], 20, 40, draw),
    validation: part([4, 5, 6], 20, 40, draw),
    test: part([8, 9], 20, 40, draw),
  };
  const { raw } = await baselines({ ...parts, blocks: { told: 4, loud: 36 } });
  expect(raw.settings).toMatchObject({ of: 'told' });
  const { labels, features } = parts.test;
  const told = matrix(
    features.rows,
    4,
    Float32Array.from({ length: 4 * features.rows }, (_, k) => features.data[40 * (k >> 2) + (k & 3)]),
  );
  expect(raw.embeddings).toEqual(told);
  const alone = await retrieval({ embeddings: told, labels, metric: raw.metric });
  expect(mapAtR(raw)).toBe(alone.means.mapAtR);
  const whole = await baselines({ ...parts, blocks: { both: 40 } });
  expect(Object.keys(whole.raw.settings)).toEqual(['metric']);
});
