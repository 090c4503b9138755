import type { Measurement } from '../evaluation/measure.ts';
import { type Measure, measures, type QualityName } from '../evaluation/measures.ts';
import type { RankingRules } from '../evaluation/ranking/ranking.ts';
import type { Items } from '../relations/items.ts';
import type { RelationKind } from '../relations/relations.ts';
import type { Quality, RunMetrics } from './metrics.ts';
import { count, metric, percent } from './page/numbers.ts';
import { wordsFor } from './relation-words.ts';

/** What people call each quality. */
export const qualityLabels: Readonly<Record<QualityName, string>> = {
  recallAt1: 'R@1',
  recallAt10: 'R@10',
  mapAtR: 'MAP@R',
  ndcgAt10: 'NDCG@10',
  ndcgAt60: 'NDCG@60',
  mapAt60: 'MAP@60',
  recallAt100: 'Recall@100',
  auc: 'AUC',
  averagePrecision: 'AP',
  accuracy: 'Accuracy',
  agreement: 'Agreement',
  ndcgAt1: 'NDCG@1',
  ndcgAt3: 'NDCG@3',
  ndcgAt5: 'NDCG@5',
  map: 'MAP',
  mrr: 'MRR',
};

/** What a quality says, in one phrase. */
export function meaningOf(name: QualityName, relation?: RelationKind): string {
  const { nearest, one, all, many, counting } = wordsFor(relation);
  if (relation === 'lists' && name.startsWith('ndcgAt')) {
    return `how near the first ${name.slice('ndcgAt'.length)} are to the best possible order, by grade, earlier ranks counting more`;
  }
  switch (name) {
    case 'recallAt1':
      return `share of queries whose nearest neighbour ${nearest}`;
    case 'recallAt10':
      return `share with at least one ${one} among the 10 nearest`;
    case 'mapAtR':
      return `mean average precision over the R nearest, R being the number of ${all}`;
    case 'ndcgAt10':
      return `how many of the 10 nearest ${many}, ${counting}`;
    case 'ndcgAt60':
      return `how many of the 60 nearest ${many}, ${counting}`;
    case 'mapAt60':
      return 'mean average precision over the 60 nearest';
    case 'recallAt100':
      return 'share of what belongs with a query that is among the 100 nearest';
    case 'auc':
      return 'how often a pair that is the same is closer than one that is different; 0.5 is chance';
    case 'averagePrecision':
      return 'average precision: over the pairs that are the same, the mean share of such pairs among all as close or closer';
    case 'accuracy':
      return 'share of the pairs judged right by the threshold that is best on the validation part';
    case 'agreement':
      return relation === 'preferences'
        ? 'share of the preferences whose winner has the larger score, ties counting half; 0.5 is chance'
        : 'share of the triplets whose closer item is closer, ties counting half; 0.5 is chance';
    case 'map':
      return 'mean over the relevant items of the share of relevant ones up to their rank';
    case 'mrr':
      return 'mean of 1 over the rank of the first relevant item';
    case 'ndcgAt1':
    case 'ndcgAt3':
    case 'ndcgAt5':
      return meaningOf(name, 'lists');
  }
}

/** The measure of what `metrics.json` or `queries.json` holds: earlier releases knew one, and did not name it. */
export const measureIn = ({ measure = 'retrieval' }: { readonly measure?: Measure }): Measure => measure;

/** The qualities that all of these have, in the order of their measure. */
export const qualitiesIn = (all: readonly Quality[]): readonly QualityName[] =>
  measures[measureIn(all[0])].qualities.filter((name: QualityName) => all.every((each) => each[name] !== undefined));

/** What items are called, by what they consist of. */
export function thingsOf({ modalities }: Items): string {
  const kinds = new Set(Object.values(modalities).map(({ kind }) => kind));
  const [kind] = kinds;
  if (kinds.size !== 1 || kind === 'vector') return 'items';
  return { image: 'pictures', text: 'texts', audio: 'sounds' }[kind];
}

/** What a quality counted: `'2,000 pictures'`, `'1,200 pairs of texts'`, `'900 triplets of items'`. */
export function countedIn(quality: Quality, things: string): string {
  switch (measureIn(quality)) {
    case 'retrieval':
      return `${count(quality.queries)} ${things}`;
    case 'verification':
      return `${count((quality.same ?? 0) + (quality.different ?? 0))} pairs of ${things}`;
    case 'triplets':
      return `${count(quality.triplets)} triplets of ${things}`;
    case 'ranking':
      return `${count(quality.queries)} lists of ${things}`;
    case 'preferences':
      return `${count(quality.preferences)} preferences between ${things}`;
  }
}

/** The same, and what of it is new: goes on after "on". */
export function heldOutIn(metrics: Tested, things: string, counted = countedIn(metrics, things)): string {
  if (!metrics.sharedItems) return `${counted} never seen in training`;
  return measureIn(metrics) === 'retrieval'
    ? `${counted}, seen in training though these relations were not`
    : `${counted}, not seen in training though their items were`;
}

type Tested = Quality & Pick<RunMetrics, 'sharedItems'>;

/** What the numbers of a table were measured on. */
export function captionOf(found: Measurement, things: string, relation?: RelationKind): string {
  switch (found.measure) {
    case 'retrieval': {
      const searched =
        relation === 'views' ? `one look of all ${count(found.candidates)}` : `the other ${count(found.candidates)}`;
      return `${count(found.queries + found.skipped)} test ${things}, each searched among ${searched}; intervals over the queries`;
    }
    case 'verification':
      return `${count(found.same + found.different)} pairs of test ${things}, ${count(found.same)} of them the same; intervals over the pairs`;
    case 'triplets':
      return `${count(found.triplets)} triplets of test ${things}, ${percent(found.ties)} of them ties; intervals over the ${count(found.perAnchor.anchor.length)} anchors`;
    case 'ranking':
      return `${count(found.queries)} test lists of ${things}; ${rulesInWords(found.rules, found.empty)}; intervals over the lists`;
    case 'preferences':
      return `${count(found.preferences)} preferences between test ${things}, ${percent(found.ties)} of them ties; intervals over the ${count(found.perQuery.query.length)} queries`;
  }
}

/** The rules by which lists were measured. */
function rulesInWords({ gain, ties, empty }: RankingRules, without: number): string {
  const gains = gain === 'linear' ? 'the gain is the grade' : 'the gain is 2^grade - 1';
  const first = {
    pessimistic: 'of equal scores the less relevant stands first',
    optimistic: 'of equal scores the more relevant stands first',
    listed: 'equal scores stay in the order of the file',
  }[ties];
  const lists = `${count(without)} with nothing relevant ${empty === 'skip' ? 'are left out' : `count as ${empty}`}`;
  return [gains, first, ...(without === 0 ? [] : [lists])].join('; ');
}

/** The main quality in one sentence, beside that of a baseline. */
export function verdictOf(
  found: Measurement,
  quality: Tested,
  baseline: Quality & { readonly name: string },
  things: string,
): string {
  const { main } = measures[found.measure];
  const tested = found.measure === 'retrieval' ? `${count(found.queries + found.skipped)} ${things}` : undefined;
  return `${qualityLabels[main]} ${metric(quality[main])} on ${heldOutIn(quality, things, tested)}; ${metric(baseline[main])} for ${baseline.name}.`;
}
