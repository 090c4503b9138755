import { type Html, html } from './html.ts';

/** What stands for a value that is missing or not finite. */
export const dash = '–';

const minus = '\u2212';

/** `value` with a fixed number of decimals, thousands separated by commas, a true minus sign; a dash if not finite. */
export function decimal(value: number | undefined, decimals: number): string {
  if (value === undefined || !Number.isFinite(value)) return dash;
  const text = value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  // A rounded -0.0001 is not negative any more.
  return /^-[0.,]*$/.test(text) ? text.slice(1) : text.replace('-', minus);
}

/** A metric, loss or distance: 3 decimals. */
export const metric = (value: number | undefined): string => decimal(value, 3);

/** A number of things: `12,000`. */
export const count = (value: number | undefined): string => decimal(value, 0);

/** How probable something is by chance: `0.042`, `< 0.001`. */
export const probability = (p: number): string => (p < 0.001 ? '< 0.001' : metric(p));

/** A number of things, and what they are: `12 queries`, `1 query`; `things` is the plural. */
export function counted(value: number | undefined, things: string): string {
  const single = things.replace(/^(\w+?)(ies|s)\b/, (_, stem, ending) => (ending === 'ies' ? `${stem}y` : stem));
  return `${count(value)} ${value === 1 ? single : things}`;
}

/** A share of 1 as a whole percentage: `31 %`. */
export function percent(share: number | undefined): string {
  const text = decimal(share === undefined ? share : share * 100, 0);
  return text === dash ? dash : `${text}\u00a0%`;
}

/** `58.3 s`, `2 min 5 s`, `1 h 4 min`. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return dash;
  if (seconds < 59.95) return `${decimal(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** Text as it is, and a dash with a spoken name for a missing one. */
export function orDash(text: string | undefined): Html {
  if (text !== undefined && text !== '' && text !== dash) return html`${text}`;
  return html`<span class="none" title="not known" role="img" aria-label="not known">${dash}</span>`;
}
