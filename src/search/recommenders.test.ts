import { expect, test } from 'vitest';
import { matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { profile, scoresBy, scoresByPeople, unitRows } from './recommend.ts';
import { byItems, byPeople, profilesOf } from './recommenders.ts';

const random = Random.seeded(6);
const vectors = unitRows(
  matrix(
    30,
    5,
    Float32Array.from({ length: 150 }, () => random.normal()),
  ),
);
const histories = [Int32Array.of(3, 9, 4, 1), Int32Array.of(20)];
const candidates = Int32Array.of(8, 2, 25, 11);

test('by items: the scores of recommend, of the last items alone where asked', async () => {
  for (const { recent, decay } of [
    { recent: undefined, decay: 1 },
    { recent: 2, decay: 0.5 },
    { recent: 9, decay: 0.9 },
  ]) {
    const scores = await byItems(vectors, { decay, ...(recent && { recent }) })(histories, candidates);
    histories.forEach((history, i) => {
      const own = scoresBy(vectors, profile(vectors, history.slice(-(recent ?? 99)), decay));
      candidates.forEach((item, place) => {
        expect(row(scores, i)[place]).toBeCloseTo(own[item], 5);
      });
    });
  }
});

test('by people: the scores of recommend, and nothing of what none of them liked', async () => {
  const liked = Array.from({ length: 8 }, () => Int32Array.from({ length: 3 }, () => random.integer(30)));
  liked[0] = Int32Array.of(8, 2, 25);
  const profiles = profilesOf(vectors, liked);
  const scores = await byPeople(vectors, { liked, profiles, people: 8 })(histories, candidates);
  histories.forEach((history, i) => {
    const own = scoresByPeople(profile(vectors, history), 30, { people: 8, profiles, liked });
    candidates.forEach((item, place) => {
      if (own[item] === 0) expect(row(scores, i)[place]).toBe(Number.NEGATIVE_INFINITY);
      else expect(row(scores, i)[place]).toBeCloseTo(own[item], 6);
    });
  });
});
