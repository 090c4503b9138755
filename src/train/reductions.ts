import { must } from '../core/error.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { withModality } from '../encoders/feed-of.ts';
import { scaledVectors } from '../encoders/feeds/vector.ts';
import type { Reduction } from '../encoders/reduction.ts';
import { pca } from '../evaluation/pca.ts';
import type { Items } from '../relations/items.ts';

/**
 * The principal components that an encoder, or its towers, ask for, found in the training items that have the vectors. By the name of the
 * modality; of none nothing.
 *
 * @throws KindredError where what is to be reduced are no vectors, or the training items are all equal
 */
export async function reductionsOf(
  items: Items,
  encoder: Encoder,
  {
    positions,
    modality = Object.keys(items.modalities)[0],
    seed,
  }: { readonly positions: Int32Array; readonly modality?: string | undefined; readonly seed: number },
): Promise<Record<string, Reduction>> {
  const found: Record<string, Reduction> = {};
  for (const [name, { reduce, unscaled }] of Object.entries(encoder.parts?.towers ?? { [modality]: encoder })) {
    if (reduce === undefined) continue;
    const vectors = items.modalities[name];
    must(vectors?.kind === 'vector', () => ({
      rule: 'Principal components are those of vectors',
      received: vectors === undefined ? `no ${name}` : `${name} of the kind ${vectors.kind}`,
      next: 'Leave pca out, or compute vectors first with kindred features',
      exitCode: 2,
    }));
    const trained = withModality(items, name, positions);
    const reduction = await pca(scaledVectors(vectors, trained, unscaled === true), {
      components: reduce.components,
      seed,
    });
    must(reduction.components.rows > 0, () => ({
      rule: 'Principal components need training items that differ',
      received: `${trained.length} items with ${name}, all equal`,
      next: 'Leave pca out',
      exitCode: 2,
    }));
    found[name] = reduction;
  }
  return found;
}
