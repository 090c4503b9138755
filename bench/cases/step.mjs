// Whole training steps: encoder, objective, gradients, Adam. 64 groups of 4 pictures, normal noise: 28x28, and 32x32 in colour for
// resnet18. The peer is bench/peers/torch_steps.py.
import { Random } from 'kindred/core/random';
import { conv4 } from 'kindred/encoders/conv4';
import { mlp } from 'kindred/encoders/mlp';
import { resnet18 } from 'kindred/encoders/resnet18';
import { strided } from 'kindred/encoders/strided';
import { input } from 'kindred/graph/ops/input';
import { supCon } from 'kindred/losses/supcon';
import { triplet } from 'kindred/losses/triplet';
import { semiHard } from 'kindred/miners/semi-hard';
import { groupFeeds } from 'kindred/objective/comparison';
import { adam } from 'kindred/optimizers/adam';
import { Optimizer } from 'kindred/optimizers/optimizer';
import { FusedStep } from 'kindred/train/step';
import { weightsOf } from 'kindred/train/weights';

const GROUPS = 64;
const PER_GROUP = 4;
const places = PER_GROUP - 1;

const grey = [28, 28, 1];
const encoders = {
  mlp: { make: () => mlp(), picture: grey },
  strided: { make: () => strided(), picture: grey },
  conv4: { make: () => conv4(), picture: grey },
  // Seconds each: few runs.
  resnet18: { make: () => resnet18(), picture: [32, 32, 3], runs: 3, warmUp: 1 },
};
const objectives = {
  semihard: () => triplet({ margin: 0.2 }).mining(semiHard()),
  supcon: () => supCon({ temperature: 0.1 }),
};

async function trainingStep({ make, picture, ...times }, objective) {
  const encoder = make();
  const shape = [GROUPS * PER_GROUP, ...picture];
  const x = input('x', shape);
  const { layout, statistics, start } = weightsOf(encoder, x);
  const optimizer = new Optimizer(adam({ rate: 1e-3 }), layout);
  optimizer.parameters.set(start(Random.seeded(1)));
  const fused = await FusedStep.compile({
    encoder,
    x,
    form: { kind: 'labels', places, weighted: false },
    stage: objective.stages[0],
    layout,
    weights: optimizer.parameters,
    gradients: optimizer.gradients,
    statistics,
    runtime: { threads: 2 },
  });
  const random = Random.seeded(2);
  const pictures = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
  const labels = Int32Array.from({ length: shape[0] }, (_, i) => Math.floor(i / PER_GROUP));
  const batch = { x: { shape, data: pictures }, ...groupFeeds(labels, places) };
  return {
    step: async () => {
      await fused.run(batch);
      optimizer.step();
    },
    ...times,
  };
}

export const cases = Object.fromEntries(
  Object.entries(encoders).flatMap(([name, encoder]) =>
    Object.entries(objectives).map(([objective, makeObjective]) => [
      `step/${name}/${objective}`,
      () => trainingStep(encoder, makeObjective()),
    ]),
  ),
);
