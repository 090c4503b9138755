/** Text that is already HTML or SVG. Made by {@link html} alone, so that no text reaches the page unescaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** `text` for use between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

type Part = Html | string | number | readonly Html[] | undefined;

/**
 * A template whose values are escaped, except those that are {@link Html} (or lists of it) already. `undefined` gives
 * nothing. Attributes must be quoted by the template.
 */
export function html(pieces: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(pieces.reduce((text, piece, i) => text + insert(values[i - 1]) + piece));
}

function insert(value: Part): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map((part) => part.text).join('');
}
