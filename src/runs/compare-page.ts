import type { Interval } from '../evaluation/bootstrap.ts';
import { measures } from '../evaluation/measures.ts';
import { type Comparison, type Difference, unitsOf } from './compare.ts';
import type { Measured } from './metrics.ts';
import { lineClass, overlayChart } from './overlay-chart.ts';
import { page } from './page/document.ts';
import { Html, html } from './page/html.ts';
import { count, dash, decimal, duration, metric, probability } from './page/numbers.ts';
import { methodOf, resultsSection } from './page/results.ts';
import { leftOut, section } from './page/section.ts';
import { qualityLabels } from './words.ts';

/** A number with its sign: `+0.012`. */
export const signed = (value: number): string => {
  const text = metric(value);
  return value > 0 && text !== metric(0) ? `+${text}` : text;
};

/** What a difference says: its interval tells the two apart, or does not. */
export const reading = ({ low, high }: Interval): string =>
  low > 0 ? 'better' : high < 0 ? 'worse' : 'not told apart';

/** A setting's value in words. */
export const valueInWords = (value: unknown): string =>
  value === undefined ? dash : typeof value === 'string' ? value : JSON.stringify(value);

/** How long a run took, in words. */
const efforts = ({ steps, trainSeconds, itemsPerSecond }: Measured, truncated?: string): string =>
  `${count(steps)} steps in ${duration(trainSeconds)}, ${count(itemsPerSecond)} items/s${truncated === undefined ? '' : `, ended early: ${truncated}`}`;

/** A comparison on one page: table, paired differences, curves over each other, what the recipes differ in. */
export function comparePage(comparison: Comparison): string {
  const { runs, differences, queries } = comparison;
  const units = unitsOf[comparison.measure];
  const quality = qualityLabels[comparison.metric];
  const [{ run: first, metrics: firstMetrics }] = runs;
  return page({
    kind: 'comparison of runs',
    name: runs.map(({ run }) => run).join(', '),
    verdict: `${quality} over the same ${count(queries)} ${units}, against ${first}: ${differences.map(inWords).join('; ')}.`,
    style: lineStyle,
    sections: [
      resultsSection({
        caption: caption(comparison),
        measure: comparison.measure,
        ...(firstMetrics.relation && { relation: firstMetrics.relation }),
        methods: [
          ...runs.map(({ run, metrics }) =>
            methodOf(run, metrics, { ours: true, detail: efforts(metrics, metrics.truncated) }),
          ),
          methodOf(firstMetrics.baseline.name, firstMetrics.baseline, {
            ours: false,
            detail: `the baseline of ${first}`,
          }),
        ],
      }),
      differencesSection(comparison),
      curvesSection(comparison),
      settingsSection(comparison),
    ],
  });
}

const inWords = (difference: Difference): string =>
  `${difference.name} ${signed(difference.mean)} (${reading(difference)})`;

function caption({ measure, queries, candidates, runs }: Comparison): string {
  const { triplets, preferences } = runs[0].metrics;
  switch (measure) {
    case 'retrieval':
      return `${count(queries)} test items, each searched among ${count(candidates)}; intervals over the queries`;
    case 'verification':
      return `${count(queries)} pairs of test items; intervals over the pairs`;
    case 'triplets':
      return `${count(triplets)} triplets of test items; intervals over the ${count(queries)} anchors`;
    case 'ranking':
      return `${count(queries)} test lists; intervals over the lists`;
    case 'preferences':
      return `${count(preferences)} test preferences; intervals over the ${count(queries)} queries`;
  }
}

