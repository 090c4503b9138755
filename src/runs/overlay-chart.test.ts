import { expect, test } from 'vitest';
import { lineClass, overlayChart, type Series } from './overlay-chart.ts';

const series = (name: string, values: number[], more: Partial<Series> = {}): Series => ({
  name,
  steps: values.map((_, i) => i),
  values,
  ...more,
});

const paths = (svg: string) => [...svg.matchAll(/class="(line run-[^"]*)" d="([^"]*)"/g)].map(([, , d]) => d);

test('all runs share both scales', () => {
  // Plot from x 50 to 464 for steps 0 to 2, y 24 to 162 for values from 0 to 1.04.
  const y = (value: number) => Math.round((162 - (value / 1.04) * 138) * 10) / 10;
  const svg = overlayChart({ label: 'MAP@R', style: 'points', height: 200 }, [
    series('short', [0, 0.5]),
    series('long', [1, 0.5, 0.25]),
    series('none', []),
  ]).text;
  expect(paths(svg)).toEqual([`M50 162L257 ${y(0.5)}`, `M50 ${y(1)}L257 ${y(0.5)}L464 ${y(0.25)}`, '']);
  expect(svg).toContain('short: 0.500 at step 1; long: 0.250 at step 2; none: no value.');
  expect(svg).toContain('<title>short: 0.500 at step 1\nlong: 0.250 at step 2</title>');
});

test('a noisy curve is smoothed, but not across a break', () => {
  const smoothed = (breaks: number[]) =>
    paths(
      overlayChart({ label: 'loss', style: 'noisy', height: 200 }, [series('a', [1, 1, 0, 0], { breaks })]).text,
    )[0];
  const y = (value: number) => Math.round((162 - (value / 1.04) * 138) * 10) / 10;
  expect(smoothed([2])).toBe(`M50 ${y(1)}L188 ${y(1)}L326 162L464 162`);
  expect(smoothed([])).toBe(`M50 ${y(1)}L188 ${y(2 / 3)}L326 ${y(1 / 3)}L464 162`);
});

test('eighteen runs are drawn in eighteen ways; names are escaped', () => {
  expect(new Set(Array.from({ length: 18 }, (_, i) => lineClass(i))).size).toBe(18);
  const svg = overlayChart({ label: 'loss', style: 'noisy', height: 200 }, [series('<b>', [1])]).text;
  expect(svg).toContain('&lt;b&gt;');
  expect(svg).not.toContain('<b>');
});
