import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { gradients } from '../../src/graph/gradient.ts';
import { apply, type Op } from '../../src/graph/op.ts';
import { input } from '../../src/graph/ops/input.ts';
import { bindShape } from '../../src/graph/tensor.ts';
import { expectClose, fill, finiteDifferences, inputsOf, runOnnx } from './compare.ts';

// Every file in src/graph/ops is an op, and inherits these laws by being there.
const folder = new URL('../../src/graph/ops/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
const leaves = ['input.ts', 'stop-gradient.ts'];

for (const file of files) {
  const module = await import(new URL(file, folder).href);
  const op = module.op as Op<unknown>;

  describe(file, () => {
    test('is an op with samples', () => {
      expect(op?.name, `src/graph/ops/${file} exports its definition as "op"`).toBeTypeOf('string');
      if (!leaves.includes(file)) expect(op.samples().length).toBeGreaterThan(0);
    });

    op?.samples().forEach((sample, i) => {
      const { nodes, feeds } = inputsOf(sample.inputs, 100 + i);
      const node = apply(op, nodes, sample.attributes);
      const name = `sample ${i}: ${sample.inputs.map(({ shape }) => `[${shape}]`).join(' ')} ${JSON.stringify(sample.attributes)}`;

      test(`${name}: ONNX Runtime equals the reference`, async () => {
        const [expected] = evaluate([node], feeds);
        expect(expected.shape).toEqual(bindShape(node.shape, new Map()));
        for (const contrib of [true, false]) {
          const [actual] = await runOnnx([node], feeds, { contrib });
          expectClose(actual, expected, { note: contrib ? 'with contrib ops' : 'standard ops' });
        }
      });

      if (node.type !== 'float32') return;
      test(`${name}: gradient equals finite differences, in both`, async () => {
        const upstream = input('upstream', node.shape);
        const weights = fill({ shape: bindShape(node.shape, new Map()) }, Random.seeded(7));
        const all = new Map([...feeds, [upstream, weights]]);
        const floats = nodes.filter(({ type }) => type === 'float32');
        const found = gradients(node, floats, upstream);
        const values = evaluate(found, all);
        for (const [k, x] of floats.entries()) {
          expect(found[k].shape, 'a gradient has the shape of its input').toEqual(x.shape);
          const expected = finiteDifferences(node, weights, x, feeds);
          expectClose(values[k], expected, { relative: 1e-6, absolute: 1e-7, note: `input ${k}` });
        }
        if (floats.length > 0) {
          const actual = await runOnnx(found, all);
          for (const k of floats.keys()) expectClose(actual[k], values[k], { note: `gradient of input ${k}` });
        }
      });
    });
  });
}
