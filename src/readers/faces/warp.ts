/** A picture of three colours, by rows. */
export interface Colours {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** How a picture is looked at: turned, scaled and moved. Pixel `(x, y)` of the result lies at `origin + (x + 1/2) across + (y + 1/2) down`. */
export interface Look {
  /** Height and width of the result. */
  readonly side: readonly [number, number];
  /** One pixel to the right, in pixels of the picture; `down` is the same turned by a quarter. */
  readonly across: readonly [number, number];
  readonly origin: readonly [number, number];
  /** Black outside of it; unless given, the border of the picture goes on for ever. */
  readonly within?: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

/** Looks at a picture: each pixel the mean of places close enough to miss none, each interpolated between its four neighbours. */
export function warped(
  picture: Colours,
  { side: [height, width], across: [ax, ay], origin, within }: Look,
): Uint8Array {
  const result = new Uint8Array(height * width * 3);
  const fine = Math.max(1, Math.min(16, Math.round(Math.hypot(ax, ay))));
  const sums = new Float64Array(3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      sums.fill(0);
      for (let k = 0; k < fine * fine; k++) {
        const u = column + ((k % fine) + 0.5) / fine;
        const v = row + (Math.floor(k / fine) + 0.5) / fine;
        const x = origin[0] + u * ax - v * ay;
        const y = origin[1] + u * ay + v * ax;
        if (within !== undefined && !inside(x, y, within)) continue;
        blend(picture, x - 0.5, y - 0.5, sums);
      }
      for (let c = 0; c < 3; c++) result[(row * width + column) * 3 + c] = Math.round(sums[c] / (fine * fine));
    }
  }
  return result;
}

const inside = (x: number, y: number, { left, top, width, height }: NonNullable<Look['within']>) =>
  x >= left && x < left + width && y >= top && y < top + height;

/** Adds the colours at a place, counted from the middle of the first pixel. */
function blend({ height, width, pixels }: Colours, x: number, y: number, sums: Float64Array): void {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 2; j++) {
      const weight = (i === 0 ? 1 - (y - top) : y - top) * (j === 0 ? 1 - (x - left) : x - left);
      if (weight === 0) continue;
      const at = clamped(top + i, height) * width + clamped(left + j, width);
      for (let c = 0; c < 3; c++) sums[c] += weight * pixels[3 * at + c];
    }
  }
}

const clamped = (value: number, size: number) => Math.max(0, Math.min(size - 1, value));

/**
 * The look that brings places to where they should be, as well as turning, scaling and moving can: least squares, in closed form (Umeyama:
 * Least-squares estimation of transformation parameters, 1991, without mirroring).
 *
 * @param wanted in pixels of the result, of each of `found`
 */
export function alignment(found: readonly Place[], wanted: readonly Place[]): Pick<Look, 'across' | 'origin'> {
  const middle = (places: readonly Place[]) => ({
    x: places.reduce((sum, { x }) => sum + x, 0) / places.length,
    y: places.reduce((sum, { y }) => sum + y, 0) / places.length,
  });
  const [from, to] = [middle(wanted), middle(found)];
  let [along, turned, size] = [0, 0, 0];
  for (const [i, place] of wanted.entries()) {
    const [u, v] = [place.x - from.x, place.y - from.y];
    const [x, y] = [found[i].x - to.x, found[i].y - to.y];
    along += u * x + v * y;
    turned += u * y - v * x;
    size += u * u + v * v;
  }
  const [ax, ay] = [along / size, turned / size];
  return { across: [ax, ay], origin: [to.x - from.x * ax + from.y * ay, to.y - from.x * ay - from.y * ax] };
}
