import { type Area, drawing, frame, hover, polyline } from './page/chart.ts';
import { type Html, html } from './page/html.ts';
import { type Curve, margins, valueAxis } from './page/line-chart.ts';
import { count, metric } from './page/numbers.ts';
import { smooth, thin } from './page/series.ts';
import { ticks } from './page/ticks.ts';

/** One run's line in a chart. */
export interface Series {
  readonly name: string;
  /** Rising. */
  readonly steps: readonly number[];
  /** One per step; one that is not finite leaves a gap. */
  readonly values: readonly number[];
  /** Positions at which values begin that are not comparable with those before. */
  readonly breaks?: readonly number[];
}

const colours = 6;

/** The class by which series `i` is drawn: a colour, and where these are used up the next pattern of dashes. */
export const lineClass = (i: number): string => `line run-${i % colours} dash-${Math.floor(i / colours) % 3}`;

/**
 * Several runs over training steps, from step 0 to the last of any run. `noisy` values are drawn by their running mean,
 * `points` as they are. Series without a value keep their place, and so their colour.
 */
export function overlayChart(
  chart: { readonly label: string; readonly style: Curve['style']; readonly height: number },
  series: readonly Series[],
): Html {
  const area: Area = { ...margins, right: 16, height: chart.height, top: 24 };
  const lastStep = Math.max(1, ...series.map(({ steps }) => steps[steps.length - 1] ?? 0));
  const lines = series.map(({ values, breaks = [] }) =>
    chart.style === 'noisy' ? smooth(values, Math.max(1, Math.round(values.length / 60)), breaks) : values,
  );
  const xAxis = { low: 0, high: lastStep, ticks: ticks(0, lastStep, 6), label: 'step' };
  const yAxis = valueAxis({ label: chart.label, share: false, values: lines.flat() }, chart.height);
  const { x, y, axes } = frame(area, xAxis, yAxis);
  const ends = series.map(({ name, steps }, i) => {
    const last = lines[i].findLastIndex(Number.isFinite);
    return last < 0 ? `${name}: no value` : `${name}: ${metric(lines[i][last])} at step ${count(steps[last])}`;
  });
  return drawing(area, `${chart.label} over training steps. ${ends.join('; ')}.`, [
    axes,
    ...series.flatMap(({ steps }, i) => {
      const points = thin(lines[i], area.width / 2).map((p) => [x(steps[p]), y(lines[i][p])] as const);
      return [
        html`<path class="${lineClass(i)}" d="${polyline(points)}"/>`,
        ...(chart.style === 'points'
          ? points
              .filter((point) => point.every(Number.isFinite))
              .map((point) => html`<path class="point ${lineClass(i)}" d="${polyline([point])}h0"/>`)
          : []),
      ];
    }),
    ...columns(series, lines, lastStep).map(({ from, to, text }) => hover(area, x(from), x(to), text)),
  ]);
}

/** At most 60 columns; each tells, for every run, the last value up to its end. */
function columns(series: readonly Series[], lines: readonly (readonly number[])[], lastStep: number) {
  const number = Math.min(60, lastStep);
  return Array.from({ length: number }, (_, column) => {
    const from = (column * lastStep) / number;
    const to = ((column + 1) * lastStep) / number;
    const told = series.flatMap(({ name, steps }, i) => {
      const at = steps.findLastIndex((step) => step <= to);
      return at < 0 ? [] : [`${name}: ${metric(lines[i][at])} at step ${count(steps[at])}`];
    });
    return { from, to, text: told.join('\n') };
  });
}
