// SimCLR, views included: whole training from pictures in memory, as `kindred train` does it, 256 pictures twice in each step. Items a
// second are looks that were made and learned from. The peer is bench/peers/torch_simclr.py.
import { twoViews } from 'kindred/batches/two-views';
import { Random } from 'kindred/core/random';
import { conv4 } from 'kindred/encoders/conv4';
import { withProjection } from 'kindred/encoders/projection';
import { strided } from 'kindred/encoders/strided';
import { ntXent } from 'kindred/losses/nt-xent';
import { adam } from 'kindred/optimizers/adam';
import { itemsOf } from 'kindred/relations/items';
import { views } from 'kindred/relations/views';
import { fit } from 'kindred/train/fit';
import { simclr } from 'kindred/views/simclr';

const ITEMS = 2048;
const BATCH = 256;
const SIDE = 32;

/** Waves with some noise, as in views.mjs. */
function waves() {
  const random = Random.seeded(1);
  const pixels = new Uint8Array(ITEMS * SIDE * SIDE * 3);
  for (let i = 0; i < ITEMS; i++) {
    const phases = Array.from({ length: 9 }, () => 4 * random.uniform() - 2);
    for (let at = 0; at < SIDE * SIDE * 3; at++) {
      const [c, x, y] = [at % 3, (Math.floor(at / 3) % SIDE) / SIDE, Math.floor(at / 3 / SIDE) / SIDE];
      const wave = Math.sin(2 * Math.PI * (x * phases[c] + y * phases[3 + c] + phases[6 + c]));
      pixels[i * SIDE * SIDE * 3 + at] = Math.min(Math.max(127 + 100 * wave + 8 * random.normal(), 0), 255);
    }
  }
  return pixels;
}

async function training({ encoder, ...times }) {
  const events = fit({
    items: itemsOf({
      ...{ count: ITEMS, height: SIDE, width: SIDE, channels: 3, pixels: waves() },
      ids: Array.from({ length: ITEMS }, (_, i) => String(i)),
    }),
    relations: views({ items: ITEMS }),
    batches: twoViews({ items: BATCH }),
    views: [simclr({ strength: 0.5, blur: false })],
    encoder: withProjection(encoder, { hidden: [256], dimension: 128 }),
    objective: ntXent({ temperature: 0.5 }),
    optimizer: adam({ rate: 1e-3 }),
    ...{ steps: 1_000_000, seed: 1, threads: 2 },
  });
  const step = async () => {
    for (;;) if ((await events.next()).value.kind === 'step') return;
  };
  return { step, ...times, items: 2 * BATCH, extra: async () => void (await events.return()) };
}

const encoders = {
  strided: { encoder: strided({ dimension: 256 }) },
  conv4: { encoder: conv4(), runs: 9 },
};

export const cases = Object.fromEntries(
  Object.entries(encoders).map(([name, options]) => [`simclr/${name}`, () => training(options)]),
);
