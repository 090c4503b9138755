import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { commonMemory } from '../kernels/memory.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { clipByNorm, clipByValue } from './clip.ts';
import { ema } from './ema.ts';
import { lamb } from './lamb.ts';
import { lars } from './lars.ts';
import { layoutOf } from './layout.ts';
import { Optimizer } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { cosine } from './schedules.ts';
import { sgd } from './sgd.ts';
import { chain, type Transform } from './transform.ts';
import { weightDecay } from './weight-decay.ts';

const layout = layoutOf([
  { name: 'a.weight', shape: [3, 3] },
  { name: 'a.bias', shape: [2], tags: ['bias'] },
]);
const rate = cosine(0.1, { warmup: 2 });
const all: Transform[] = [
  sgd({ rate }),
  sgd({ rate, momentum: 0.9, dampening: 0.5 }),
  adam({ rate }),
  adam({ rate, amsgrad: true }),
  adamw({ rate }),
  adagrad({ rate, initial: 0.1 }),
  rmsprop({ rate, centered: true, momentum: 0.9, initial: 1 }),
  lars({ rate }),
  lamb({ rate }),
  clipByNorm(0.1),
  clipByValue(0.1),
  weightDecay(0.1),
  ema({ decay: 0.9, warmup: true }),
];

const make = (transform: Transform) => {
  const optimizer = new Optimizer(transform, layout, { steps: 10 });
  optimizer.parameters.forEach((_, i) => {
    optimizer.parameters[i] = Math.sin(i + 1);
  });
  return optimizer;
};
/** Steps `from` to `to`, each with gradients of its own. */
const walk = (optimizer: Optimizer, from: number, to: number) => {
  for (let step = from; step < to; step++) {
    const random = Random.seeded(step);
    optimizer.gradients.forEach((_, i) => {
      optimizer.gradients[i] = random.normal() + optimizer.parameters[i];
    });
    optimizer.step();
  }
  return optimizer;
};
/** The bits of parameters and state. */
const bitsOf = (optimizer: Optimizer) => {
  const bits = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)].join();
  const state = Object.entries(optimizer.save()).map(([name, value]) => [
    name,
    typeof value === 'number' ? value : bits(value),
  ]);
  return { parameters: bits(optimizer.parameters), state };
};

test.each(all.map((transform) => ({ transform, name: transform.name, state: transform.state })))(
  '$name $state: resumed half-way gives the same bits, and the save is a copy',
  ({ transform }) => {
    const whole = walk(make(transform), 0, 10);
    const first = walk(make(transform), 0, 5);
    const saved = first.save();
    const parameters = first.parameters.slice();
    walk(first, 5, 7);
    const second = new Optimizer(transform, layout, { steps: 10 });
    second.restore(saved);
    second.parameters.set(parameters);
    expect(second.count).toBe(5);
    expect(bitsOf(walk(second, 5, 10))).toEqual(bitsOf(whole));
  },
);

test('chains: the empty one changes nothing, and brackets do not matter, in results or in checkpoints', () => {
  const one = fc.constantFrom(...all);
  fc.assert(
    fc.property(one, one, one, (a, b, c) => {
      const after = (transform: Transform) => bitsOf(walk(make(transform), 0, 4));
      const flat = after(chain(a, b, c));
      expect(after(chain(chain(a, b), c))).toEqual(flat);
      expect(after(chain(a, chain(b, c)))).toEqual(flat);
      expect(after(chain(chain(), a))).toEqual(after(a));
      expect(after(chain(a, chain()))).toEqual(after(a));
    }),
    { numRuns: 40 },
  );
});

test('the same transform twice in a chain keeps separate state', () => {
  const averages = chain(ema({ decay: 0.5 }), sgd({ rate: 0.1 }), ema({ decay: 0.9 }));
  const saved = walk(make(averages), 0, 5).save();
  expect(Object.keys(saved)).toEqual(['count', '0.ema.average', '2.ema.average']);
  expect(saved['0.ema.average']).not.toEqual(saved['2.ema.average']);
});

