import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { build } from './build.ts';
import { type Recipe, recipeSchema } from './schema.ts';

/** A recipe with some of its parts replaced. */
function recipe(parts: Record<string, unknown> = {}): Recipe {
  return recipeSchema.parse({
    version: 1,
    data: { reader: 'idx', folder: 'x' },
    batches: { groups: 2, perGroup: 3 },
    encoder: { name: 'mlp', dimension: 4, hidden: [] },
    objective: { loss: { name: 'triplet' }, miners: [{ name: 'hard' }] },
    optimizer: [{ name: 'sgd', rate: 0.1 }],
    steps: 10,
    ...parts,
  });
}

async function refusal(parts: Record<string, unknown>): Promise<string> {
  const error = await build(recipe(parts)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KindredError);
  expect((error as KindredError).exitCode).toBe(2);
  return (error as KindredError).message;
}

test('parts are what the recipe names, with its options', async () => {
  const parts = await build(
    recipe({
      views: [{ name: 'shift', pixels: 1 }, { name: 'flip' }],
      objective: { loss: { name: 'triplet', margin: 0.5 }, miners: [{ name: 'easy', until: 0.25 }, { name: 'hard' }] },
    }),
  );
  expect(parts.encoder.name).toBe('mlp');
  expect(parts.views).toHaveLength(2);
  expect(parts.objective.name).toBe('triplet (margin 0.5), easy -> hard');
  expect(parts.objective.stages.map(({ name, until }) => [name, until])).toEqual([
    ['easy', 0.25],
    ['hard', 1],
  ]);
});

test('a loss over all pairs is an objective by itself', async () => {
  const { objective } = await build(recipe({ objective: { loss: { name: 'supcon', temperature: 0.2 } } }));
  expect(objective.stages).toHaveLength(1);
  expect(await refusal({ objective: { loss: { name: 'supcon' }, miners: [{ name: 'easy' }] } })).toBe(
    'The loss supcon looks at pairs, so its miner has to choose pairs: objective.miners.0 is easy, which chooses triplets. ' +
      'Choose another, such as multi-similarity, pair-margin or easy-hard, or remove objective.miners.',
  );
});

test('losses are made of losses, each with its miners', async () => {
  const { objective } = await build(
    recipe({
      objective: {
        loss: {
          name: 'sum',
          of: [
            { loss: { name: 'triplet' }, miners: [{ name: 'easy', until: 0.5 }, { name: 'hard' }], weight: 2 },
            { loss: { name: 'matryoshka', of: { loss: { name: 'supcon' } }, dimensions: [2, 4] } },
            { loss: { name: 'embedding-norm' }, weight: 0.01 },
          ],
        },
      },
    }),
  );
  expect(objective.name).toBe(
    '2 triplet (margin 0.2), easy -> hard + 1 supcon (temperature 0.1), at 2, 4 + 0.01 embedding-norm (length 0)',
  );
  expect(objective.stages.map(({ name, until }) => [name, until])).toEqual([
    ['easy + supcon + embedding-norm', 0.5],
    ['hard + supcon + embedding-norm', 1],
  ]);
});

test.each<[string, object, RegExp]>([
  ['a loss within', { loss: { name: 'supcn' } }, /^objective\.loss\.of\.1\.loss\.name is not one of .* "supcon"/],
  [
    'an option of it',
    { loss: { name: 'supcon', temp: 1 } },
    /^objective\.loss\.of\.1\.loss does not have the key "temp"/,
  ],
  [
    'its miner',
    { loss: { name: 'triplet' } },
    /The loss triplet needs a miner.*: objective\.loss\.of\.1\.miners is empty/,
  ],
  ['the weight', { loss: { name: 'supcon' }, weight: 'x' }, /^objective\.loss\.of\.1\.weight does not fit: found "x"/],
  [
    'what is beside it',
    { loss: { name: 'supcon' }, wieght: 1 },
    /of\.1 does not have the key "wieght": .*Did you mean "weight"/,
  ],
  ['nothing', {}, /^objective\.loss\.of\.1\.loss does not fit: found nothing/],
])('of a sum, the path of %s is told', async (_, second, message) => {
  const of = [{ loss: { name: 'supcon' } }, second];
  expect(await refusal({ objective: { loss: { name: 'sum', of } } })).toMatch(message);
});

test('a sum has its miners within, and its losses', async () => {
  const of = [{ loss: { name: 'supcon' } }];
  expect(await refusal({ objective: { loss: { name: 'sum', of }, miners: [{ name: 'hard' }] } })).toMatch(
    /sum takes no miners: they stand beside each loss .*Move them into objective\.loss\.of/,
  );
  expect(await refusal({ objective: { loss: { name: 'sum' } } })).toMatch(/^objective\.loss\.of/);
});

test('a loss over pairs may have a miner of pairs, one after the other', async () => {
  const miners = [
    { name: 'pair-margin', until: 0.5, below: 0.1 },
    { name: 'multi-similarity', epsilon: 0.2 },
  ];
  const { objective } = await build(recipe({ objective: { loss: { name: 'supcon' }, miners } }));
  expect(objective.name).toBe('supcon (temperature 0.1), pair-margin -> multi-similarity');
  expect(objective.stages.map(({ name, until, below }) => ({ name, until, below }))).toEqual([
    { name: 'pair-margin', until: 0.5, below: 0.1 },
    { name: 'multi-similarity', until: 1, below: undefined },
  ]);
});

