// Affinity clustering of 10 million links between a million items, three rounds, with DuckDB held to 512 MB. An item is linked with
// items near it, mostly, so that there is something to find. The links, 120 MB, are in memory before it begins.
import { Random } from 'kindred/core/random';
import { affinity } from 'kindred/relations/clustering/affinity';
import { graph } from 'kindred/relations/graph';

const ITEMS = 1_000_000;
const LINKS = 10_000_000;

function links() {
  const random = Random.seeded(1);
  const from = new Int32Array(LINKS);
  const to = new Int32Array(LINKS);
  const weight = new Float32Array(LINKS);
  for (let i = 0; i < LINKS; i++) {
    from[i] = random.integer(ITEMS);
    const near = 1 + random.integer(random.integer(20) === 0 ? ITEMS - 1 : 50);
    to[i] = (from[i] + near) % ITEMS;
    weight[i] = 1 + random.integer(20);
  }
  return graph({ items: ITEMS, from, to, weight });
}

export const cases = {
  'graph/affinity/10m': () => {
    const made = links();
    const clusters = [];
    return {
      step: async () => {
        const { levels } = await affinity(made, { memory: 512, threads: 2 });
        for (const level of levels) clusters.push(1 + level.reduce((a, b) => Math.max(a, b), -1));
      },
      warmUp: 0,
      runs: 1,
      extra: (median) => ({ seconds: Math.round(median / 1000), clusters }),
    };
  },
};
