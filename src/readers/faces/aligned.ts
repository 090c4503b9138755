import { type Face, largestFace } from './find.ts';
import { alignment, type Colours, type Place, warped } from './warp.ts';

/** Where the middles of the eyes (left and right as seen) and of the mouth come to lie, as shares of the side. */
const template: readonly Place[] = [
  { x: 0.32, y: 0.4 },
  { x: 0.68, y: 0.4 },
  { x: 0.5, y: 0.77 },
];

/**
 * The largest face of a picture, turned upright and scaled so that eyes and mouth are always at the same places; undefined where there is
 * none. Of a picture that ends too close to the face, the border goes on.
 */
export async function alignedFace(
  picture: Colours,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<Uint8Array | undefined> {
  const face = await largestFace(picture);
  return face && warped(picture, { side: [height, width], ...lookAt(face, height, width) });
}

function lookAt({ landmarks }: Face, height: number, width: number) {
  const middle = (from: number, end: number): Place => {
    const own = landmarks.slice(from, end);
    const sum = own.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
    return { x: sum.x / own.length, y: sum.y / own.length };
  };
  const side = Math.min(height, width);
  const wanted = template.map(({ x, y }) => ({ x: x * side + (width - side) / 2, y: y * side + (height - side) / 2 }));
  return alignment([middle(36, 42), middle(42, 48), middle(48, 68)], wanted);
}
