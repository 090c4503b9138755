import type { Sampler } from '../batches/sampler.ts';
import { KindredError, must } from '../core/error.ts';
import type { Optimizer, SavedOptimizer } from '../optimizers/optimizer.ts';
import type { Checkpoint } from '../runs/checkpoints.ts';
import type { NamedTensor } from '../runs/safetensors.ts';
import type { Statistics } from './weights.ts';

/** All of a training run that changes from step to step. Views need nothing: they are drawn from the step's number. */
interface Changing {
  readonly optimizer: Optimizer;
  readonly statistics: Statistics;
  readonly sampler: Sampler;
}

/** A copy of it. */
export function take(
  { optimizer, statistics, sampler }: Changing,
  progress: Pick<Checkpoint, 'step' | 'trainSeconds' | 'threads'>,
): Checkpoint {
  const tensors = new Map<string, NamedTensor>();
  for (const { name, start, length, shape } of optimizer.layout.slices) {
    tensors.set(`weights/${name}`, { shape, data: optimizer.parameters.slice(start, start + length) });
  }
  for (const [name, data] of statistics.values) {
    tensors.set(`statistics/${name}`, { shape: [data.length], data: data.slice() });
  }
  for (const [name, data] of Object.entries(optimizer.save())) {
    if (typeof data !== 'number') tensors.set(`optimizer/${name}`, { shape: [data.length], data });
  }
  return { ...progress, tensors, sampler: sampler.save() };
}

/** Puts it back. */
export function restore(
  { step, tensors, sampler: state }: Checkpoint,
  { optimizer, statistics, sampler }: Changing,
): void {
  const expect = (name: string, length: number): Float32Array => {
    const found = tensors.get(name)?.data;
    must(found?.length === length, () => ({
      rule: 'A checkpoint belongs to the recipe that it was made with',
      received: `${name} has ${found?.length ?? 'no'} values, ${length} are needed`,
      next: 'Resume with the recipe of the run',
    }));
    return found as Float32Array;
  };
  for (const { name, start, length } of optimizer.layout.slices) {
    optimizer.parameters.set(expect(`weights/${name}`, length), start);
  }
  for (const [name, values] of statistics.values) values.set(expect(`statistics/${name}`, values.length));
  const saved: Record<string, number | Float32Array> = { count: step };
  for (const [name, { data }] of tensors) {
    if (name.startsWith('optimizer/')) saved[name.slice('optimizer/'.length)] = data;
  }
  optimizer.restore(saved as SavedOptimizer);
  try {
    sampler.restore(state);
  } catch (cause) {
    if (cause instanceof KindredError) throw cause;
    throw new KindredError({
      rule: 'A checkpoint belongs to the data that it was made with',
      received: cause instanceof Error ? cause.message : String(cause),
      next: 'Resume with the data of the run unchanged',
      cause,
    });
  }
}
