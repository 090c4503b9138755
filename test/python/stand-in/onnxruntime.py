"""Stands in where ONNX Runtime for Python is not installed: takes the same calls, which ONNX Runtime for Node answers."""

import os
import subprocess

import numpy as np


class InferenceSession:
    def __init__(self, path, providers):
        self.path = path

    def run(self, outputs, feeds):
        (output,) = outputs
        ((name, value),) = feeds.items()
        assert value.dtype == np.uint8 and value.flags.c_contiguous
        command = ["node", os.environ["RUN_MODEL"], self.path, name, output, *map(str, value.shape)]
        answer = subprocess.run(command, input=value.tobytes(), stdout=subprocess.PIPE, check=True).stdout
        return [np.frombuffer(answer, dtype=np.float32).reshape(len(value), -1)]
