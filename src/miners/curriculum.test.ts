import { expect, test } from 'vitest';
import { triplet } from '../losses/triplet.ts';
import { stageAt } from '../objective/objective.ts';
import { curriculum } from './curriculum.ts';
import { easy } from './easy.ts';
import { hard } from './hard.ts';
import { semiHard } from './semi-hard.ts';

test('its stages are those of its miners, in order, each until its share is over', () => {
  const miner = curriculum([
    { miner: easy(), until: 0.1 },
    { miner: semiHard(), until: 0.5 },
    { miner: hard(), until: 1 },
  ]);
  expect(miner.name).toBe('easy -> semi-hard -> hard');
  expect(miner.stages.map(({ name, until }) => [name, until])).toEqual([
    ['easy', 0.1],
    ['semi-hard', 0.5],
    ['hard', 1],
  ]);
});

test('a curriculum inside a curriculum shares the part that it is given', () => {
  const inner = curriculum([
    { miner: easy(), until: 0.25 },
    { miner: semiHard(), until: 1 },
  ]);
  const outer = curriculum([
    { miner: inner, until: 0.8 },
    { miner: hard(), until: 1 },
  ]);
  expect(outer.stages.map(({ name, until }) => [name, until])).toEqual([
    ['easy', 0.2],
    ['semi-hard', 0.8],
    ['hard', 1],
  ]);
});

test.each([
  ['no part', []],
  ['a last share below 1', [{ miner: easy(), until: 0.9 }]],
  ['a share above 1', [{ miner: easy(), until: 1.5 }]],
  [
    'falling shares',
    [
      { miner: easy(), until: 0.5 },
      { miner: hard(), until: 0.4 },
      { miner: semiHard(), until: 1 },
    ],
  ],
  [
    'a part without a step',
    [
      { miner: easy(), until: 0 },
      { miner: hard(), until: 1 },
    ],
  ],
  ['not a number', [{ miner: easy(), until: Number.NaN }]],
])('%s is refused', (_, parts) => {
  expect(() => curriculum(parts)).toThrow(/rising shares of the steps, the last of them 1/);
});

test('the message names what was received', () => {
  expect(() => curriculum([{ miner: easy(), until: 0.3 }])).toThrow(/: easy until 0\.3\. Order its parts/);
});

test('an objective goes through the stages in the course of its steps', () => {
  const objective = triplet().mining(
    curriculum([
      { miner: easy(), until: 0.3 },
      { miner: semiHard(), until: 1 },
    ]),
  );
  const stages = Array.from({ length: 10 }, (_, step) => objective.stages[stageAt(objective, step, 10)].name);
  expect(stages).toEqual([...Array(3).fill('easy'), ...Array(7).fill('semi-hard')]);
});
