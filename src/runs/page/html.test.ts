import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeHtml, html } from './html.ts';

test('text is escaped once, HTML is kept', () => {
  const inner = html`<b>${'a < b & "c"'}</b>`;
  expect(inner.text).toBe('<b>a &lt; b &amp; &quot;c&quot;</b>');
  expect(html`<p title="${"it's"}">${inner}${[inner, inner]}${undefined}${7}</p>`.text).toBe(
    `<p title="it&#39;s">${inner.text.repeat(3)}7</p>`,
  );
});

test('no text can open a tag or leave an attribute, and all of it can be read back', () => {
  const back: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', ';', 'é') }), (text) => {
      const escaped = escapeHtml(text);
      expect(escaped).not.toMatch(/[<>"']/);
      expect(escaped.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => back[name])).toBe(text);
    }),
  );
});
