import { Random } from '../core/random.ts';
import { type Encoder, trace } from '../encoders/encoder.ts';
import { exportEncoder } from '../encoders/export.ts';
import { exportedInput, type Feed, inputNode } from '../encoders/feed.ts';
import { lower } from '../onnx/lower.ts';
import { Program, type Runtime, type Value } from '../onnx/program.ts';
import { weightsOf } from './weights.ts';

/** Batches that averages over batches come from, where the encoder has such, and items in each. */
const BATCHES = 30;
const BATCH = 128;

/**
 * An encoder with the random weights that training would start from, as an ONNX file: what the architecture alone sees. Averages over
 * batches (batch norm) are those of training items as they are, since those that it starts with are of no data.
 *
 * @param feed with the positions that are trained on, as training has it
 */
export async function untrained(
  given: Encoder,
  feed: Feed,
  { seed, positions, runtime }: { readonly seed: number; readonly positions: Int32Array; readonly runtime: Runtime },
): Promise<Uint8Array> {
  // Of the encoder alone: the head is no part of a model.
  const { head: _, ...bare } = given;
  const encoder = feed.around(bare);
  const random = Random.seeded(seed);
  const batch = Math.min(BATCH, positions.length);
  const x = inputNode(feed.input, batch);
  const { layout, statistics, start } = weightsOf(encoder, x);
  const flat = start(random.split('weights'));
  const weights = new Map(
    layout.slices.map(({ name, start: from, length, shape }) => [
      name,
      { shape, data: flat.subarray(from, from + length) } satisfies Value,
    ]),
  );
  if (statistics.values.size > 0) {
    const measured = trace(encoder, x, { training: true }).statistics;
    const outputs = Object.fromEntries(measured.map(({ name, node }) => [name, node]));
    const program = await Program.compile(lower({ outputs, contrib: true }), runtime);
    const order = random.split('untrained').shuffle(positions.slice());
    for (let i = 0; i < BATCHES; i++) {
      const items = Int32Array.from({ length: batch }, (_, k) => order[(i * batch + k) % order.length]);
      const values = { [feed.input.name]: { shape: [batch, ...feed.input.shape], data: await feed.values(items) } };
      const read = program.inputs.flatMap(({ name }) =>
        weights.has(name) ? [[name, weights.get(name) as Value]] : [],
      );
      const found = await program.run({ ...values, ...Object.fromEntries(read) });
      statistics.average((name) => found[name].data as Float32Array);
    }
    await program.release();
  }
  return exportEncoder(
    encoder,
    exportedInput(feed.input, 'batch'),
    new Map([...[...weights].map(([name, { data }]) => [name, data as Float32Array] as const), ...statistics.values]),
  );
}