function differencesSection({ measure, metric: name, queries, runs, differences, baseline }: Comparison): Html {
  const units = unitsOf[measure];
  const widest = Math.max(...differences.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)])) || 1;
  const place = (value: number) => decimal(50 + (46 * value) / widest, 1);
  // The baseline is far away: on its scale the runs would lie on the line.
  const whisker = ({ mean, low, high }: Difference) =>
    html`<svg class="whisker" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><path class="base" d="M50 0V10"/><path class="ends" d="M${place(low)} 5H${place(high)}"/><path class="middle-mark" d="M${place(mean)} 1V9"/></svg>`;
  return section(`Differences in ${qualityLabels[name]}`, [
    html`<div class="scroll" role="region" aria-label="Differences" tabindex="0"><table><caption>Against ${runs[0].run}, each of the ${count(queries)} ${units} paired with itself; 95 % intervals; p by randomisation, in pairs. Right of the line is better.</caption>
<thead><tr><th scope="col">Run</th><th scope="col">Difference</th><th scope="col">95 % interval</th><th scope="col">p</th><th scope="col" class="forest"></th><th scope="col"></th></tr></thead>
<tbody>${[...differences, baseline].map(
      (difference) =>
        html`<tr><th scope="row">${difference.name}</th><td><strong>${signed(difference.mean)}</strong></td><td>${signed(difference.low)} to ${signed(difference.high)}</td><td>${probability(difference.p)}</td><td>${difference === baseline ? undefined : whisker(difference)}</td><td>${reading(difference)}</td></tr>\n`,
    )}</tbody></table></div>`,
    html`<p class="note">An interval says how the difference would move with other ${units}, not with other seeds; train some seeds of each to know that.</p>`,
  ]);
}

function curvesSection({ measure, runs }: Comparison): Html {
  const heading = 'How they were trained';
  if (!runs.some(({ loss }) => loss.values.some(Number.isFinite))) return leftOut(heading, 'no step was recorded');
  const loss = overlayChart(
    { label: 'training loss', style: 'noisy', height: 300 },
    runs.map((each) => each.loss),
  );
  const looked = runs.some(({ validation }) => validation.values.some(Number.isFinite));
  const validation = overlayChart(
    { label: `${qualityLabels[measures[measure].main]}, validation`, style: 'points', height: 300 },
    runs.map((each) => each.validation),
  );
  return section(heading, [
    html`<figure><ul class="legend">${runs.map(
      ({ run }, i) =>
        html`<li><svg viewBox="0 0 26 8" aria-hidden="true"><path class="${lineClass(i)}" d="M0 4H26"/></svg>${run}</li>`,
    )}</ul><div class="panels"><div>${loss}</div>${looked ? html`<div>${validation}</div>` : undefined}</div><figcaption>Loss: mean of the steps around each. Losses of different objectives are not comparable.${looked ? '' : ' No run looked at a validation part.'}</figcaption></figure>`,
  ]);
}

function settingsSection({ runs, settings }: Comparison): Html {
  const heading = 'What the recipes differ in';
  if (settings.length === 0) return section(heading, [html`<p>Nothing.</p>`]);
  return section(heading, [
    html`<div class="scroll settings" role="region" aria-label="${heading}" tabindex="0"><table><thead><tr><th scope="col">Setting</th>${runs.map(({ run }) => html`<th scope="col">${run}</th>`)}</tr></thead>
<tbody>${settings.map(
      ({ key, values }) =>
        html`<tr><th scope="row">${key}</th>${values.map((value) => html`<td>${valueInWords(value)}</td>`)}</tr>\n`,
    )}</tbody></table></div>`,
  ]);
}

/** One colour a run, told apart by the colour-blind too; dashes from the seventh on. */
const lineStyle = new Html(`<style>
:root { --run-0: #1f6aa8; --run-1: #b8541a; --run-2: #1c7a4d; --run-3: #8a3fa0; --run-4: #8c6d00; --run-5: #b3382c; }
@media screen and (prefers-color-scheme: dark) {
  :root { --run-0: #6cb2ee; --run-1: #eb9a5d; --run-2: #58c48c; --run-3: #c99be0; --run-4: #d6b94a; --run-5: #f0857a; }
}
${[0, 1, 2, 3, 4, 5].map((i) => `.run-${i} { stroke: var(--run-${i}); }`).join('\n')}
.dash-1 { stroke-dasharray: 6 3; }
.dash-2 { stroke-dasharray: 2 3; }
.line.point { stroke-width: 7; stroke-linecap: round; stroke-dasharray: none; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 24px; margin-bottom: 14px; font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 8px; min-width: 0; overflow-wrap: anywhere; }
.legend svg { width: 26px; flex: none; }
.settings td { white-space: normal; overflow-wrap: anywhere; min-width: 7em; }
.forest { width: 24%; }
.whisker { height: 18px; min-width: 90px; }
.whisker path { vector-effect: non-scaling-stroke; fill: none; }
.ends { stroke: var(--muted); stroke-width: 2; }
.middle-mark { stroke: var(--ink); stroke-width: 3; }
</style>`);
