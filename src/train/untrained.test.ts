import { expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { groupsOf } from '../batches/groups-of.ts';
import { Random } from '../core/random.ts';
import { conv4 } from '../encoders/conv4.ts';
import { Embedder } from '../encoders/embedder.ts';
import { type Encoder, trace } from '../encoders/encoder.ts';
import { inputNode } from '../encoders/feed.ts';
import { feedOf } from '../encoders/feed-of.ts';
import { mlp } from '../encoders/mlp.ts';
import { withProjection } from '../encoders/projection.ts';
import { supCon } from '../losses/supcon.ts';
import { lower } from '../onnx/lower.ts';
import { Program } from '../onnx/program.ts';
import { sgd } from '../optimizers/sgd.ts';
import { groups } from '../relations/groups.ts';
import { itemsOf } from '../relations/items.ts';
import { fit } from './fit.ts';
import { untrained } from './untrained.ts';
import { weightsOf } from './weights.ts';

const count = 40;
const noise = normals(count, 256, 7);
const items = itemsOf({
  ...{ count, height: 16, width: 16, channels: 1 },
  pixels: Uint8Array.from(noise, (value) => Math.max(0, Math.min(255, 90 + 40 * value))),
  ids: Array.from({ length: count }, (_, i) => String(i)),
});
const positions = Int32Array.from({ length: 30 }, (_, i) => i);
const runtime = { threads: 1 };

async function embedded(encoder: Encoder, seed = 3) {
  const feed = feedOf(items, { encoder, trained: positions });
  const embedder = await Embedder.open(await untrained(encoder, feed, { seed, positions, runtime }), runtime);
  const found = await embedder.embed(feed);
  await embedder.release();
  return found;
}

test('they are the weights that training starts from', async () => {
  const encoder = mlp({ hidden: [12], dimension: 5 });
  for await (const event of fit({
    ...{ items, positions, encoder, seed: 3, steps: 1, threads: 1 },
    relations: groups({ labels: Int32Array.from({ length: count }, (_, i) => i % 5), names: [...'abcde'] }),
    batches: groupsOf({ groups: 4, perGroup: 2 }),
    objective: supCon(),
    // A step that goes nowhere.
    optimizer: sgd({ rate: 1e-30 }),
  })) {
    if (event.kind !== 'end') continue;
    const all = Int32Array.from({ length: count }, (_, i) => i);
    expect(await embedded(encoder)).toEqual(await event.model.embed(all, runtime));
  }
  expect(await embedded(encoder, 4)).not.toEqual(await embedded(encoder, 3));
});

test('a head takes no part', async () => {
  const encoder = mlp({ hidden: [12], dimension: 5 });
  expect(await embedded(withProjection(encoder))).toEqual(await embedded(encoder));
});

test('batch norm has the averages of the data: in training these items are embedded nearly so', async () => {
  const encoder = conv4({ channels: 6 });
  const feed = feedOf(items, { encoder, trained: positions });
  const whole = feed.around(encoder);
  const x = inputNode(feed.input, positions.length);
  const { layout, start } = weightsOf(whole, x);
  const flat = start(Random.seeded(3).split('weights'));
  const { embeddings } = trace(whole, x, { training: true });
  const program = await Program.compile(lower({ outputs: { embeddings }, contrib: true }), runtime);
  const read = new Set(program.inputs.map(({ name }) => name));
  const weights = layout.slices
    .filter(({ name }) => read.has(name))
    .map(({ name, shape, start: from, length }) => [name, { shape, data: flat.subarray(from, from + length) }]);
  const values = { shape: [positions.length, ...feed.input.shape], data: await feed.values(positions) };
  const expected = (await program.run({ ...Object.fromEntries(weights), [feed.input.name]: values })).embeddings;
  await program.release();
  const found = await embedded(encoder);
  // Each batch is all of them; a twentieth of the averages is still where they began.
  for (let i = 0; i < positions.length; i++) {
    let cosine = 0;
    for (let k = 0; k < found.columns; k++) {
      cosine += found.data[i * found.columns + k] * (expected.data as Float32Array)[i * found.columns + k];
    }
    expect(cosine).toBeGreaterThan(0.99);
  }
});
