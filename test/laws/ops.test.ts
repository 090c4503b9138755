import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { apply, type Op } from '../../src/graph/op.ts';
import { inputsOf } from './compare.ts';
import { lawsOf } from './laws.ts';

// Every file in src/graph/ops is an op, and inherits these laws by being there.
const folder = new URL('../../src/graph/ops/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
// Their samples are also those of the filters' gradients, which need pictures; the law of symbols gives them none.
const convolutions = ['conv2d.ts', 'conv2d-transpose.ts'];
const leaves = ['input.ts', 'stop-gradient.ts'];

for (const file of files) {
  const module = await import(new URL(file, folder).href);
  const op = module.op as Op<unknown> | undefined;
  if (op === undefined) {
    test(file, () => expect.fail(`src/graph/ops/${file} exports no definition as "op"`));
    continue;
  }
  const samples = op.samples();
  describe(file, () => {
    if (!leaves.includes(file)) {
      test('has samples, and one without any values', () => {
        const results = samples.map(({ inputs, attributes }) => apply(op, inputsOf(inputs, 1).nodes, attributes));
        if (convolutions.includes(file)) return;
        expect(
          results.some(({ shape, inputs }) => [shape, ...inputs.map((each) => each.shape)].flat().includes(0)),
        ).toBe(true);
      });
    }
    lawsOf({ name: op.name, build: (inputs, attributes) => apply(op, inputs, attributes), samples });
  });
}
