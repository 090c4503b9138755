import { type Html, html } from './html.ts';

/** A part of the page under its heading. */
export function section(heading: string, content: readonly Html[]): Html {
  return html`<section><h2>${heading}</h2>${content}</section>`;
}

/** What stands in the place of a part that has nothing to show. */
export function leftOut(heading: string, why: string): Html {
  return section(heading, [html`<p class="note">Left out: ${why}.</p>`]);
}
