import type { ParameterLayout } from './layout.ts';
import type { Progress } from './schedules.ts';

/** The arrays that a transform works on, the same in every step; all as long as the parameters. */
export interface Workspace {
  readonly layout: ParameterLayout;
  /** Read, never written by a transform. */
  readonly parameters: Float32Array;
  /** The gradients at first; each transform turns them into its own proposal; the last one is added to the parameters. */
  readonly updates: Float32Array;
  /** The buffers that the transform asked for, zero at first. */
  readonly state: Readonly<Record<string, Float32Array>>;
}

/** What a transform does in a step. */
export interface Running {
  /** Changes the updates in place. */
  update?(progress: Progress): void;
  /** Called when the parameters have moved. `progress.step` is the same as in `update`. */
  applied?(progress: Progress): void;
  /** Averaged parameters, if the transform keeps them. */
  readonly averaged?: Float32Array;
}

/**
 * A rule that turns gradients into updates, or updates into other updates: clipping, weight decay, momentum, Adam. Rules
 * chain. A rule is pure description; it comes to life when an `Optimizer` starts it.
 *
 * Optimisers (`sgd`, `adam`) end with updates that point downhill, `-rate` included. What stands before one in a chain works
 * on gradients, what stands after it on steps.
 */
export interface Transform {
  readonly name: string;
  /** Names of the buffers it keeps between steps. They are saved in checkpoints. Everything else must follow from the step. */
  readonly state: readonly string[];
  start(work: Workspace): Running;
  /** The rules that a chain is made of, in order. */
  readonly parts?: readonly Transform[];
}

/**
 * One transform after the other: `chain(clipByNorm(1), adam({ rate: cosine(1e-3) }))`. A chain of chains is the flat chain,
 * also in its checkpoints; `chain()` changes nothing.
 */
export function chain(...transforms: readonly Transform[]): Transform {
  const parts = transforms.flatMap((transform) => transform.parts ?? [transform]);
  const prefix = (i: number) => `${i}.${parts[i].name}.`;
  return {
    name: `chain(${parts.map((part) => part.name).join(', ')})`,
    state: parts.flatMap((part, i) => part.state.map((name) => prefix(i) + name)),
    parts,
    start(work) {
      const running = parts.map((part, i) =>
        part.start({
          ...work,
          state: Object.fromEntries(part.state.map((name) => [name, work.state[prefix(i) + name]])),
        }),
      );
      const averaged = running.findLast((part) => part.averaged !== undefined)?.averaged;
      return {
        update(progress) {
          for (const part of running) part.update?.(progress);
        },
        applied(progress) {
          for (const part of running) part.applied?.(progress);
        },
        ...(averaged === undefined ? {} : { averaged }),
      };
    },
  };
}
