import { probeTags, type TagProbe, tagDifference } from '../evaluation/probe-tags.ts';
import type { Tags } from '../relations/relations.ts';
import { table } from './output.ts';
import type { ProbeReport, Probing } from './probe-report.ts';

/** Tags, any number for each item: GAP@20 and MAP. */
export async function probeTagsOf(
  known: Tags,
  minimum: number,
  { sources, takes, reported, seed, threads, progress }: Probing,
): Promise<ProbeReport> {
  const rows: { key: string; name: string; found: TagProbe }[] = [];
  for (const { key, name, embeddings } of sources) {
    const all = await embeddings();
    const part = (of: keyof typeof takes) => {
      const { items, take } = takes[of];
      const lists = Array.from(items, (item) => known.tags.subarray(known.offsets[item], known.offsets[item + 1]));
      const offsets = new Int32Array(lists.length + 1);
      for (const [i, { length }] of lists.entries()) offsets[i + 1] = offsets[i] + length;
      const tags = Int32Array.from(lists.flatMap((list) => [...list]));
      return { embeddings: take(all), offsets, tags };
    };
    const found = await probeTags({
      ...{ train: part('train'), validation: part('validation'), test: part(reported) },
      ...{ minimum, seed, threads, progress: progress(name) },
    });
    rows.push({ key, name, found });
  }
  const [ours, ...others] = rows;
  const baselines = others.map(({ key, name, found }) => [
    key,
    { name, ...shown(found), difference: tagDifference(ours.found, found) },
  ]);
  return {
    json: {
      ...shown(ours.found),
      minimum,
      ...(others.length > 0 && { baselines: Object.fromEntries(baselines) }),
    },
    text: (what) => textOf(rows, what),
  };
}

const shown = ({ draws: _, ...found }: TagProbe) => found;

function textOf(rows: readonly { name: string; found: TagProbe }[], what: string): string {
  const [first, ...others] = rows;
  const { tags, items } = first.found;
  const spread = ([low, high]: readonly [number, number], signed = false) =>
    signed ? `${low.toFixed(3)} to ${high.toFixed(3)}` : `${low.toFixed(3)}–${high.toFixed(3)}`;
  const cells = rows.map(({ name, found: { gapAt20, map, intervals } }) => [
    ...[name, gapAt20.toFixed(3), spread(intervals.gapAt20)],
    ...[map.toFixed(3), spread(intervals.map)],
  ]);
  const gains = others.map(({ name, found }) => {
    const { gapAt20, map } = tagDifference(first.found, found);
    const points = ({ value, interval }: typeof map) =>
      `${value > 0 ? '+' : ''}${value.toFixed(3)} (${spread(interval, true)})`;
    return `Against ${name}: GAP@20 ${points(gapAt20)}, MAP ${points(map)}`;
  });
  return [
    `${tags} tags, learned on ${items.train} items that have some, told of ${items.test} of ${what}`,
    '',
    table([['', 'GAP@20', '95 %', 'MAP', '95 %'], ...cells]),
    ...(gains.length > 0 ? ['', ...gains] : []),
  ].join('\n');
}
