import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matrix } from '../../core/matrix.ts';
import { Random } from '../../core/random.ts';
import { graph } from '../graph.ts';
import { clusterOptions, clustersOf } from './clusters.ts';
import { kMeansTree } from './k-means.ts';
import { louvain } from './louvain.ts';
import { measureTree } from './measure-tree.ts';
import { clusterTree } from './tree.ts';

/** Cliques of four in a ring, a weak link between each and the next; the last item stands alone. */
function ring(cliques: number) {
  const rows: [number, number, number][] = [];
  for (let c = 0; c < cliques; c++) {
    for (let a = 0; a < 4; a++) for (let b = a + 1; b < 4; b++) rows.push([4 * c + a, 4 * c + b, 5]);
    rows.push([4 * c, (4 * c + 5) % (4 * cliques), 1]);
  }
  return graph({
    items: 4 * cliques + 1,
    from: Int32Array.from(rows, ([a]) => a),
    to: Int32Array.from(rows, ([, b]) => b),
    weight: Float32Array.from(rows, ([, , w]) => w),
  });
}

test('Louvain finds the cliques of a ring, and leaves out what is linked with nothing', () => {
  const tree = louvain(ring(8), { seed: 3 });
  const cliques = Array.from({ length: 33 }, (_, item) => (item === 32 ? -1 : Math.floor(item / 4)));
  expect([...tree.levels[0]]).toEqual(cliques);
  expect(louvain(ring(8), { seed: 3 })).toEqual(tree);
  const alone = graph({ items: 2, from: Int32Array.of(0), to: Int32Array.of(0) });
  expect(() => louvain(alone)).toThrow(/a link between two items/);
});

test('hierarchical k-means finds clouds within clouds', () => {
  const random = Random.seeded(2);
  // Two clouds far apart, of two each; item i belongs to the cloud i % 4.
  const centre = (i: number) => [(i % 4 < 2 ? 0 : 100) + random.normal(), (i % 2) * 20 + random.normal()];
  const features = matrix(40, 2, Float32Array.from(Array.from({ length: 40 }, (_, i) => centre(i)).flat()));
  const positions = Int32Array.from({ length: 40 }, (_, i) => 2 * i);
  const { levels } = kMeansTree(features, { items: 80, positions }, { levels: 2, branches: 2 });
  for (let item = 0; item < 80; item++) {
    expect(levels[0][item]).toBe(item % 2 === 1 ? -1 : (item / 2) % 4);
    expect(levels[1][item]).toBe(item % 2 === 1 ? -1 : Math.floor(((item / 2) % 4) / 2));
  }
});

test('k-means of items that coincide', () => {
  const { levels } = kMeansTree(matrix(3, 1, Float32Array.of(1, 2, 1)), {
    items: 3,
    positions: Int32Array.of(0, 1, 2),
  });
  expect(levels.map((level) => [...level])).toEqual([
    [0, 1, 0],
    [0, 1, 0],
    [0, 1, 0],
  ]);
});

test('cut and modularity equal plain loops', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(7), fc.nat(7), fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 25 }),
      fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 8, maxLength: 8 }),
      (links, clusters) => {
        fc.pre(links.some(([a, b]) => a !== b));
        const between = Array.from({ length: 8 }, () => new Array<number>(8).fill(0));
        for (const [a, b, w] of links) {
          if (a === b) continue;
          between[a][b] += w;
          between[b][a] += w;
        }
        const twice = between.flat().reduce((a, b) => a + b, 0);
        const degree = (i: number) => between[i].reduce((a, b) => a + b, 0);
        const same = (i: number, j: number) => i === j || (clusters[i] >= 0 && clusters[i] === clusters[j]);
        let [cut, modularity] = [0, 0];
        for (let i = 0; i < 8; i++) {
          for (let j = 0; j < 8; j++) {
            if (same(i, j)) modularity += (between[i][j] - (degree(i) * degree(j)) / twice) / twice;
            else cut += between[i][j] / 2;
          }
        }
        const [measured] = measureTree(
          clusterTree([Int32Array.from(clusters)]),
          graph({
            items: 8,
            from: Int32Array.from(links, ([a]) => a),
            to: Int32Array.from(links, ([, b]) => b),
            weight: Float32Array.from(links, ([, , w]) => w),
          }),
        );
        expect(measured.cut?.weight).toBeCloseTo(cut, 9);
        expect(measured.cut?.share).toBeCloseTo((2 * cut) / twice, 9);
        expect(measured.modularity).toBeCloseTo(modularity, 9);
      },
    ),
  );
});

test('one interface serves all methods; those of a graph refuse what is none', async () => {
  const relations = ring(4);
  const positions = Int32Array.from({ length: 17 }, (_, i) => i);
  const features = (at: Int32Array) =>
    matrix(
      at.length,
      1,
      Float32Array.from(at, (i) => Math.floor(i / 4)),
    );
  const cliques = Array.from({ length: 16 }, (_, item) => Math.floor(item / 4));
  for (const method of ['affinity', 'louvain', 'k-means']) {
    const tree = await clustersOf({ relations, positions, features }, clusterOptions.parse({ method }), { threads: 1 });
    expect([method, ...tree.levels[0].subarray(0, 16)]).toEqual([method, ...cliques]);
  }
  await expect(
    clustersOf(
      { relations: { kind: 'views', items: 17 }, positions, features },
      clusterOptions.parse({ method: 'louvain' }),
    ),
  ).rejects.toThrow(/those of a graph.*views/);
});

test('a tree refuses clusters that are torn apart', () => {
  expect(() => clusterTree([Int32Array.of(5, 5, 1), Int32Array.of(1, 2, 2)])).toThrow(/item 1 leaves/);
  expect(clusterTree([Int32Array.of(5, -1, 1)]).levels[0]).toEqual(Int32Array.of(0, -1, 1));
});
