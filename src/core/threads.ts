import { availableParallelism } from 'node:os';

/** How many threads the runtime uses unless told otherwise: one for each processor that this process may use. */
export const defaultThreads = (): number => availableParallelism();
