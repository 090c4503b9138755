import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';

/** Opens a run that is served under the address `run`: gives a function from pictures (files, blobs) to their vectors. */
export async function openModel(run) {
  const size = await (await fetch(`${run}/preprocess.json`)).json();
  const session = await InferenceSession.create(`${run}/model.onnx`);
  const { height, width, channels } = size;
  return async (pictures) => {
    const pixels = new Uint8Array(pictures.length * height * width * channels);
    for (const [i, picture] of pictures.entries()) {
      pixels.set(await pixelsOf(picture, size), i * height * width * channels);
    }
    const input = new Tensor('uint8', pixels, [pictures.length, height, width, channels]);
    const { embeddings } = await session.run({ pixels: input });
    const [, dimension] = embeddings.dims;
    return pictures.map((_, i) => embeddings.data.slice(i * dimension, (i + 1) * dimension));
  };
}

/** What `before` in preprocess.json says. The browser itself turns the picture upright and converts it to sRGB. */
async function pixelsOf(picture, { height, width, channels }) {
  const image = await createImageBitmap(picture);
  const scale = Math.max(height / image.height, width / image.width);
  const high = Math.max(height, Math.round(image.height * scale));
  const wide = Math.max(width, Math.round(image.width * scale));
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context.imageSmoothingQuality = 'high';
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(image, -Math.floor((wide - width) / 2), -Math.floor((high - height) / 2), wide, high);
  const { data } = context.getImageData(0, 0, width, height);
  return channels === 3 ? data.filter((_, i) => i % 4 < 3) : grey(data);
}

/** Luminance (Rec. 709) of RGBA pixels, weighed in linear light. */
function grey(rgba) {
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const encoded = (value) => (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);
  return Uint8Array.from({ length: rgba.length / 4 }, (_, i) => {
    const [r, g, b] = rgba.subarray(4 * i, 4 * i + 3);
    return Math.round(255 * encoded(0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255)));
  });
}
