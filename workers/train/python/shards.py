"""Reads the token shards that the preparation writes. Nothing is tokenised here."""

import glob
import json
from pathlib import Path

import numpy as np

from faults import Fault


class Shard:
    """`<path>.ids|.weights|.index|.json`, mapped into memory.

    `.json` holds {vocabulary, examples, tokens} and may hold `weight_scale` (a byte of .weights divided by it is the
    loss weight; 1 where absent) and `marks` (see evaluate.py).
    """

    def __init__(self, path: str):
        self.path = path
        try:
            self.meta = json.loads(Path(f"{path}.json").read_text())
            self.ids = np.memmap(f"{path}.ids", dtype="<u2", mode="r")
            self.weights = np.memmap(f"{path}.weights", dtype=np.uint8, mode="r")
            self.index = np.fromfile(f"{path}.index", dtype="<u4").astype(np.int64)
        except (OSError, ValueError) as error:
            raise Fault(f"the shard {path} cannot be read ({error}): write the data again") from error
        if len(self.index) < 2 or self.index[-1] != len(self.ids) or len(self.ids) != len(self.weights):
            raise Fault(f"the shard {path} is cut short: write the data again")
        self.scale = float(self.meta.get("weight_scale", 1))
        self.lengths = np.diff(self.index)

    def __len__(self) -> int:
        return len(self.index) - 1

    def example(self, nth: int) -> tuple[np.ndarray, np.ndarray]:
        """Ids, and a loss weight for each."""
        start, stop = self.index[nth], self.index[nth + 1]
        return self.ids[start:stop], self.weights[start:stop].astype(np.float32) / self.scale


def read_vocabulary(data: Path) -> dict:
    """{hash, size, tokens} of DATA/vocabulary.json."""
    place = data / "vocabulary.json"
    if not place.exists():
        raise Fault(f"there is no {place}: prepare the data first, or name its folder with --data")
    read = json.loads(place.read_text())
    return read | {"size": int(read.get("size", len(read["tokens"])))}


def find(pattern: str, vocabulary: str) -> list[Shard]:
    """Shards whose path without suffix matches, in order of their names; refuses those of another vocabulary."""
    paths = sorted(path[: -len(".ids")] for path in glob.glob(f"{pattern}.ids"))
    if not paths:
        raise Fault(f"no shard matches {pattern}: prepare the data first, or correct the recipe's mix")
    shards = [Shard(path) for path in paths]
    for shard in shards:
        if shard.meta.get("vocabulary") != vocabulary:
            raise Fault(f"{shard.path} was written with vocabulary {shard.meta.get('vocabulary')}, not {vocabulary}: write it again")
    return shards


def pad(examples: list[tuple[np.ndarray, np.ndarray]], multiple: int) -> tuple[np.ndarray, np.ndarray]:
    """(batch, length) ids and weights, padded on the right with 0 to a multiple, so that few shapes are met."""
    length = max(len(ids) for ids, _ in examples)
    length = -(-length // multiple) * multiple
    ids = np.zeros((len(examples), length), dtype=np.int64)
    weights = np.zeros((len(examples), length), dtype=np.float32)
    for row, (one, weight) in enumerate(examples):
        ids[row, : len(one)] = one
        weights[row, : len(one)] = weight
    return ids, weights
