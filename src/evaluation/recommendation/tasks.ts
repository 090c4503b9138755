import { Random } from '../../core/random.ts';

/** What is to be recommended to whom. Items are positions. */
export interface RecommendTask {
  /** What may be recommended; never what was seen. */
  readonly candidates: Int32Array;
  /** What each person has seen before, the earliest first; not empty. */
  readonly histories: readonly Int32Array[];
  /** What each of them took beside: places in `candidates`, rising; not empty. */
  readonly held: readonly Int32Array[];
}

/** So many people are measured at most. */
const MOST_PEOPLE = 2000;

interface People {
  /** Of each person, the earliest first where `timed`. */
  readonly items: readonly Int32Array[];
  readonly timed: boolean;
}

/**
 * Items that nobody has seen yet: each person's items among `known` are the history, and those among `candidates` are what is to be found. People
 * without one of either are left out; of more than `most` so many are drawn.
 */
export function coldTask(
  { items }: People,
  { known, candidates }: { readonly known: Int32Array; readonly candidates: Int32Array },
  { seed, most = MOST_PEOPLE }: { readonly seed: number; readonly most?: number },
): RecommendTask {
  const isKnown = new Set(known);
  const places = placesOf(candidates);
  const people = items.map((own) => ({
    history: own.filter((item) => isKnown.has(item)),
    held: heldPlaces(own, places),
  }));
  return taskOf(candidates, people, seed, most);
}

/** The share of a history that is held out. */
const HELD = 0.2;

/**
 * Items that other people have seen: of each person's items among `candidates` the last fifth (one at least) is what is to be found, and what came
 * before it is the history. Without times a fifth is drawn. People with fewer than two such items are left out.
 */
export function warmTask(
  { items, timed }: People,
  candidates: Int32Array,
  { seed, most = MOST_PEOPLE }: { readonly seed: number; readonly most?: number },
): RecommendTask {
  const places = placesOf(candidates);
  const random = Random.seeded(seed).split('held out');
  const people = items.flatMap((all) => {
    const own = all.filter((item) => places.has(item));
    if (own.length < 2) return [];
    if (!timed) random.shuffle(own);
    const cut = own.length - Math.max(1, Math.round(HELD * own.length));
    return [{ history: own.slice(0, cut), held: heldPlaces(own.slice(cut), places) }];
  });
  return taskOf(candidates, people, seed, most);
}

const placesOf = (candidates: Int32Array) => new Map(Array.from(candidates, (item, place) => [item, place]));

const heldPlaces = (own: Int32Array, places: ReadonlyMap<number, number>): Int32Array =>
  Int32Array.from([...own].flatMap((item) => places.get(item) ?? [])).sort();

function taskOf(
  candidates: Int32Array,
  people: readonly { readonly history: Int32Array; readonly held: Int32Array }[],
  seed: number,
  most: number,
): RecommendTask {
  let usable = people.filter(({ history, held }) => history.length > 0 && held.length > 0);
  if (usable.length > most) {
    const drawn = Int32Array.from(usable.keys());
    Random.seeded(seed).split('people').shuffle(drawn);
    usable = Array.from(drawn.subarray(0, most).sort(), (i) => usable[i]);
  }
  return {
    candidates,
    histories: usable.map(({ history }) => history),
    held: usable.map(({ held }) => held),
  };
}
