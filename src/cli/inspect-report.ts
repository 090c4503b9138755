import type { EpochContents } from '../batches/epoch.ts';
import { epochContents } from '../batches/epoch.ts';
import { KindredError } from '../core/error.ts';
import { Random } from '../core/random.ts';
import type { DataSet } from '../readers/data-set.ts';
import { describeItems, type ItemFacts } from '../readers/describe-items.ts';
import { describeRelations, type RelationFacts } from '../readers/describe-relations.ts';
import { build } from '../recipes/build.ts';
import { learn, prepare, readSource } from '../recipes/data.ts';
import type { Recipe } from '../recipes/schema.ts';
import { type Findings, findings, type TriadFinding } from '../relations/findings.ts';
import { applyPolicy, type Changed } from '../relations/policy.ts';
import { hasRows, type Relations, rowCount } from '../relations/relations.ts';
import type { Example, RowFinding } from '../relations/row-findings.ts';
import type { Part } from '../relations/split-parts.ts';
import { clustered } from '../train/clustered.ts';

/** An example of noise, by the ids of its items. */
export interface NamedExample {
  readonly items: readonly string[];
  /** Which rows, of those that were read, counted from 0. */
  readonly rows: readonly number[];
  readonly query?: string;
  readonly notion?: string;
}

type Named<F> = Omit<F, 'examples'> & { readonly examples: readonly NamedExample[] };

/** {@link Findings} with ids in place of positions. */
export interface NamedFindings
  extends Omit<
    Findings,
    'contradictions' | 'cycles' | 'duplicates' | 'selfRelations' | 'openTriads' | 'contradictedTriads' | 'isolated'
  > {
  readonly contradictions?: Named<RowFinding>;
  readonly cycles?: Named<RowFinding>;
  readonly duplicates?: Named<RowFinding>;
  readonly selfRelations?: Named<RowFinding>;
  readonly openTriads?: Named<TriadFinding>;
  readonly contradictedTriads?: Named<TriadFinding>;
  readonly isolated: Named<Findings['isolated']>;
}

/** What a policy does: how many rows go by reason, and how many are left; or why it refuses. */
export type PolicyEffect = { readonly gone: Changed; readonly rows: number } | { readonly refused: string };

interface PartSize {
  readonly items: number;
  readonly rows: number;
}

/** What `kindred inspect` finds out; the names are those of `--json`. */
export interface Report {
  /** What was asked for, as it was written. */
  readonly name: string;
  /** What it was taken for. */
  readonly what: string;
  /** Columns of tables, and what they were taken for. */
  readonly columns: Readonly<Record<string, string>>;
  /** What is not sure about that. */
  readonly doubts: readonly string[];
  /** `idsOnly`: relations were given without the items that they are about. */
  readonly items: ItemFacts & { readonly idsOnly: boolean };
  readonly relations: RelationFacts;
  readonly labels: Readonly<Record<string, RelationFacts>>;
  /** The official parts, where there are any: items in each. */
  readonly parts?: Readonly<Record<'train' | 'validation' | 'test', number>>;
  readonly noise: NamedFindings;
  /** What each policy of a recipe would do; `error` only where it would refuse. */
  readonly policies: Readonly<Partial<Record<'error' | 'drop' | 'majority', PolicyEffect>>>;
  readonly leftOut: {
    readonly count: number;
    readonly examples: readonly { readonly path: string; readonly reason: string }[];
  };
  readonly notes: readonly string[];
  readonly recipe?: RecipeReport;
}

/** What a recipe makes of its data. */
export interface RecipeReport {
  readonly steps: number;
  readonly encoder: string;
  readonly loss: string;
  readonly sampler: string;
  readonly policy?: string;
  readonly gone?: Changed;
  readonly split?: object;
  readonly parts?: Readonly<Record<'train' | 'validation' | 'test', PartSize>>;
  /** Rows in no part, because they lie over several. */
  readonly dropped?: number;
  /** What an epoch of training will contain, and how many epochs the steps are. */
  readonly epoch?: EpochContents & { readonly epochs: number };
  /** Why it cannot be trained as it is. */
  readonly refused?: string;
}

export type Progress = (what: string, done: number, total: number) => void;

