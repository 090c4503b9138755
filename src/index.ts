// The few names that most programs begin with. Everything else is imported from the file that holds it:
// `import { triplet } from 'kindred/losses/triplet'`.
export { KindredError } from './core/error.ts';
export { readRecipe } from './recipes/read.ts';
export { type FitEvent, type FitOptions, fit } from './train/fit.ts';
export { type RunEvent, type RunOptions, trainRecipe } from './train/run.ts';
