import { type Html, html } from './html.ts';
import { tickLabels } from './ticks.ts';

/** Maps a value of the data to a position in the drawing. */
export type Scale = (value: number) => number;

/** What one axis shows, from `low` to `high`. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** The quantity, with its unit. */
  readonly label: string;
  /** Shares of 1, written as percentages. */
  readonly share?: boolean;
}

/** Size of a drawing, and the margins around its plot, in pixels of the drawing. */
export interface Area {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The scales of a plot, and its axes as SVG. */
export interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly axes: Html;
}

/** Linear: `low` at `start`, `high` at `end`. An empty range maps everything to `start`. */
function linear(low: number, high: number, start: number, end: number): Scale {
  return (value) => (high === low ? start : start + ((value - low) / (high - low)) * (end - start));
}

/** A position, to a tenth of a pixel. */
export const at = (position: number): string => String(Math.round(position * 10) / 10);

/** Scales and axes: hairlines at the ticks of y, marks at those of x, labels at the ends of the axes. */
export function frame(area: Area, xAxis: Axis, yAxis: Axis): Frame {
  const right = area.width - area.right;
  const bottom = area.height - area.bottom;
  const x = linear(xAxis.low, xAxis.high, area.left, right);
  const y = linear(yAxis.low, yAxis.high, bottom, area.top);
  const xNames = axisNames(xAxis);
  const yNames = axisNames(yAxis);
  const axes = html`<g class="axes">${yAxis.ticks.map(
    (tick, i) =>
      html`<path class="grid" d="M${area.left} ${at(y(tick))}H${right}"/><text class="end" x="${area.left - 6}" y="${at(y(tick) + 4)}">${yNames[i]}</text>`,
  )}<path class="base" d="M${area.left} ${bottom}H${right}"/>${xAxis.ticks.map(
    (tick, i) =>
      html`<path class="base" d="M${at(x(tick))} ${bottom}v4"/><text class="middle" x="${at(x(tick))}" y="${bottom + 17}">${xNames[i]}</text>`,
  )}<text class="end name" x="${right}" y="${area.height - 4}">${xAxis.label}</text><text class="name" x="0" y="12">${yAxis.label}</text></g>`;
  return { x, y, axes };
}

function axisNames(axis: Axis): string[] {
  if (!axis.share) return tickLabels(axis.ticks);
  return tickLabels(axis.ticks.map((tick) => Math.round(tick * 1e8) / 1e6)).map((name) => `${name} %`);
}

/** One drawing. `description` says in words what it shows, for those who do not see it. */
export function drawing(area: Area, description: string, content: readonly Html[]): Html {
  return html`<svg viewBox="0 0 ${area.width} ${area.height}" role="img" aria-label="${description}">${content}</svg>`;
}

/** A path through the points, in `[x, y]` of the drawing; a point that is not finite breaks it. */
export function polyline(points: readonly (readonly [number, number])[]): string {
  let path = '';
  let pen = 'M';
  for (const [x, y] of points) {
    if (Number.isFinite(x) && Number.isFinite(y)) {
      path += `${pen}${at(x)} ${at(y)}`;
      pen = 'L';
    } else {
      pen = 'M';
    }
  }
  return path;
}

/** An invisible column over the whole height of the plot that shows `text` while the pointer rests on it. */
export function hover(area: Area, from: number, to: number, text: string): Html {
  const height = area.height - area.top - area.bottom;
  return html`<rect class="hover" x="${at(from)}" y="${area.top}" width="${at(Math.max(0, to - from))}" height="${height}"><title>${text}</title></rect>`;
}
