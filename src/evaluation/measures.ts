/** What can be measured, each with its qualities by name; the main one is what is chosen by. More is better. */
export const measures = {
  /** Whether nearest neighbours belong together: groups, tags, graphs, views, and pairs of which only the same are known. */
  retrieval: {
    main: 'mapAtR',
    qualities: ['recallAt1', 'recallAt10', 'mapAtR', 'ndcgAt10', 'ndcgAt60', 'mapAt60', 'recallAt100'],
    /** What a look at the validation part tells, the main quality first. */
    look: ['mapAtR', 'recallAt1'],
  },
  /** Whether distances tell same from different: pairs of both kinds. */
  verification: {
    main: 'auc',
    qualities: ['auc', 'averagePrecision', 'accuracy'],
    look: ['auc', 'averagePrecision'],
  },
  /** Whether the closer item of a triplet is closer. */
  triplets: { main: 'agreement', qualities: ['agreement'], look: ['agreement'] },
  /** Whether scores put what is more relevant first: graded lists. */
  ranking: {
    main: 'ndcgAt10',
    qualities: ['ndcgAt1', 'ndcgAt3', 'ndcgAt5', 'ndcgAt10', 'map', 'mrr'],
    look: ['ndcgAt10', 'ndcgAt1'],
  },
  /** Whether the winner of a preference has the larger score. */
  preferences: { main: 'agreement', qualities: ['agreement'], look: ['agreement'] },
} as const;

export type Measure = keyof typeof measures;
export type QualityName<M extends Measure = Measure> = (typeof measures)[M]['qualities'][number];
