import type { Quality } from '../runs/metrics.ts';
import { metric } from '../runs/page/numbers.ts';
import { table } from './output.ts';

/** A table of what was measured, one row a method, intervals below the numbers' names. */
export function qualityTable(rows: readonly { readonly name: string; readonly quality: Quality }[]): string {
  return table([
    ['', 'R@1', 'R@10', 'MAP@R', '95 % interval', 'NDCG@10'],
    ...rows.map(({ name, quality }) => [
      name,
      metric(quality.recallAt1),
      metric(quality.recallAt10),
      metric(quality.mapAtR),
      quality.intervals.mapAtR.map(metric).join('–'),
      metric(quality.ndcgAt10),
    ]),
  ]);
}
