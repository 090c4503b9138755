import { Program } from '../../onnx/program.ts';
import { DETECTOR_SIDE, detectorNetwork, type FaceBox, facesIn } from './detector.ts';
import { LANDMARK_SIDE, landmarksNetwork } from './landmarks.ts';
import { type Colours, type Place, warped } from './warp.ts';

/** A face in a picture, in its pixels. */
export interface Face {
  readonly box: FaceBox;
  /** 68 of them: jaw 0 to 16, brows, nose, left eye 36 to 41, right eye 42 to 47 (left and right as seen), mouth 48 to 67. */
  readonly landmarks: readonly Place[];
}

interface Networks {
  readonly detector: Program;
  readonly landmarks: Program;
}

let opened: Promise<Networks> | undefined;

/** Made of the installed package once in a process; nothing of it is kept. */
function networks(): Promise<Networks> {
  opened ??= (async () => ({
    detector: await Program.compile(detectorNetwork(), { threads: 1 }),
    landmarks: await Program.compile(landmarksNetwork(), { threads: 1 }),
  }))();
  return opened;
}

/**
 * The largest face of a picture, with its landmarks; undefined where there is none.
 *
 * @throws KindredError where the package with the networks is not installed
 */
export async function largestFace(picture: Colours): Promise<Face | undefined> {
  const { detector, landmarks } = await networks();
  // As the detector was trained: in the upper left corner of a square, black beside it.
  const scale = Math.max(picture.height, picture.width) / DETECTOR_SIDE;
  const { cells } = await detector.run({ pixels: onSquare(picture, DETECTOR_SIDE, [scale, 0, 0]) });
  const boxes = facesIn(cells.data as Float32Array).map((box) => inPixels(box, scale * DETECTOR_SIDE, picture));
  const [box] = boxes
    .filter(({ width, height }) => width >= 1 && height >= 1)
    .sort((one, other) => other.width * other.height - one.width * one.height);
  if (box === undefined) return undefined;
  const side = Math.max(box.width, box.height);
  const left = box.left - (side - box.width) / 2;
  const top = box.top - (side - box.height) / 2;
  const looked = onSquare(picture, LANDMARK_SIDE, [side / LANDMARK_SIDE, left, top], box);
  const places = (await landmarks.run({ pixels: looked })).places.data as Float32Array;
  return {
    box,
    landmarks: Array.from({ length: 68 }, (_, i) => ({
      x: left + side * places[2 * i],
      y: top + side * places[2 * i + 1],
    })),
  };
}

/** Whole pixels within the picture, as the package cuts faces out. */
function inPixels(box: FaceBox, side: number, { height, width }: Colours): FaceBox {
  const [x, y] = [Math.floor(box.left * side), Math.floor(box.top * side)];
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  return {
    ...{ left, top, score: box.score },
    width: Math.floor(Math.min(x + Math.floor(box.width * side) - left, width - left)),
    height: Math.floor(Math.min(y + Math.floor(box.height * side) - top, height - top)),
  };
}

function onSquare(
  picture: Colours,
  side: number,
  [scale, left, top]: readonly [number, number, number],
  within?: FaceBox,
) {
  const all = { left: 0, top: 0, width: picture.width, height: picture.height };
  const data = warped(picture, { side: [side, side], across: [scale, 0], origin: [left, top], within: within ?? all });
  return { shape: [1, side, side, 3], data };
}