test('a loss over triplets has a miner of triplets, which may become too easy before its steps are over', async () => {
  const parts = (...miners: object[]) => ({ objective: { loss: { name: 'triplet' }, miners } });
  const { objective } = await build(recipe(parts({ name: 'random', until: 0.5, below: 0.25 }, { name: 'hard' })));
  expect(objective.stages.map(({ below }) => below)).toEqual([0.25, undefined]);
  expect(await refusal(parts({ name: 'easy', until: 0.5 }, { name: 'easy-hard' }))).toBe(
    'The loss triplet looks at triplets, so its miner has to choose triplets: objective.miners.1 is easy-hard, which chooses ' +
      'pairs. Choose another, such as semi-hard, hard or distance-weighted.',
  );
  expect(await refusal(parts({ name: 'easy', below: 0.5 }))).toMatch(
    /runs to the end.*: easy below 0\.5\. Remove its below/,
  );
  expect(
    await refusal({ objective: { loss: { name: 'supcon' }, miners: [{ name: 'easy-hard', positives: 'all' }] } }),
  ).toMatch(/semi-hard is measured by the one that the other side chooses/);
});

test('a loss over triplets needs a miner', async () => {
  expect(await refusal({ objective: { loss: { name: 'triplet' } } })).toMatch(
    /The loss triplet needs a miner .*: objective\.miners is empty\. Write, for example, miners: \[\{ name: semi-hard \}\]/,
  );
});

const objective = (loss: object, ...miners: object[]) => ({ objective: { loss, miners } });

test.each<[string, Record<string, unknown>, RegExp]>([
  ['a sampler', { batches: { name: 'group-of', groups: 2, perGroup: 2 } }, /^batches\.name .*Did you mean "groups-of"/],
  [
    'an option of a sampler',
    { batches: { group: 3 } },
    /^batches does not have the key "group".*Did you mean "groups"/,
  ],
  ['a value of a sampler', { batches: { groups: 1, perGroup: 2 } }, /^batches\.groups does not fit: found 1.*>=2/],
  ['a view', { views: [{ name: 'shift', pixels: 1 }, { name: 'flop' }] }, /^views\.1\.name .*Did you mean "flip"/],
  ['an option of a view', { views: [{ name: 'shift', pixel: 1 }] }, /^views\.0 .*"pixel".*Did you mean "pixels"/],
  [
    'a word of a view',
    { views: [{ name: 'shift', pixels: 1, padding: 'edg' }] },
    /^views\.0\.padding .*Did you mean "edge"/,
  ],
  [
    'an encoder',
    { encoder: { name: 'stridet' } },
    /^encoder\.name is not one of .*mlp.*strided.*: found "stridet"\. Did you mean "strided"\?$/,
  ],
  [
    'a loss',
    objective({ name: 'tripplet' }, { name: 'hard' }),
    /^objective\.loss\.name is not one of .*supcon.*triplet.*: found "tripplet"\. Did you mean "triplet"/,
  ],
  [
    'a miner',
    objective({ name: 'triplet' }, { name: 'easy', until: 0.5 }, { name: 'semihard' }),
    /^objective\.miners\.1\.name is not one of .*easy, .*hard, .*semi-hard.*: found "semihard"\. Did you mean "semi-hard"/,
  ],
  ['a file that is no encoder', { encoder: { name: 'layers' } }, /found "layers"/],
  ['a part of a file system', { encoder: { name: '../losses/triplet' } }, /found "\.\.\/losses\/triplet"\. Choose one/],
  ['nothing', { encoder: { name: '' } }, /found ""/],
])('%s that does not exist is answered with those that do', async (_, parts, message) =>
  expect(await refusal(parts)).toMatch(message),
);

test.each<[Record<string, unknown>, RegExp]>([
  [
    { encoder: { name: 'mlp', dimensions: 3 } },
    /^encoder does not have the key "dimensions": it may hold dimension, hidden, standardise, pca, whiten, inputDropout, dropout, unitNorm\. Did you mean "dimension"\?$/,
  ],
  [{ encoder: { name: 'mlp', dimension: 0 } }, /^encoder\.dimension does not fit: found 0; .*>0/],
  [{ encoder: { name: 'mlp', hidden: [8, 'a'] } }, /^encoder\.hidden\.1 does not fit: found "a"; expected number/],
  [
    objective({ name: 'triplet', margni: 1 }, { name: 'hard' }),
    /^objective\.loss does not have the key "margni": it may hold margin, distance, smooth, swap, reducer\. Did you mean "margin"\?$/,
  ],
  [objective({ name: 'triplet', margin: -1 }, { name: 'hard' }), /^objective\.loss\.margin does not fit: found -1/],
  [objective({ name: 'supcon', margin: 1 }), /^objective\.loss does not have the key "margin": it may hold temper/],
  [
    objective({ name: 'triplet' }, { name: 'hard', margin: 1 }),
    /^objective\.miners\.0 does not have the key "margin": it may hold nothing\. Remove it\.$/,
  ],
])('options that do not fit are answered with their path', async (parts, message) =>
  expect(await refusal(parts)).toMatch(message),
);

test('the shares of a curriculum rise to 1', async () => {
  const shares = (...untils: number[]) =>
    refusal(objective({ name: 'triplet' }, ...untils.map((until) => ({ name: 'hard', until }))));
  expect(await shares(0.5, 0.5)).toMatch(
    /objective\.miners\.1 \(hard\) has until 0\.5, the one before it 0\.5\. Let the/,
  );
  expect(await shares(0.5, 0.2, 1)).toMatch(/objective\.miners\.1 .* Let the shares rise/);
  expect(await shares(1, 1)).toMatch(/objective\.miners\.1 .* Let the shares rise/);
  expect(await shares(0.2, 0.9)).toMatch(/objective\.miners\.1 .*0\.9.* Let the last one run until 1/);
  expect(await shares(0.9)).toMatch(/objective\.miners\.0 \(hard\) has until 0\.9\. Let the last one run until 1/);
});
