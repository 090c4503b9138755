import type { Matrix } from '../core/matrix.ts';
import { feedOf } from '../encoders/feed-of.ts';
import { build } from '../recipes/build.ts';
import type { Data } from '../recipes/data.ts';
import type { Recipe } from '../recipes/schema.ts';
import { rawNames } from '../train/finish.ts';

/** The content of all items as rows of numbers, or why it is not compared. */
export type Content =
  | { readonly name: string; readonly features: Matrix; readonly blocks: Readonly<Record<string, number>> }
  | { readonly name: string; readonly reason: string };

/** Numbers that are held at once: 2 GB. */
const MOST = 2 ** 29;

/** What the run's encoder sees, before it has learned anything. */
export async function contentOf({ items, parts }: Data, recipe: Recipe): Promise<Content> {
  const { encoder, views } = await build(recipe);
  const feed = feedOf(items, { ...recipe.input, encoder, views, trained: parts.train.items });
  const name = `${rawNames[feed.kind]}, cosine`;
  if (feed.kind === 'id') return { name: 'raw content, cosine', reason: 'items are nothing but ids' };
  const { columns } = feed.features([0]);
  if (columns * items.count > MOST) {
    const size = `${items.count.toLocaleString('en')} items of ${columns.toLocaleString('en')} numbers`;
    return { name, reason: `${size} are too much for memory` };
  }
  const all = Int32Array.from({ length: items.count }, (_, i) => i);
  return { name, features: feed.features(all), blocks: feed.blocks ?? {} };
}
