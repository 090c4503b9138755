import { type Matrix, matrix, row } from '../core/matrix.ts';
import type { Absent, Contestant } from '../evaluation/recommendation/contest.ts';
import { byEase, MOST_FOR_EASE, sizeOfEase } from '../evaluation/recommendation/ease.ts';
import { byItemNeighbours, type ItemNeighbours, itemNeighbours } from '../evaluation/recommendation/item-knn.ts';
import { byPopularity, popularityOf } from '../evaluation/recommendation/popularity.ts';
import { unitRows } from '../search/recommend.ts';
import { byItems, byPeople, profilesOf } from '../search/recommenders.ts';
import type { Content } from './content-of.ts';

export type Method = 'items' | 'people' | 'content' | 'popularity' | 'itemKnn' | 'ease';

interface Given {
  /** Embeddings, of length 1. */
  readonly vectors: Matrix;
  readonly content: Content;
  /** Whether histories are in order of time. */
  readonly timed: boolean;
  /** What other people saw of what may be recommended; undefined where nobody has. */
  readonly others?: readonly Int32Array[];
}

const decays = [1, 0.95, 0.8];
const recents = ['all', 30, 10, 3] as const;
const neighbours = [5, 10, 20, 50, 100, 200];
const knnNeighbours = [20, 50, 100, 200];
const shrinkages = [0, 10, 50, 200];
const lambdas = [10, 30, 100, 300, 1000, 3000];

/** All that is compared, this run first. */
export function contestants({ vectors, content, timed, others }: Given): Record<Method, Contestant | Absent> {
  const items: Contestant = {
    name: 'this run, by items',
    choices: historyChoices(timed),
    make: (settings) => byItems(vectors, historyOf(settings)),
  };
  return {
    items,
    ...(others === undefined ? withoutPeople : withPeople(vectors, others)),
    content: byContent(content, timed),
  };
}

const unseen = 'nobody has seen these items';
const names = { people: 'this run, by people', popularity: 'popularity', itemKnn: 'item-kNN', ease: 'EASE' };
const withoutPeople = {
  people: { name: names.people, reason: unseen },
  popularity: { name: names.popularity, reason: unseen },
  itemKnn: { name: names.itemKnn, reason: unseen },
  ease: { name: names.ease, reason: unseen },
};

/** Without times no item of a history is later than another. */
const historyChoices = (timed: boolean) =>
  timed ? decays.flatMap((decay) => recents.map((recent) => ({ recent, decay }))) : [{ recent: 'all', decay: 1 }];

const historyOf = ({ recent, decay }: Readonly<Record<string, number | string>>) => ({
  decay: Number(decay),
  ...(recent !== 'all' && { recent: Number(recent) }),
});

function byContent(content: Content, timed: boolean): Contestant | Absent {
  if ('reason' in content) return content;
  const { name, features, blocks } = content;
  const all = Object.keys(blocks);
  const parts = all.length > 1 ? [all.join(' and '), ...all] : [''];
  const choices = parts.flatMap((of) => historyChoices(timed).map((each) => ({ ...(of !== '' && { of }), ...each })));
  let last: { of: unknown; vectors: Matrix } | undefined;
  return {
    name,
    choices,
    make: (settings) => {
      const { of } = settings;
      if (last === undefined || last.of !== of) last = { of, vectors: unitRows(columnsOf(features, blocks, of)) };
      return byItems(last.vectors, historyOf(settings));
    },
  };
}

/** The columns of one block; all where `of` names none. */
function columnsOf(features: Matrix, blocks: Readonly<Record<string, number>>, of: unknown): Matrix {
  if (typeof of !== 'string' || !Object.hasOwn(blocks, of)) return features;
  const names = Object.keys(blocks);
  const start = names.slice(0, names.indexOf(of)).reduce((sum, name) => sum + blocks[name], 0);
  const taken = matrix(features.rows, blocks[of]);
  for (let i = 0; i < features.rows; i++) row(taken, i).set(row(features, i).subarray(start, start + blocks[of]));
  return taken;
}

function withPeople(vectors: Matrix, others: readonly Int32Array[]) {
  const profiles = profilesOf(vectors, others);
  const counts = popularityOf(others, vectors.rows);
  let last: { shrinkage: unknown; found: ItemNeighbours } | undefined;
  const size = sizeOfEase(others);
  const people: Contestant = {
    name: names.people,
    choices: neighbours.map((people) => ({ neighbours: people })),
    make: (settings) => byPeople(vectors, { liked: others, profiles, people: Number(settings.neighbours) }),
  };
  const popularity: Contestant = { name: names.popularity, choices: [{}], make: () => byPopularity(counts) };
  const itemKnn: Contestant = {
    name: names.itemKnn,
    choices: shrinkages.flatMap((shrinkage) => knnNeighbours.map((most) => ({ neighbours: most, shrinkage }))),
    make: ({ neighbours: most, shrinkage }) => {
      if (last === undefined || last.shrinkage !== shrinkage) {
        const options = { most: Math.max(...knnNeighbours), shrinkage: Number(shrinkage) };
        last = { shrinkage, found: itemNeighbours(others, vectors.rows, options) };
      }
      return byItemNeighbours(last.found, Number(most));
    },
  };
  const ease: Contestant | Absent =
    size > MOST_FOR_EASE
      ? {
          name: names.ease,
          reason: `it inverts a matrix of all people or all items, here of ${size.toLocaleString('en')} rows, and is computed up to ${MOST_FOR_EASE.toLocaleString('en')}`,
        }
      : {
          name: names.ease,
          choices: lambdas.map((lambda) => ({ lambda })),
          make: ({ lambda }) => byEase(others, vectors.rows, Number(lambda)),
        };
  return { people, popularity, itemKnn, ease };
}
