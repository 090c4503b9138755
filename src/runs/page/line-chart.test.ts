import { expect, test } from 'vitest';
import { type Curve, lineChart } from './line-chart.ts';

const curve = (values: number[], more: Partial<Curve> = {}): Curve => ({
  label: 'training loss',
  steps: values.map((_, i) => i),
  values,
  share: false,
  style: 'points',
  ...more,
});

const drawnPath = (svg: string, kind: string) => svg.match(new RegExp(`class="${kind}" d="([^"]*)"`))?.[1];

test('points stand where the scales put them', () => {
  // Plot from x 50 to 428; without marks from y 24 to 162; shares from 0 to 1.
  const svg = lineChart(curve([1, 0, 0.5], { share: true }), [], 2, 200).text;
  expect(drawnPath(svg, 'line')).toBe('M50 24L239 162L428 93');
  expect(svg).toContain('>50\u00a0%</text>');
  expect(svg).toContain('<title>step 2: 50\u00a0%</title>');
});

test('a value that is not finite leaves a gap, and the last finite one is named', () => {
  const svg = lineChart(curve([1, Number.NaN, 0.25, 0.5, Number.NaN], { share: true }), [], 4, 200).text;
  expect(drawnPath(svg, 'line')).toBe('M50 24M239 127.5L333.5 93');
  expect(svg).toContain('>50\u00a0%</text>');
  expect(svg).toContain('<title>step 1: –</title>');
  expect(svg).not.toContain('NaN');
});

test('names of near marks stand on lines of their own, and turn before the right end', () => {
  const marks = [
    { step: 0, name: 'easy' },
    { step: 2, name: 'semi-hard' },
    { step: 100, name: 'hard & fast' },
  ];
  const svg = lineChart(curve([3, 1]), marks, 100, 300).text;
  const name = (text: string) => svg.match(new RegExp(`<text class="(stage[^"]*)" x="([^"]*)" y="([^"]*)">${text}<`));
  expect(name('easy')?.slice(1)).toEqual(['stage', '54', '33']);
  expect(name('semi-hard')?.slice(1)).toEqual(['stage', '61.6', '48']);
  expect(name('hard &amp; fast')?.slice(1)).toEqual(['stage end', '424', '33']);
});

test('a noisy curve is drawn raw and smoothed, with its ends in words', () => {
  const values = Array.from({ length: 120 }, (_, i) => (i % 2 ? 0.2 : 0.4));
  const svg = lineChart(curve(values, { style: 'noisy' }), [], 119, 300).text;
  expect(drawnPath(svg, 'raw')?.split('L').length).toBe(120);
  expect(drawnPath(svg, 'line')).not.toBe(drawnPath(svg, 'raw'));
  expect(svg).toContain('training loss over training steps: 0.333 at step 0, 0.267 at step 119.');
});
