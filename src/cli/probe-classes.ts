import { type Probes, probe, probeDifference, probeShares } from '../evaluation/probe.ts';
import type { GroupRelations } from '../relations/relations.ts';
import { table } from './output.ts';
import type { ProbeReport, Probing } from './probe-report.ts';

/** Classes, one for each item: shares told right, with all labels and with few. */
export async function probeClasses(
  { labels, names }: GroupRelations,
  { sources, takes, reported, seed, threads, progress }: Probing,
): Promise<ProbeReport> {
  const rows: { key: string; name: string; probes: Probes }[] = [];
  for (const { key, name, embeddings } of sources) {
    const all = await embeddings();
    const part = (of: keyof typeof takes) => {
      const { items, take } = takes[of];
      return { embeddings: take(all), labels: items.map((item) => labels[item]) };
    };
    const probes = await probe({
      ...{ train: part('train'), validation: part('validation'), test: part(reported) },
      ...{ seed, threads, progress: progress(name) },
    });
    rows.push({ key, name, probes });
  }
  const [ours, ...others] = rows;
  const baselines = others.map(({ key, name, probes }) => [
    key,
    { name, ...shown(probes), difference: differences(ours.probes, probes, seed) },
  ]);
  return {
    json: {
      classes: names.length,
      ...shown(ours.probes),
      ...(others.length > 0 && { baselines: Object.fromEntries(baselines) }),
    },
    text: (what) => textOf(rows, what, seed),
  };
}

/** With all labels at the top, and the shares of them below their names; what each item got is left out. */
function shown({ all, ...shares }: Probes) {
  const plain = ({ correct: _, ...probed }: Probes['all']) => probed;
  return {
    ...plain(all),
    at10Percent: plain(shares.at10Percent),
    at1Percent: plain(shares.at1Percent),
  };
}

function differences(ours: Probes, theirs: Probes, seed: number) {
  const { all, ...shares } = Object.fromEntries(
    Object.keys(probeShares).map((share) => {
      const key = share as keyof Probes;
      return [key, probeDifference(ours[key], theirs[key], seed)];
    }),
  );
  return { ...all, ...shares };
}

const percent = (value: number) => (100 * value).toFixed(1);

function textOf(rows: readonly { name: string; probes: Probes }[], what: string, seed: number): string {
  const [first, ...others] = rows;
  // Of few items a hundredth and a tenth are the same labels, since each class keeps one.
  const shares = (Object.keys(probeShares).reverse() as (keyof Probes)[]).filter(
    (share, i, all) => i === 0 || first.probes[share].labels !== first.probes[all[i - 1]].labels,
  );
  const cells = rows.flatMap(({ name, probes }) =>
    shares.map((share) => {
      const { labels, intervals, linearAccuracy, knnAccuracy } = probes[share];
      const spread = ([low, high]: readonly [number, number]) => `${percent(low)}–${percent(high)}`;
      return [
        ...[name, labels, percent(linearAccuracy), spread(intervals.linearAccuracy)],
        ...[percent(knnAccuracy), spread(intervals.knnAccuracy)],
      ];
    }),
  );
  const gains = others.map(({ name, probes }) => {
    const { linearAccuracy } = probeDifference(first.probes.at1Percent, probes.at1Percent, seed);
    const [low, high] = linearAccuracy.interval.map(percent);
    const points = `${linearAccuracy.value > 0 ? '+' : ''}${percent(linearAccuracy.value)} (${low} to ${high})`;
    return `Against ${name}, a linear classifier with ${first.probes.at1Percent.labels} labels: ${points} points`;
  });
  return [
    `Right of 100, on ${what}`,
    '',
    table([['', 'labels', 'linear', '95 %', 'nearest', '95 %'], ...cells]),
    ...(gains.length > 0 ? ['', ...gains] : []),
  ].join('\n');
}
