import { KindredError, must } from '../core/error.ts';
import { allocateTogether } from '../kernels/memory.ts';
import { addScaledKernel, sumOfSquares } from '../kernels/vector.ts';
import { checkLayout, type ParameterLayout } from './layout.ts';
import { wholeNumber } from './options.ts';
import { chain, type Running, type Transform } from './transform.ts';

/** What a checkpoint keeps of an optimizer: `count`, and every buffer by name. */
export type SavedOptimizer = Readonly<Record<string, number | Float32Array>>;

/**
 * A transform at work on one model. All memory is taken at the start: gradients, parameters and the transform's buffers lie
 * together in kernel memory.
 *
 * The engine may keep its weights in `parameters` and write its gradients into `gradients`; then a step copies nothing. Other
 * arrays are copied in and out, with the same result.
 */
export class Optimizer {
  readonly layout: ParameterLayout;
  /** The weights, `[size]`, zero until someone fills them. */
  readonly parameters: Float32Array<ArrayBuffer>;
  /** Room for the gradients, `[size]`. A step leaves in it the updates that it made. */
  readonly gradients: Float32Array<ArrayBuffer>;
  readonly #steps: number;
  readonly #state = new Map<string, Float32Array>();
  readonly #running: Running;
  #count = 0;
  #gradientNorm = 0;

  /** @param options.steps how many steps there will be, which schedules such as `cosine` need to know. */
  constructor(transform: Transform, layout: ParameterLayout, options: { steps?: number } = {}) {
    const { steps = Number.POSITIVE_INFINITY } = options;
    if (steps !== Number.POSITIVE_INFINITY) wholeNumber('steps', steps, 1);
    checkLayout(layout);
    const whole = chain(transform);
    const [parameters, gradients, ...buffers] = allocateTogether(
      Array(2 + whole.state.length).fill(layout.size) as number[],
    );
    whole.state.forEach((name, i) => {
      this.#state.set(name, buffers[i]);
    });
    this.layout = layout;
    this.parameters = parameters;
    this.gradients = gradients;
    this.#steps = steps;
    this.#running = whole.start({ layout, parameters, updates: gradients, state: Object.fromEntries(this.#state) });
  }

  /** How many steps have been made. */
  get count(): number {
    return this.#count;
  }

  /** The Euclidean norm of the gradients of the last step, as they came in. */
  get gradientNorm(): number {
    return this.#gradientNorm;
  }

  /**
   * The averaged parameters where the transform keeps an average (`ema`) and a step has been made: better than the last
   * ones for evaluation and export. It is the live buffer: copy it to keep it.
   */
  get averaged(): Float32Array | undefined {
    return this.#count === 0 ? undefined : this.#running.averaged;
  }

  /**
   * Moves the parameters by one step, in place.
   *
   * @throws KindredError when a gradient is not finite, naming the parameter; nothing has changed then. Also when a schedule
   * gives no rate.
   */
  step(parameters: Float32Array = this.parameters, gradients: Float32Array = this.gradients): void {
    this.#checkLength('parameters', parameters);
    this.#checkLength('gradients', gradients);
    const squares = sumOfSquares(gradients);
    if (!Number.isFinite(squares)) throw this.#notFinite(gradients);
    if (gradients !== this.gradients) this.gradients.set(gradients);
    if (parameters !== this.parameters) this.parameters.set(parameters);
    const progress = { step: this.#count, steps: this.#steps };
    this.#running.update?.(progress);
    addScaledKernel([this.parameters, this.gradients], [1]);
    this.#running.applied?.(progress);
    if (parameters !== this.parameters) parameters.set(this.parameters);
    this.#gradientNorm = Math.sqrt(squares);
    this.#count++;
  }

  /** A copy of all that the next step depends on, but for the parameters, which a checkpoint keeps anyway. */
  save(): SavedOptimizer {
    return {
      count: this.#count,
      ...Object.fromEntries([...this.#state].map(([name, values]) => [name, values.slice()])),
    };
  }

  /**
   * Goes on from what {@link save} gave: with the same parameters and gradients, the next steps give the same bits.
   *
   * @throws KindredError when it was saved by another transform or for another model; nothing has changed then.
   */
  restore(saved: SavedOptimizer): void {
    const { count, ...buffers } = saved;
    const names = Object.keys(buffers).sort().join(', ');
    const expected = [...this.#state.keys()].sort().join(', ');
    must(names === expected, () => ({
      rule: 'A saved optimizer is restored into one with the same transforms',
      received: `buffers [${names}] where [${expected}] are kept`,
      next: 'Use the optimizer that the checkpoint was made with, or start without its state',
    }));
    must(typeof count === 'number' && Number.isSafeInteger(count) && count >= 0, () => ({
      rule: 'A saved optimizer has a count of steps',
      received: `count ${count}`,
      next: 'Use another checkpoint',
    }));
    for (const [name, values] of Object.entries(buffers)) {
      must(values instanceof Float32Array && values.length === this.layout.size, () => ({
        rule: `A saved buffer has a value for each of the ${this.layout.size} parameters`,
        received: values instanceof Float32Array ? `${values.length} in '${name}'` : `${typeof values} in '${name}'`,
        next: 'Use the checkpoint of this model',
      }));
    }
    for (const [name, values] of Object.entries(buffers)) this.#state.get(name)!.set(values as Float32Array);
    this.#count = count as number;
  }

  #checkLength(what: string, values: Float32Array): void {
    must(values.length === this.layout.size, () => ({
      rule: `The layout has ${this.layout.size} values`,
      received: `${values.length} ${what}`,
      next: 'Pass the flat arrays of the model that the optimizer was made for',
    }));
  }

  #notFinite(gradients: Float32Array): KindredError {
    const broken = (from: number, to: number) => {
      let count = 0;
      for (let i = from; i < to; i++) if (!Number.isFinite(gradients[i])) count++;
      return count;
    };
    const found = this.layout.slices
      .map(({ name, start, length }) => ({ name, length, count: broken(start, start + length) }))
      .filter(({ count }) => count > 0);
    const where = found.map(({ name, length, count }) => `${count} of ${length} in '${name}'`);
    const others = where.length > 3 ? ` and ${where.length - 3} more parameters` : '';
    return new KindredError({
      rule: 'Gradients are finite numbers',
      received: `NaN or infinity in step ${this.#count + 1}: ${where.slice(0, 3).join(', ') || 'outside all parameters'}${others}`,
      next: 'Lower the learning rate or warm it up, and check the data; the parameters are as before this step',
    });
  }
}
