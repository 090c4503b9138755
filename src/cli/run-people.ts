import { must } from '../core/error.ts';
import { type Matrix, takeRows } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { Random } from '../core/random.ts';
import { type PeoplePairs, pairsOfPeople } from '../evaluation/identity-pairs.ts';
import { components } from '../relations/components.ts';
import type { Pairs, Relations } from '../relations/relations.ts';
import { openIndex } from '../search/saved.ts';
import { dataOfRun } from './run-data.ts';

/** The items of a part of a run by person (class, product), and pairs of them. */
export interface PartOfPeople {
  readonly embeddings: Matrix;
  /** Of each row. */
  readonly person: Int32Array;
  readonly pairs: PeoplePairs;
  /** Whether none of them was in training. */
  readonly unseen: boolean;
}

export interface RunPeople {
  readonly metric: Metric;
  readonly seed: number;
  /** Of the data and its parts. */
  readonly data: string;
  part(name: 'test' | 'validation'): PartOfPeople;
  /** Those of the training part. */
  trained(): Pick<PartOfPeople, 'embeddings' | 'person'>;
}

/**
 * The people of a run in its parts, as embedded when it was trained. Of relations that are pairs, these very pairs are judged, and people are
 * those whom same pairs hold together.
 *
 * @throws KindredError where the data are not those of the run, or speak of no people
 */
export async function peopleOfRun(run: string): Promise<RunPeople> {
  const { recipe, files, data, digest } = await dataOfRun(run);
  const index = await openIndex(files.index);
  const { ids } = await index.items();
  const { items, relations, labels, parts } = data;
  const known = [relations, ...Object.values(labels)].find(({ kind }) => kind === 'groups' || kind === 'pairs');
  must(known !== undefined, () => ({
    rule: 'Verification is of people: of groups, or of pairs that are the same or different',
    received: `relations of the kind ${relations.kind}`,
    next: 'Measure with kindred evaluate as it is, without --task',
    exitCode: 2,
  }));
  const places = new Map(ids.map((id, place) => [id, place]));
  const vectors = await index.vectors();
  const person = peopleOf(known);
  const trained = new Set(Array.from(parts.train.items, (item) => person[item]));
  const embedded = (own: Int32Array) => ({
    embeddings: takeRows(
      vectors,
      Array.from(own, (item) => places.get(items.ids[item]) as number),
    ),
    person: own.map((item) => person[item]),
  });
  return {
    metric: index.metric,
    seed: recipe.seed,
    data: digest,
    part(name) {
      const { items: own, relations: inPart } = parts[name];
      const { embeddings, person: of } = embedded(own);
      return {
        ...{ embeddings, person: of },
        pairs:
          known.kind === 'pairs' && inPart.kind === 'pairs'
            ? asPeoplePairs(inPart, own, person)
            : pairsOfPeople(of, { random: Random.seeded(recipe.seed).split(name) }),
        unseen: !of.some((each) => trained.has(each)),
      };
    },
    trained: () => embedded(parts.train.items),
  };
}

function peopleOf(relations: Relations): Int32Array {
  if (relations.kind === 'groups') return relations.labels;
  const { a, b, same, items } = relations as Pairs;
  const isSame = (_: number, i: number) => same[i] === 1;
  const alike = { kind: 'pairs', items, a: a.filter(isSame), b: b.filter(isSame), same: same.filter(isSame) } as const;
  const { of, sizes } = components({ ...alike, others: 'unknown' });
  return of.map((component, item) => (component === -1 ? sizes.length + item : component));
}

function asPeoplePairs({ a, b, same }: Pairs, items: Int32Array, person: Int32Array): PeoplePairs {
  const rows = new Map(Array.from(items, (item, i) => [item, i]));
  const numbers = new Map<number, number>();
  const numberOf = (item: number) => {
    const of = person[item];
    if (!numbers.has(of)) numbers.set(of, numbers.size);
    return numbers.get(of) as number;
  };
  const first = a.map(numberOf);
  const second = b.map(numberOf);
  const rowOf = (item: number) => rows.get(item) as number;
  return { a: a.map(rowOf), b: b.map(rowOf), same, first, second, people: numbers.size };
}
