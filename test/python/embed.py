"""Prints the vectors of pictures, one a line: python3 embed.py RUN PICTURE..."""

import json
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps


def open_model(run):
    """Opens a run: gives a function from paths of pictures to their vectors, float32 [pictures, dimension]."""
    with open(f"{run}/preprocess.json") as file:
        size = json.load(file)
    session = onnxruntime.InferenceSession(f"{run}/model.onnx", providers=["CPUExecutionProvider"])

    def embed(paths):
        pixels = np.stack([pixels_of(path, size["height"], size["width"], size["channels"]) for path in paths])
        return session.run(["embeddings"], {"pixels": pixels})[0]

    return embed


def pixels_of(path, height, width, channels):
    """What `before` in preprocess.json says: uint8 [height, width, channels]."""
    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file).convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    scale = max(height / image.height, width / image.width)
    high = max(height, int(image.height * scale + 0.5))
    wide = max(width, int(image.width * scale + 0.5))
    left, top = (wide - width) // 2, (high - height) // 2
    image = image.resize((wide, high), Image.LANCZOS).crop((left, top, left + width, top + height))
    return np.asarray(image) if channels == 3 else grey(np.asarray(image))


def grey(rgb):
    """Luminance (Rec. 709), weighed in linear light: [height, width, 1]."""
    value = rgb / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    light = linear @ [[0.2126], [0.7152], [0.0722]]
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(np.uint8)


if __name__ == "__main__":
    embed = open_model(sys.argv[1])
    for vector in embed(sys.argv[2:]):
        print(json.dumps(vector.tolist()))
