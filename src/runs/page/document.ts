import { type Html, html } from './html.ts';
import { style } from './style.ts';

/**
 * A page as one HTML text that needs nothing else, neither network nor script: a policy in the page itself forbids
 * loading anything.
 */
export function page(parts: {
  /** What sort of page it is: `'training run'`. */
  readonly kind: string;
  readonly name: string;
  /** What it comes down to, in one sentence. */
  readonly verdict: string;
  readonly sections: readonly Html[];
  /** Rules beside those of every page. */
  readonly style?: Html;
}): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${parts.name} · Kindred</title>
${style}${parts.style}
</head>
<body>
<main>
<header><p class="kind">Kindred · ${parts.kind}</p><h1>${parts.name}</h1><p class="verdict">${parts.verdict}</p></header>
${parts.sections.map((section) => html`${section}\n`)}</main>
</body>
</html>
`.text;
}