/** Describes what was read; `recipe` makes of it what training would. */
export async function reportOn(
  named: Pick<Report, 'name' | 'what' | 'columns' | 'doubts'> & { readonly idsOnly: boolean },
  read: DataSet,
  options: { readonly recipe?: Recipe; readonly progress?: Progress } = {},
): Promise<Report> {
  const { idsOnly, ...head } = named;
  const { recipe, progress } = options;
  const { items, labels = {}, parts, skipped, notes } = read;
  const relations = recipe === undefined ? read.relations : learn(read, recipe.data);
  const found = findings(relations, { progress: (done, total) => progress?.('looking for noise', done, total) });
  return {
    ...head,
    items: { ...describeItems(items), idsOnly },
    relations: describeRelations(relations),
    labels: Object.fromEntries(Object.entries(labels).map(([name, label]) => [name, describeRelations(label)])),
    ...(parts && {
      parts: { train: parts.train.length, validation: parts.validation.length, test: parts.test.length },
    }),
    noise: withIds(found, relations, items.ids),
    policies: policiesOf(found, relations, items.ids, progress),
    leftOut: { count: skipped.length, examples: skipped.slice(0, 10) },
    notes,
    ...(recipe && { recipe: await recipeReport(recipe, read, progress) }),
  };
}

/** What a recipe reads and makes of it. */
export async function reportOnRecipe(
  name: string,
  recipe: Recipe,
  options: { readonly strict?: boolean; readonly progress: Progress },
): Promise<Report> {
  const { strict = false, progress } = options;
  const read = await readSource(recipe.data, {
    seed: recipe.seed,
    strict,
    progress: (done, total) => progress('reading', done, total),
  });
  const what = recipe.description ?? 'a recipe';
  return reportOn({ name, what, columns: {}, doubts: [], idsOnly: false }, read, { recipe, progress });
}

async function recipeReport(recipe: Recipe, read: DataSet, progress?: Progress): Promise<RecipeReport> {
  const { data, steps, encoder, objective, batches, seed } = recipe;
  const head = {
    steps,
    encoder: encoder.name,
    loss: objective.loss.name,
    sampler: batches.name,
    ...('policy' in data && { policy: data.policy }),
    ...('split' in data && data.split && { split: data.split }),
  };
  try {
    const built = await build(recipe);
    progress?.('dividing into parts', 0, 1);
    const { parts, dropped, changed } = prepare(read, data, seed);
    progress?.('drawing an epoch', 0, 1);
    const sampler = built.batches(
      await clustered(recipe, { items: read.items, parts }, 1),
      Random.seeded(seed).split('batches'),
    );
    const epoch = epochContents(sampler, parts.train.items.length);
    return {
      ...head,
      gone: changed,
      parts: { train: sizeOf(parts.train), validation: sizeOf(parts.validation), test: sizeOf(parts.test) },
      dropped,
      epoch: { ...epoch, epochs: (steps * sampler.batchSize) / sampler.itemsPerEpoch },
    };
  } catch (error) {
    if (error instanceof KindredError) return { ...head, refused: error.message };
    throw error;
  }
}

const sizeOf = ({ items, relations }: Part): PartSize => ({
  items: items.length,
  rows: hasRows(relations) ? rowCount(relations) : 0,
});

function policiesOf(
  found: Findings,
  relations: Relations,
  ids: readonly string[],
  progress: Progress | undefined,
): Report['policies'] {
  const { contradictions, cycles, duplicates, selfRelations } = found;
  const isNoisy = [contradictions, cycles, duplicates, selfRelations].some(
    (each) => each !== undefined && each.count > 0,
  );
  if (!isNoisy || !hasRows(relations)) return {};
  const effect = (policy: 'drop' | 'majority', done: number): PolicyEffect => {
    progress?.('trying policies', done, 3);
    const { relations: left, changed } = applyPolicy(relations, policy);
    return { gone: changed, rows: rowCount(left) };
  };
  return { error: refusalOf(relations, ids), drop: effect('drop', 1), majority: effect('majority', 2) };
}

function refusalOf(relations: Relations, ids: readonly string[]): PolicyEffect {
  try {
    applyPolicy(relations, 'error', { ids });
    return { gone: { contradictions: 0, cycles: 0, duplicates: 0, selfRelations: 0 }, rows: 0 };
  } catch (error) {
    if (error instanceof KindredError) return { refused: error.message };
    throw error;
  }
}

function withIds(found: Findings, relations: Relations, ids: readonly string[]): NamedFindings {
  const named = ({ items, rows }: Example): NamedExample => {
    const [row] = rows;
    const notion = hasRows(relations) && row !== undefined ? relations.notion : undefined;
    const queries = 'queryIds' in relations && row !== undefined ? relations : undefined;
    return {
      items: items.map((item) => ids[item]),
      rows,
      ...(queries && { query: queries.queryIds[queries.query[row]] }),
      ...(notion && { notion: notion.names[notion.of[row]] }),
    };
  };
  const entries = Object.entries(found).map(([name, value]) => {
    if (typeof value !== 'object' || !('examples' in value)) return [name, value];
    return [name, { ...value, examples: (value.examples as readonly Example[]).map(named) }];
  });
  return Object.fromEntries(entries) as NamedFindings;
}
