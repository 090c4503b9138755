// One step of a softmax over very many classes by a sample of them: 256 examples of dimension 128, 4,096 classes drawn, plain steps
// (SGD) of the rows that were looked at. Draws, gathers, loss, gradients and updates are all in it; the encoder is not.

import { tmpdir } from 'node:os';
import { uniform } from 'kindred/batches/classes/uniform';
import { Random } from 'kindred/core/random';
import { input } from 'kindred/graph/ops/input';
import { sampledSoftmax } from 'kindred/losses/sampled-softmax';
import { groupFeeds } from 'kindred/objective/comparison';
import { Optimizer } from 'kindred/optimizers/optimizer';
import { sgdRows } from 'kindred/optimizers/rows';
import { sgd } from 'kindred/optimizers/sgd';
import { groups } from 'kindred/relations/groups';
import { Classes } from 'kindred/train/classes';
import { FusedStep } from 'kindred/train/step';
import { weightsOf } from 'kindred/train/weights';

const BATCH = 256;
const DIMENSION = 128;
const SAMPLES = 4096;
/** More items of one class than 256 draws ever bring. */
const PLACES = 8;

async function softmax(count) {
  const random = Random.seeded(1);
  const classes = await Classes.open(
    { sampler: uniform(), samples: SAMPLES, optimizer: sgdRows, rate: 0.1, bias: false, folder: tmpdir() },
    {
      relations: groups({ labels: new Int32Array(1), names: { length: count } }),
      positions: Int32Array.of(0),
      ...{ batch: BATCH, dimension: DIMENSION, steps: 1000, random },
    },
  );
  // Embeddings as they are: what is timed is the softmax.
  const encoder = { name: 'none', apply: (_, x) => x };
  const x = input('x', [BATCH, DIMENSION]);
  const { layout, statistics } = weightsOf(encoder, x);
  const optimizer = new Optimizer(sgd({ rate: 0.1 }), layout);
  const step = await FusedStep.compile({
    ...{ encoder, x, layout, statistics, classes },
    form: { kind: 'labels', places: PLACES, weighted: false, classes: count, sampled: classes.form },
    stage: sampledSoftmax().stages[0],
    weights: optimizer.parameters,
    gradients: optimizer.gradients,
    runtime: { threads: 2 },
  });
  const data = Float32Array.from({ length: BATCH * DIMENSION }, () => random.normal() / Math.sqrt(DIMENSION));
  return {
    // Until most rows have been looked at, as in a training that has gone on for a while: a row that nobody has seen yet has to be made.
    warmUp: Math.max(100, Math.ceil((2 * count) / SAMPLES)),
    async step() {
      const labels = Int32Array.from({ length: BATCH }, () => random.integer(count));
      classes.prepare(labels);
      await step.run({ x: { shape: [BATCH, DIMENSION], data }, ...groupFeeds(labels, PLACES) });
      classes.step();
    },
  };
}

export const cases = Object.fromEntries(
  [10_000, 100_000, 1_000_000].map((count) => [`classes/softmax/${count}`, () => softmax(count)]),
);
