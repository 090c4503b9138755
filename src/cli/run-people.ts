import { must } from '../core/error.ts';
import { type Matrix, takeRows } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { Random } from '../core/random.ts';
import { type PeoplePairs, pairsOfPeople } from '../evaluation/identity-pairs.ts';
import { readData } from '../recipes/data.ts';
import { components } from '../relations/components.ts';
import type { Pairs, Relations } from '../relations/relations.ts';
import { openRun, readJson, runFiles } from '../runs/files.ts';
import type { RunMetrics } from '../runs/metrics.ts';
import { counted } from '../runs/page/numbers.ts';
import { openIndex } from '../search/saved.ts';
import { judgeOf } from '../train/judge.ts';
import { knownDigest } from '../train/known-digest.ts';
import { ProgressLine } from './progress.ts';

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
}

/**
 * The people of a run in its parts, as embedded when it was trained. Of relations that are pairs, these very pairs are judged, and people are
 * those whom same pairs hold together.
 *
 * @throws KindredError where the data are not those of the run, or speak of no people
 */
export async function peopleOfRun(run: string): Promise<RunPeople> {
  const { folder, recipe } = openRun(run);
  const files = runFiles(folder);
  const index = await openIndex(files.index);
  const { ids } = await index.items();
  const line = new ProgressLine();
  const data = await readData(recipe.data, {
    seed: recipe.seed,
    progress: (done, total) => line.work('reading', done, total),
  });
  line.clear();
  const { items, relations, labels, parts } = data;
  const known = [relations, ...Object.values(labels)].find(({ kind }) => kind === 'groups' || kind === 'pairs');
  must(known !== undefined, () => ({
    rule: 'Verification is of people: of groups, or of pairs that are the same or different',
    received: `relations of the kind ${relations.kind}`,
    next: 'Measure with kindred evaluate as it is, without --task',
  }));
  const digest = knownDigest(data, judgeOf(data, recipe.evaluate?.lists));
  const { known: before = digest } = readJson<RunMetrics>(files.metrics);
  must(items.count === ids.length && digest === before, () => ({
    rule: 'A run is measured on the items and relations that it was trained with or tested on',
    received: `others than those of ${run}: ${counted(items.count, 'items')} now, ${ids.length} then`,
    next: 'Bring the data back to what they were, or train again',
  }));
  const places = new Map(ids.map((id, place) => [id, place]));
  const vectors = await index.vectors();
  const person = peopleOf(known);
  const trained = new Set(Array.from(parts.train.items, (item) => person[item]));
  return {
    metric: index.metric,
    seed: recipe.seed,
    data: digest,
    part(name) {
      const { items: own, relations: inPart } = parts[name];
      const of = own.map((item) => person[item]);
      return {
        embeddings: takeRows(
          vectors,
          Array.from(own, (item) => places.get(items.ids[item]) as number),
        ),
        person: of,
        pairs:
          known.kind === 'pairs' && inPart.kind === 'pairs'
            ? asPeoplePairs(inPart, own, person)
            : pairsOfPeople(of, { random: Random.seeded(recipe.seed).split(name) }),
        unseen: !of.some((each) => trained.has(each)),
      };
    },
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
