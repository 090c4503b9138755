import { createHash } from 'node:crypto';
import type { Sampler } from '../batches/sampler.ts';
import { must } from '../core/error.ts';
import type { Optimizer, SavedOptimizer } from '../optimizers/optimizer.ts';
import type { Pictures } from '../relations/items.ts';
import type { Checkpoint } from '../runs/checkpoints.ts';
import type { NamedTensor } from '../runs/safetensors.ts';
import { mustNotHaveDiverged } from './diverged.ts';
import type { Statistics } from './weights.ts';

/** A digest of pictures and the group of each: a run goes on with those that it began with, or not at all. */
export function digestOf({ height, width, channels, pixels }: Pictures, labels: Int32Array): string {
  const hash = createHash('sha256').update(`${height} x ${width} x ${channels}`);
  return hash
    .update(Buffer.from(labels.buffer, labels.byteOffset, labels.byteLength))
    .update(pixels)
    .digest('hex');
}

/** All of a training run that changes from step to step. Views need nothing: they are drawn from the step's number. */
interface Changing {
  readonly optimizer: Optimizer;
  readonly statistics: Statistics;
  readonly sampler: Sampler;
}

/** A copy of it. Weights that are not finite are refused: nothing good can go on from there. */
export function take(
  { optimizer, statistics, sampler }: Changing,
  progress: Pick<Checkpoint, 'step' | 'trainSeconds' | 'data' | 'threads'>,
): Checkpoint {
  const tensors = new Map<string, NamedTensor>();
  for (const { name, start, length, shape } of optimizer.layout.slices) {
    const data = optimizer.parameters.slice(start, start + length);
    mustNotHaveDiverged(data, `'${name}' after step ${progress.step}`);
    tensors.set(`weights/${name}`, { shape, data });
  }
  for (const [name, data] of statistics.values) {
    tensors.set(`statistics/${name}`, { shape: [data.length], data: data.slice() });
  }
  for (const [name, data] of Object.entries(optimizer.save())) {
    if (typeof data !== 'number') tensors.set(`optimizer/${name}`, { shape: [data.length], data });
  }
  return { ...progress, tensors, sampler: sampler.save() };
}

/**
 * Puts it back.
 *
 * Throws a `KindredError` when the checkpoint is of other data, of another encoder or of another optimizer.
 */
export function restore(
  checkpoint: Checkpoint,
  { optimizer, statistics, sampler, data }: Changing & { readonly data: string },
): void {
  must(checkpoint.data === data, () => ({
    rule: 'A run goes on with the training pictures and classes that it began with',
    received: 'others, or some were added, changed or removed since',
    next: 'Bring them back, or train from the start',
  }));
  const { step, tensors } = checkpoint;
  const expect = (name: string, shape: readonly number[]): Float32Array => {
    const found = tensors.get(name);
    must(found !== undefined && found.shape.join() === shape.join(), () => ({
      rule: 'A checkpoint belongs to the recipe that it was made with',
      received: `${name} is ${found === undefined ? 'not in it' : `[${found.shape.join(', ')}]`}, [${shape.join(', ')}] is needed`,
      next: 'Resume with the recipe of the run',
    }));
    return found?.data as Float32Array;
  };
  const weights = optimizer.layout.slices.map(
    ({ name, start, shape }) => [expect(`weights/${name}`, shape), start] as const,
  );
  const averages = [...statistics.values].map(
    ([name, values]) => [expect(`statistics/${name}`, [values.length]), values] as const,
  );
  const saved: Record<string, number | Float32Array> = { count: step };
  for (const [name, { data: values }] of tensors) {
    if (name.startsWith('optimizer/')) saved[name.slice('optimizer/'.length)] = values;
  }
  optimizer.restore(saved as SavedOptimizer);
  sampler.restore(checkpoint.sampler);
  for (const [values, start] of weights) optimizer.parameters.set(values, start);
  for (const [values, average] of averages) average.set(values);
}
