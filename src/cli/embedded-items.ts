import type { Matrix } from '../core/matrix.ts';
import { Embedder } from '../encoders/embedder.ts';
import { idInput } from '../encoders/feeds/id.ts';
import { imageFeed } from '../encoders/feeds/image.ts';
import { chooseDevice, type Device } from '../onnx/device.ts';
import type { Skipped } from '../readers/decode.ts';
import { runFiles } from '../runs/files.ts';
import { embeddingsById } from './known-ids.ts';
import { pictureSize, picturesFrom } from './pictures.ts';
import { ProgressLine } from './progress.ts';

/**
 * Embeddings of what a user names on the command line, by the model of a run: a picture, a folder of pictures or an IDX file; of a run
 * that knows items by their ids, a file of ids.
 */
export async function embeddedItems(
  folder: string,
  items: string,
  options: {
    readonly strict?: boolean;
    readonly crop?: 'detect';
    readonly threads: number;
    readonly device: Device | 'auto';
  },
): Promise<{ readonly ids: readonly string[]; readonly embeddings: Matrix; readonly skipped: readonly Skipped[] }> {
  const { model, index } = runFiles(folder);
  const embedder = await Embedder.open(model, { ...options, device: await chooseDevice(options.device) });
  const line = new ProgressLine();
  try {
    if (embedder.input.name === idInput.name) return await embeddingsById(index, items, options);
    const { pictures, skipped } = await picturesFrom(items, pictureSize(embedder.input, model, options.crop), {
      ...(options.strict && { strict: true }),
      progress: (done, total) => line.work('reading', done, total),
    });
    const embeddings = await embedder.embed(imageFeed(pictures), {
      progress: (done, total) => line.work('embedding', done, total),
    });
    return { ids: pictures.ids, embeddings, skipped };
  } finally {
    line.clear();
    await embedder.release();
  }
}
