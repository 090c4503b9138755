import { type Area, type Axis, at, drawing, frame, hover, polyline, type Scale } from './chart.ts';
import { type Html, html } from './html.ts';
import { count, metric, percent } from './numbers.ts';
import { range, smooth, thin } from './series.ts';
import { ticks } from './ticks.ts';

/** A quantity over training steps. */
export interface Curve {
  readonly label: string;
  /** Rising. */
  readonly steps: readonly number[];
  /** One per step; one that is not finite leaves a gap. */
  readonly values: readonly number[];
  /** Whether the values are shares of 1, drawn from 0 to 100 %. */
  readonly share: boolean;
  /** `noisy`: the values faint and their running mean above them. `points`: few values, each with its mark. */
  readonly style: 'noisy' | 'points';
}

/** A moment of training to be marked by a vertical line with its name. */
export interface Mark {
  readonly step: number;
  readonly name: string;
}

const lineHeight = 15;
/** Size of every chart over steps, but for its height and what stands above the plot. */
export const margins = { width: 480, left: 50, right: 52, bottom: 38 };

/** Draws one curve from step 0 to `lastStep`, `height` pixels high where it is 480 wide. */
export function lineChart(curve: Curve, marks: readonly Mark[], lastStep: number, height: number): Html {
  const rows = markRows(marks, positions(lastStep));
  const area: Area = { ...margins, height, top: 24 + lineHeight * (1 + Math.max(-1, ...rows)) };
  const xAxis: Axis = { low: 0, high: lastStep, ticks: ticks(0, lastStep, 6), label: 'step' };
  const { x, y, axes } = frame(area, xAxis, valueAxis(curve, height));
  const breaks = marks.map((mark) => curve.steps.findIndex((step) => step >= mark.step));
  const radius = Math.max(1, Math.round(curve.values.length / 60));
  const line = curve.style === 'noisy' ? smooth(curve.values, radius, breaks) : [...curve.values];
  const say = (value: number) => (curve.share ? percent(value) : metric(value));
  const path = (values: readonly number[]) =>
    polyline(thin(values, area.width / 2).map((i) => [x(curve.steps[i]), y(values[i])]));
  const last = line.findLastIndex(Number.isFinite);
  return drawing(area, describe(curve, line, say), [
    axes,
    ...marks.map((mark, i) => drawMark(mark, rows[i], area, x)),
    ...(curve.style === 'noisy' ? [html`<path class="raw" d="${path(curve.values)}"/>`] : []),
    html`<path class="line" d="${path(line)}"/>`,
    ...(curve.style === 'points' ? line.flatMap((value, i) => dot(x(curve.steps[i]), y(value))) : []),
    ...(last < 0
      ? []
      : [
          ...dot(x(curve.steps[last]), y(line[last])),
          html`<text class="value" x="${at(x(curve.steps[last]) + 7)}" y="${at(y(line[last]) + 4)}">${say(line[last])}</text>`,
        ]),
    ...hovers(curve, line, area, x, say),
  ]);
}

const positions = (lastStep: number) => (step: number) => margins.left + (step / lastStep) * plotWidth;
const plotWidth = margins.width - margins.left - margins.right;

function dot(x: number, y: number): Html[] {
  return Number.isFinite(y) ? [html`<circle class="dot" cx="${at(x)}" cy="${at(y)}" r="3"/>`] : [];
}

/** From 0 for shares and wherever 0 is not so far away that the curve would be flattened. */
export function valueAxis(curve: Pick<Curve, 'label' | 'values' | 'share'>, height: number): Axis {
  const most = Math.max(4, Math.floor(height / 50));
  if (curve.share) {
    return { low: 0, high: 1, ticks: [0, 0.5, 1], label: curve.label, share: true };
  }
  let [low, high] = range(curve.values);
  if (low >= 0 && low < 0.5 * high) low = 0;
  const room = high > low ? (high - low) * 0.04 : Math.abs(high) * 0.1 || 1;
  if (low !== 0) low -= room;
  high += room;
  return { low, high, ticks: ticks(low, high, most), label: curve.label };
}

/** In which line above the plot each name stands, so that no two names overlap. */
function markRows(marks: readonly Mark[], x: Scale): number[] {
  const ends: number[] = [];
  return marks.map((mark) => {
    const [start, end] = extent(mark, x);
    let row = 0;
    while (ends[row] > start) row++;
    ends[row] = end;
    return row;
  });
}

/** Where the name of a mark lies: to the right of its line, or to the left where it would leave the drawing. */
function extent(mark: Mark, x: Scale): [start: number, end: number, turned: boolean] {
  const width = 12 + 8 * mark.name.length;
  const start = x(mark.step);
  return start + width > margins.width ? [start - width, start, true] : [start, start + width, false];
}

function drawMark(mark: Mark, row: number, area: Area, x: Scale): Html {
  const [, , turned] = extent(mark, x);
  const position = x(mark.step);
  const top = 24 + lineHeight * row;
  return html`<path class="mark" d="M${at(position)} ${top - 2}V${area.height - area.bottom}"/><text class="stage${turned ? ' end' : ''}" x="${at(position + (turned ? -4 : 4))}" y="${top + 9}">${mark.name}</text>`;
}

/** At most 80 columns, each telling the value at its middle. */
function hovers(curve: Curve, line: readonly number[], area: Area, x: Scale, say: (value: number) => string): Html[] {
  const columns = Math.min(80, curve.steps.length);
  const width = plotWidth / columns;
  return Array.from({ length: columns }, (_, column) => {
    const i = Math.floor(((column + 0.5) * curve.steps.length) / columns);
    const middle = x(curve.steps[i]);
    const smoothed = curve.style === 'noisy' ? `, mean around it ${say(line[i])}` : '';
    const text = `step ${count(curve.steps[i])}: ${say(curve.values[i])}${smoothed}`;
    return hover(area, middle - width / 2, middle + width / 2, text);
  });
}

function describe(curve: Curve, line: readonly number[], say: (value: number) => string): string {
  const first = line.findIndex(Number.isFinite);
  const last = line.findLastIndex(Number.isFinite);
  if (first < 0) return `${curve.label}: no finite value.`;
  return `${curve.label} over training steps: ${say(line[first])} at step ${count(curve.steps[first])}, ${say(line[last])} at step ${count(curve.steps[last])}.`;
}
