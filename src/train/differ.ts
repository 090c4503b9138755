import { must } from '../core/error.ts';
import { type Pictures, picture } from '../relations/items.ts';

/** Nothing can be learned, and no component be found, where all pictures are the same. Said before training. */
export function mustDiffer(pictures: Pictures, items: Int32Array): void {
  const first = picture(pictures, items[0]);
  must(
    items.some((item) => Buffer.compare(picture(pictures, item), first) !== 0),
    () => ({
      rule: 'Learning what belongs together needs pictures that differ',
      received: `all ${items.length} training pictures are equal at ${pictures.width} x ${pictures.height} pixels`,
      next: 'Look at the pictures, or give a larger height and width',
    }),
  );
}
