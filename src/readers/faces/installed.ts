import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { KindredError } from '../../core/error.ts';

const name = '@vladmandic/face-api';

/** The folder of the package whose weights the face networks have, and its version. It is optional: whoever wants faces found installs it. */
export function installedFaces(): { readonly folder: string; readonly version: string } {
  // Where Kindred is installed, or where the user is.
  for (const from of [import.meta.url, resolve('package.json')]) {
    try {
      const path = createRequire(from).resolve(`${name}/package.json`);
      return { folder: dirname(path), version: JSON.parse(readFileSync(path, 'utf8')).version };
    } catch {}
  }
  throw new KindredError({
    rule: `Faces are found by networks whose weights the package ${name} brings`,
    received: 'it is not installed',
    next: `Run npm install ${name}`,
  });
}

/** A weight of a model, in the order of the file. */
export interface FaceWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface Listed {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

/**
 * The weights of one of its models, such as `tiny_face_detector`. A manifest lists them in the order of the file; most are bytes, `min + scale
 * * byte`, the others float32.
 */
export function faceWeights(model: string): ReadonlyMap<string, FaceWeight> {
  const folder = join(installedFaces().folder, 'model');
  const [{ weights, paths }] = JSON.parse(readFileSync(join(folder, `${model}_model-weights_manifest.json`), 'utf8'));
  const bytes = Buffer.concat((paths as string[]).map((path) => readFileSync(join(folder, path))));
  let at = 0;
  const found = new Map<string, FaceWeight>();
  for (const { name, shape, dtype, quantization } of weights as Listed[]) {
    const size = shape.reduce((a, b) => a * b, 1);
    const width = quantization === undefined ? 4 : 1;
    if (
      dtype !== 'float32' ||
      (quantization !== undefined && quantization.dtype !== 'uint8') ||
      at + width * size > bytes.length
    ) {
      throw damaged(model, `${name} of ${quantization?.dtype ?? dtype} at ${at} of ${bytes.length} bytes`);
    }
    const from = at;
    const value = (i: number) =>
      quantization === undefined
        ? bytes.readFloatLE(from + 4 * i)
        : quantization.min + quantization.scale * bytes[from + i];
    found.set(name, { shape, values: Float32Array.from({ length: size }, (_, i) => value(i)) });
    at += width * size;
  }
  if (at !== bytes.length) throw damaged(model, `${bytes.length} bytes, of which ${at} are listed`);
  return found;
}

const damaged = (model: string, received: string) =>
  new KindredError({
    rule: `The weights of ${model} are floats or bytes, as their manifest lists them`,
    received,
    next: `Install ${name} 1.7 anew`,
  });
