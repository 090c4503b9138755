// How often is a negative no negative? Of Last.fm's training artists, anchors with a neighbour and negatives chosen in a batch as semi-hard mining
// and chance choose them, by the tags alone, and those of sibling clusters, by level: the share that somebody listens to together with
// the anchor all the same, but too few people for a link, or fewer than with the fifty strongest; and how like the anchor its tags are.
//
// KINDRED_DATA=... node bench/unlinked.mjs [--seed 1] [--batches 200]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from 'kindred/core/random';
import { readData } from 'kindred/recipes/data';
import { readRecipe } from 'kindred/recipes/read';
import { siblingsOf } from 'kindred/relations/clustering/siblings';
import { neighbourhood } from 'kindred/relations/neighbourhood';
import { clustered } from 'kindred/train/clustered';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, batches: { type: 'string', default: '200' } },
});
const { recipe } = readRecipe('gcml-lastfm', [`seed=${values.seed}`]);
const { items, parts } = await readData(recipe.data, { seed: recipe.seed });
const { tree } = await clustered(recipe, { items, parts }, 1);
const { rows, columns, data } = items.modalities.tagWeights;

/** Listeners of each artist. */
const listeners = Array.from({ length: rows }, () => new Set());
const places = new Map(items.ids.map((id, place) => [id, place]));
const log = readFileSync(join(process.env.KINDRED_DATA, 'lastfm-hetrec2011', 'user_artists.dat'), 'utf8');
for (const line of log.split(/\r?\n/).slice(1)) {
  const [user, artist] = line.split('\t');
  const place = places.get(artist);
  if (place !== undefined) listeners[place].add(user);
}
const shared = (a, b) => {
  let count = 0;
  for (const user of listeners[a]) if (listeners[b].has(user)) count++;
  return count;
};
const lengths = Float64Array.from({ length: rows }, (_, i) =>
  Math.hypot(...data.subarray(i * columns, (i + 1) * columns)),
);
const cosine = (a, b) => {
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += data[a * columns + c] * data[b * columns + c];
  // 0 for an artist without tags.
  return sum / (lengths[a] * lengths[b]) || 0;
};

const neighbours = new Map();
const { from, to } = parts.train.relations;
for (let i = 0; i < from.length; i++) {
  for (const [a, b] of [
    [from[i], to[i]],
    [to[i], from[i]],
  ])
    neighbours.set(a, (neighbours.get(a) ?? new Set()).add(b));
}
const linked = [...neighbours.keys()];
const all = [...parts.train.items];
const random = Random.seeded(recipe.seed).split('unlinked');
const links = neighbourhood(parts.train.relations);
const siblings = Object.fromEntries(
  [0, 1, 2].map((level) => [
    `siblings, level ${level}`,
    siblingsOf(tree, links, { level, candidates: parts.train.items }),
  ]),
);
const kinds = Object.fromEntries(['semi-hard', 'random', ...Object.keys(siblings)].map((kind) => [kind, []]));
for (let batch = 0; batch < Number(values.batches); batch++) {
  const anchor = linked[random.integer(linked.length)];
  const own = neighbours.get(anchor);
  const positive = [...own][random.integer(own.size)];
  // A batch of 256 anchors: two thirds have links, one third are any artists.
  const pool = Array.from({ length: 768 }, (_, i) => (i % 3 < 2 ? linked : all)).map(
    (of) => of[random.integer(of.length)],
  );
  const others = pool.filter((item) => item !== anchor && !own.has(item));
  const near = cosine(anchor, positive);
  const beyond = others.map((item) => ({ item, alike: cosine(anchor, item) })).filter(({ alike }) => alike < near);
  if (beyond.length === 0) continue;
  const semiHard = beyond.reduce((best, each) => (each.alike > best.alike ? each : best)).item;
  for (const [kind, item] of [
    ['semi-hard', semiHard],
    ['random', others[random.integer(others.length)]],
    ...Object.entries(siblings).flatMap(([kind, of]) => (of.has(anchor) ? [[kind, of.draw(anchor, random)]] : [])),
  ]) {
    kinds[kind].push({
      cosine: cosine(anchor, item),
      shared: shared(anchor, item),
      expected: (listeners[anchor].size * listeners[item].size) / 1892,
    });
  }
}
for (const [kind, found] of Object.entries(kinds)) {
  const share = (is) => found.filter(is).length / found.length;
  const sum = (of) => found.reduce((total, each) => total + of(each), 0);
  console.log(
    JSON.stringify({
      ...{ negatives: kind, seed: recipe.seed, drawn: found.length },
      listenedTogether: share(({ shared }) => shared > 0),
      byThreeOrMore: share(({ shared }) => shared >= 3),
      cosine: sum(({ cosine }) => cosine) / found.length,
      lift: sum(({ shared }) => shared) / sum(({ expected }) => expected),
    }),
  );
}
