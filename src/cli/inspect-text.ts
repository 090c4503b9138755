import type { RelationFacts } from '../readers/describe-relations.ts';
import { count, decimal } from '../runs/page/numbers.ts';
import { goneWords, noiseLines } from './inspect-noise.ts';
import type { RecipeReport, Report } from './inspect-report.ts';
import { itemLines, relationWords, shareOf } from './inspect-words.ts';
import { definitions, wrapped } from './wrapped.ts';

/** A report for people, in lines of at most 80 columns (longer only where an id or a path is). */
export function reportText(report: Report): string {
  const { name, what, columns, doubts, items, relations, labels, parts, leftOut, notes, recipe } = report;
  const sections = [
    [
      wrapped(`${name}: ${what}`, 2),
      ...columnLines(columns),
      ...doubts.map((doubt) => wrapped(`  unsure: ${doubt}`, 10)),
    ],
    [
      ...itemLines(items),
      wrapped(relationWords(relations), 2),
      ...Object.entries(labels)
        .filter(([, facts]) => !(facts.kind === relations.kind && same(facts, relations)))
        .map(([label, facts]) => wrapped(`label "${label}": ${relationWords(facts)}`, 2)),
      ...(parts && recipe === undefined
        ? [
            wrapped(
              `official parts: ${count(parts.train)} items to train on, ${count(parts.validation)} to choose by, ${count(parts.test)} to report on`,
              2,
            ),
          ]
        : []),
      ...notes.map((note) => wrapped(`note: ${note}`, 2)),
    ],
    leftOut.count === 0
      ? []
      : [
          `Left out: ${count(leftOut.count)}`,
          ...leftOut.examples.map(({ path, reason }) => wrapped(`  ${path}: ${reason}`, 4)),
          ...(leftOut.count > leftOut.examples.length
            ? [`  and ${count(leftOut.count - leftOut.examples.length)} more`]
            : []),
        ],
    noiseLines(report),
    recipe === undefined ? [] : recipeLines(recipe),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

const same = (a: RelationFacts, b: RelationFacts): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What columns mean; of many with one meaning, the first and the last. */
export function columnLines(columns: Readonly<Record<string, string>>): string[] {
  const byMeaning = new Map<string, string[]>();
  for (const [name, meaning] of Object.entries(columns))
    byMeaning.set(meaning, [...(byMeaning.get(meaning) ?? []), name]);
  return definitions(
    [...byMeaning].map(([meaning, names]) => [
      names.length > 4
        ? `${names[0]} ... ${withoutFile(names[names.length - 1])} (${names.length})`
        : namesWords(names),
      meaning,
    ]),
  );
}

/** Columns of the items' file have its name before them; it is said once. */
const withoutFile = (name: string): string => name.slice(name.lastIndexOf(': ') + 1).trim();
const namesWords = ([first, ...others]: readonly string[]): string => [first, ...others.map(withoutFile)].join(', ');

function recipeLines(recipe: RecipeReport): string[] {
  const { steps, encoder, loss, sampler, policy, gone, parts, dropped, epoch, refused, split } = recipe;
  const head = `Training: ${encoder} with the loss ${loss}, ${count(steps)} steps`;
  if (refused !== undefined) return [head, wrapped(`  cannot begin: ${refused}`, 4)];
  const sizes = (['train', 'validation', 'test'] as const).map((name): [string, string] => {
    const part = parts?.[name];
    return [name, `${count(part?.items)} items${part?.rows ? `, ${count(part.rows)} rows` : ''}`];
  });
  const by = split !== undefined && 'by' in split ? ` (split by ${split.by})` : '';
  return [
    head,
    ...(policy !== undefined && gone !== undefined ? [wrapped(`  policy ${policy}: ${goneWords(gone)}`, 4)] : []),
    `  parts${by}`,
    ...definitions(sizes, 4),
    ...(dropped ? [wrapped(`    ${count(dropped)} rows are in no part, because their items lie in several`, 4)] : []),
    ...(epoch === undefined ? [] : epochLines(epoch, sampler)),
  ];
}

function epochLines(epoch: NonNullable<RecipeReport['epoch']>, sampler: string): string[] {
  const { batches, batchSize, counted, items, neverDrawn, perBatch, epochs } = epoch;
  const known =
    perBatch.triplets > 0
      ? [`${decimal(perBatch.triplets, 1)} triplets`]
      : [`${decimal(perBatch.same / 2, 1)} pairs the same`, `${decimal(perBatch.different / 2, 1)} different`];
  return [
    wrapped(`  an epoch, drawn by ${sampler}${counted < batches ? ` (its first ${count(counted)} batches)` : ''}`, 4),
    ...definitions(
      [
        ['batches', `${count(batches)} of ${count(batchSize)} items each`],
        ['items', `${count(items)} different ones; ${shareOf(neverDrawn)} of those to train on are never drawn`],
        // Of lists it is known what an item is worth, and nothing of pairs.
        ...(sampler === 'lists-by-query' ? [] : ([['known in a batch', known.join(', ')]] as const)),
        ['training is', `${decimal(epochs, epochs < 10 ? 1 : 0)} epochs`],
      ],
      4,
    ),
  ];
}