test('first steps worked by hand', () => {
  const update = (transform: Transform, w: number[], g: number[], tags: string[] = []) => {
    const optimizer = new Optimizer(transform, layoutOf([{ name: 'w', shape: [w.length], tags }]));
    const weights = Float32Array.from(w);
    optimizer.step(weights, Float32Array.from(g));
    return [...weights].map((value, i) => value - w[i]);
  };
  const near = (actual: number[], expected: number[]) => {
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
  };
  near(update(sgd({ rate: 0.5 }), [0, 0], [1, -4]), [-0.5, 2]);
  // The velocity starts as the gradient, whatever the dampening: g = 2.
  near(update(sgd({ rate: 1, momentum: 0.5, dampening: 0.9 }), [0], [2]), [-2]);
  // -(2 + 0.5 * 2)
  near(update(sgd({ rate: 1, momentum: 0.5, nesterov: true }), [0], [2]), [-3]);
  // After bias correction the first step is the rate times the sign.
  near(update(adam({ rate: 0.25 }), [0, 0, 0], [1e-3, -5, 0]), [-0.25, 0.25, 0]);
  near(update(adam({ rate: 0.25, amsgrad: true }), [0, 0], [1e-3, -5]), [-0.25, 0.25]);
  near(update(adamw({ rate: 0.25, decay: 0.1 }), [2, 2], [1, -1]), [-0.3, 0.2]);
  near(update(adagrad({ rate: 0.25 }), [0, 0, 0], [3, -1e-3, 0]), [-0.25, 0.25, 0]);
  // sqrt(0.25 * 2^2) = 1
  near(update(rmsprop({ rate: 0.5, smoothing: 0.75 }), [0], [2]), [-1]);
  // ratio = 0.01 * 5 / 10
  near(update(lars({ rate: 1, trust: 0.01 }), [3, 4], [6, 8]), [-0.03, -0.04]);
  near(update(lars({ rate: 1, trust: 0.01 }), [3, 4], [6, 8], ['norm']), [-6, -8]);
  // A weight of size 0 has ratio 1.
  near(update(lars({ rate: 1, trust: 0.01 }), [0, 0], [6, 8]), [-6, -8]);
  // Adam's step is (1, -1) of length sqrt 2, the weight has length 5.
  near(update(lamb({ rate: 0.2, decay: 0, epsilon: 0 }), [3, 4], [7, -2]), [-1 / Math.SQRT2, 1 / Math.SQRT2]);
  near(update(lamb({ rate: 0.2 }), [3, 4], [7, -2], ['bias']), [-0.2, 0.2]);
  near(update(chain(clipByNorm(1), sgd({ rate: 1 })), [0, 0], [3, -4]), [-0.6, 0.8]);
  near(update(chain(clipByNorm(6), sgd({ rate: 1 })), [0, 0], [3, -4]), [-3, 4]);
  near(update(chain(clipByValue(1), sgd({ rate: 1 })), [0, 0, 0], [3, -4, 0.5]), [-1, 1, -0.5]);
  near(update(chain(weightDecay(0.5), sgd({ rate: 1 })), [4, -2], [1, 0]), [-3, 1]);
});

test('zero gradients move nothing and leave no NaN', () => {
  for (const transform of all.filter(({ name }) => !['weightDecay', 'adamw', 'lamb'].includes(name))) {
    const optimizer = make(transform);
    const before = optimizer.parameters.slice();
    for (let i = 0; i < 3; i++) {
      optimizer.gradients.fill(0);
      optimizer.step();
    }
    expect(optimizer.parameters).toEqual(before);
  }
});

test('its own arrays, which lie in kernel memory, give the same bits as any others, whose gradients it leaves alone', () => {
  for (const transform of all) {
    const own = make(transform);
    const other = make(transform);
    const parameters = other.parameters.slice();
    expect(commonMemory([own.parameters, own.gradients])).toBeDefined();
    for (let step = 0; step < 3; step++) {
      const gradients = Float32Array.from({ length: layout.size }, (_, i) => Math.cos(i * 7 + step));
      const kept = gradients.slice();
      own.gradients.set(gradients);
      own.step();
      other.step(parameters, gradients);
      expect(gradients).toEqual(kept);
    }
    expect(parameters).toEqual(own.parameters);
  }
});

test('count, gradient norm, averaged parameters', () => {
  const optimizer = make(chain(clipByNorm(1), sgd({ rate: 0.1 })));
  expect([optimizer.count, optimizer.gradientNorm, optimizer.averaged]).toEqual([0, 0, undefined]);
  optimizer.gradients.set([3, 4]);
  optimizer.step();
  expect([optimizer.count, optimizer.gradientNorm, optimizer.averaged]).toEqual([1, 5, undefined]);
  const averaging = make(chain(sgd({ rate: 0.1 }), ema()));
  expect(averaging.averaged).toBeUndefined();
  walk(averaging, 0, 1);
  expect(averaging.averaged).toEqual(averaging.parameters);
});

test('a gradient that is not finite is refused by name, and nothing has changed', () => {
  const optimizer = walk(make(chain(ema(), adam({ rate }))), 0, 3);
  const before = bitsOf(optimizer);
  const gradients = new Float32Array(layout.size).fill(1);
  gradients[9] = Number.NaN;
  const step = () => optimizer.step(optimizer.parameters, gradients);
  expect(step).toThrow(/NaN or infinity in step 4: 1 of 2 in 'a.bias'\. Lower the learning rate/);
  gradients[10] = Number.NEGATIVE_INFINITY;
  gradients[0] = Number.POSITIVE_INFINITY;
  expect(step).toThrow(/1 of 9 in 'a.weight', 2 of 2 in 'a.bias'/);
  expect(step).toThrow(expect.objectContaining({ name: 'KindredError' }));
  expect(bitsOf(optimizer)).toEqual(before);
  expect(optimizer.count).toBe(3);
});

