"""Reads TensorFlow.js graph models: a JSON file with the graph, and binary files with the weights."""

import base64

import numpy as np


def text(value):
    return base64.b64decode(value["s"]).decode()


def numbers(attribute):
    return [int(i) for i in attribute.get("list", {}).get("i", [])]


def read_weights(path, manifest):
    """name -> array, float16 where the file has float16."""
    weights = {}
    for group in manifest:
        stored = b"".join((path.parent / part).read_bytes() for part in group["paths"])
        offset = 0
        for weight in group["weights"]:
            kind = np.dtype(weight["dtype"])
            packed = weight.get("quantization")
            if packed and packed["dtype"] != "float16":
                raise SystemExit(f"{weight['name']} is packed as {packed['dtype']}; only float16 is known")
            if packed:
                kind = np.dtype(np.float16)
            count = int(np.prod(weight["shape"]))
            array = np.frombuffer(stored, kind, count, offset)
            weights[weight["name"]] = array.reshape(weight["shape"])
            offset += array.nbytes
        if offset != len(stored):
            raise SystemExit(f"the weights take {offset} of {len(stored)} bytes")
    return weights
