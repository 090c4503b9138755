/** What says how close two embeddings are, wherever they are searched or evaluated. */
export type Metric = 'cosine' | 'squared-euclidean' | 'dot';
export const metrics = ['cosine', 'squared-euclidean', 'dot'] as const satisfies readonly Metric[];