test('many broken parameters are counted, not listed', () => {
  const wide = layoutOf(Array.from({ length: 6 }, (_, i) => ({ name: `w${i}`, shape: [] })));
  const optimizer = new Optimizer(sgd({ rate: 1 }), wide);
  optimizer.gradients.fill(Number.NaN);
  expect(() => optimizer.step()).toThrow(/1 of 1 in 'w0', 1 of 1 in 'w1', 1 of 1 in 'w2' and 3 more parameters/);
});

test('a checkpoint of something else is refused, and nothing has changed', () => {
  const optimizer = walk(make(adam({ rate })), 0, 2);
  const before = bitsOf(optimizer);
  const { '0.adam.mean': mean, ...rest } = optimizer.save();
  const refused: [Parameters<Optimizer['restore']>[0], RegExp][] = [
    [rest, /buffers \[0\.adam\.square\] where \[0\.adam\.mean, 0\.adam\.square\] are kept/],
    [make(sgd({ rate })).save(), /same transforms/],
    [{ ...rest, '0.adam.mean': new Float32Array(3) }, /each of the 11 parameters: 3 in '0\.adam\.mean'/],
    [{ ...rest, '0.adam.mean': 3 }, /number in '0\.adam\.mean'/],
    [{ ...rest, '0.adam.mean': mean, count: -1 }, /count -1/],
  ];
  for (const [saved, message] of refused) expect(() => optimizer.restore(saved)).toThrow(message);
  expect(bitsOf(optimizer)).toEqual(before);
});

test.each([
  ['rate', () => sgd({ rate: -0.1 }), /rate is a finite number, 0 or more: -0\.1/],
  ['momentum', () => sgd({ rate: 1, momentum: 1 }), /momentum is from 0 up to, but not including, 1: 1/],
  ['nesterov alone', () => sgd({ rate: 1, nesterov: true }), /Nesterov momentum needs momentum above 0/],
  ['dampened', () => sgd({ rate: 1, momentum: 0.9, dampening: 0.1, nesterov: true }), /no dampening/],
  ['beta1', () => adam({ rate: 1, beta1: -0.1 }), /beta1 is from 0/],
  ['beta2', () => adamw({ rate: 1, beta2: Number.NaN }), /beta2 is from 0/],
  ['epsilon', () => lamb({ rate: 1, epsilon: -1 }), /epsilon is a finite number/],
  ['decay', () => adamw({ rate: 1, decay: -1 }), /decay is a finite number/],
  ['trust', () => lars({ rate: 1, trust: Number.POSITIVE_INFINITY }), /trust is a finite number/],
  ['smoothing', () => rmsprop({ rate: 1, smoothing: 1 }), /smoothing is from 0/],
  ['initial', () => adagrad({ rate: 1, initial: -1 }), /initial is a finite number/],
  ['norm', () => clipByNorm(0), /norm is a finite number above 0/],
  ['limit', () => clipByValue(-1), /limit is a finite number above 0/],
  ['weight decay', () => weightDecay(Number.NaN), /decay is a finite number/],
  ['average', () => ema({ decay: 1 }), /decay is from 0/],
  ['steps', () => new Optimizer(sgd({ rate: 1 }), layout, { steps: 0 }), /steps is a whole number, 1 or more/],
  ['parameters', () => make(sgd({ rate: 1 })).step(new Float32Array(3)), /11 values: 3 parameters/],
  ['gradients', () => make(sgd({ rate: 1 })).step(undefined, new Float32Array(12)), /12 gradients/],
])('a bad option is refused: %s', (_, act, message) => {
  expect(act).toThrow(message);
  expect(act).toThrow(expect.objectContaining({ name: 'KindredError' }));
});

test('layouts: packed in order; names, lengths and places are checked', () => {
  expect(layout.size).toBe(11);
  expect(layout.slices.map(({ start, length }) => [start, length])).toEqual([
    [0, 9],
    [9, 2],
  ]);
  const slice = { name: 'w', start: 0, length: 4, shape: [2, 2] };
  const make = (slices: (typeof slice)[]) => () => new Optimizer(sgd({ rate: 1 }), { size: 8, slices });
  expect(make([slice, { ...slice, name: 'v', start: 4 }])).not.toThrow();
  expect(make([slice, { ...slice, start: 4 }])).toThrow(/'w' twice/);
  expect(make([{ ...slice, length: 3 }])).toThrow(/3 values for 'w' of shape \[2, 2\]/);
  expect(make([slice, { ...slice, name: 'v', start: 3 }])).toThrow(/'v' at 3 to 7, after 'w' which ends at 4/);
  expect(make([{ ...slice, start: 6 }])).toThrow(/'w' at 6 to 10/);
  expect(make([{ ...slice, start: -1 }])).toThrow(/do not overlap/);
});
