import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { layoutOf } from './layout.ts';
import { Optimizer } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';
import { chain, type Transform } from './transform.ts';
import { weightDecay } from './weight-decay.ts';

interface Params {
  lr: number;
  momentum?: number;
  nesterov?: boolean;
  weightDecay?: number;
  beta1?: number;
  beta2?: number;
  eps?: number;
  amsgrad?: boolean;
  alpha?: number;
}

interface Golden {
  optimizer: 'sgd' | 'adam' | 'adamw' | 'adagrad' | 'rmsprop';
  params: Params;
  start: number[][];
  target: number[][];
  path: number[][][];
}

const file = new URL('../../test/golden/optimizers.json', import.meta.url);
const cases: Golden[] = JSON.parse(readFileSync(file, 'utf8')).optimizers;

/** The options that are given; the others are our defaults, which are to be the reference's. */
const given = <T extends object>(options: T) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

function transformOf({ optimizer, params }: Golden): Transform {
  const { lr: rate, eps: epsilon, beta1, beta2, amsgrad, momentum, nesterov, alpha: smoothing } = params;
  switch (optimizer) {
    case 'sgd':
      return chain(weightDecay(params.weightDecay ?? 0), sgd({ rate, ...given({ momentum, nesterov }) }));
    case 'adam':
      return adam({ rate, ...given({ beta1, beta2, epsilon, amsgrad }) });
    case 'adamw':
      return adamw({ rate, ...given({ decay: params.weightDecay }) });
    case 'adagrad':
      return adagrad({ rate, ...given({ epsilon }) });
    case 'rmsprop':
      return rmsprop({ rate, ...given({ epsilon, smoothing }) });
  }
}

test('there are cases of every optimiser', () => {
  expect(new Set(cases.map(({ optimizer }) => optimizer))).toEqual(
    new Set(['sgd', 'adam', 'adamw', 'adagrad', 'rmsprop']),
  );
});

test.each(cases.map((golden) => ({ golden, name: `${golden.optimizer} ${JSON.stringify(golden.params)}` })))(
  '$name walks the reference path',
  ({ golden }) => {
    const { start, target, path } = golden;
    const optimizer = new Optimizer(transformOf(golden), layoutOf([{ name: 'w', shape: [3, 4] }]));
    const weights = Float32Array.from(start.flat());
    const goal = target.flat();
    for (const expected of path) {
      // The loss is the sum of (w - target)^2 (1 + index).
      optimizer.step(
        weights,
        weights.map((w, i) => 2 * (w - goal[i]) * (1 + i)),
      );
      expected.flat().forEach((value, i) => {
        expect(Math.abs(weights[i] - value)).toBeLessThan(2e-6 * Math.max(1, Math.abs(value)));
      });
    }
  },
);
