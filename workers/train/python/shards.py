"""Reads the token shards that workers/data/nano/shards.ts writes. Nothing is tokenised here."""

import glob
import json
from pathlib import Path

import numpy as np


class Shard:
    """`<path>.ids|.weights|.index|.json`, mapped into memory."""

    def __init__(self, path: str):
        self.path = path
        self.meta = json.loads(Path(f"{path}.json").read_text())
        self.ids = np.memmap(f"{path}.ids", dtype="<u2", mode="r")
        self.weights = np.memmap(f"{path}.weights", dtype=np.uint8, mode="r")
        self.index = np.fromfile(f"{path}.index", dtype="<u4").astype(np.int64)

    def __len__(self) -> int:
        return len(self.index) - 1

    def example(self, nth: int) -> tuple[np.ndarray, np.ndarray]:
        start, stop = self.index[nth], self.index[nth + 1]
        return self.ids[start:stop], self.weights[start:stop]


def find(pattern: str, vocabulary: str) -> list[Shard]:
    """Shards whose path without suffix matches; refuses those of another vocabulary."""
    paths = sorted(path[: -len(".ids")] for path in glob.glob(f"{pattern}.ids"))
    if not paths:
        raise SystemExit(f"no shard matches {pattern}: run the data generator first")
    shards = [Shard(path) for path in paths]
    for shard in shards:
        if shard.meta["vocabulary"] != vocabulary:
            raise SystemExit(f"{shard.path} was written with vocabulary {shard.meta['vocabulary']}, not {vocabulary}: write it again")
    return shards


class Source:
    """One share of a stage's mix: endless, shuffled anew each epoch, longest sequences left out."""

    def __init__(self, shards: list[Shard], rng: np.random.Generator, longest: int):
        self.shards, self.rng, self.longest = shards, rng, longest
        self.order: list[tuple[int, int]] = []
        self.epochs = 0

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        while True:
            if not self.order:
                pairs = [(s, n) for s, shard in enumerate(self.shards) for n in range(len(shard))]
                self.rng.shuffle(pairs)
                self.order = pairs
                self.epochs += 1
            s, n = self.order.pop()
            ids, weights = self.shards[s].example(n)
            if len(ids) <= self.longest:
                return ids, weights


def pad(examples: list[tuple[np.ndarray, np.ndarray]], multiple: int) -> tuple[np.ndarray, np.ndarray]:
    """(batch, length) ids and weights, padded on the right with 0 to a multiple, so that few shapes are compiled."""
    length = max(len(ids) for ids, _ in examples)
    length = -(-length // multiple) * multiple
    ids = np.zeros((len(examples), length), dtype=np.int64)
    weights = np.zeros((len(examples), length), dtype=np.float32)
    for row, (one, weight) in enumerate(examples):
        ids[row, : len(one)] = one
        weights[row, : len(one)] = weight
    return ids, weights


# Batches made of one pool of examples.
POOL = 24


def batches(sources: list[tuple[Source, float]], rng: np.random.Generator, tokens: int, order: np.random.Generator, multiple: int = 64):
    """Endless batches of at most `tokens` padded tokens. Shares count tokens, not examples.

    `order` is a generator that all processes of a training seed alike: then they come to batches of like lengths at the
    same step, and none waits long for another.
    """
    drawn = np.zeros(len(sources))
    shares = np.array([share for _, share in sources], dtype=float)
    shares /= shares.sum()
    while True:
        pool: list[tuple[np.ndarray, np.ndarray]] = []
        size = 0
        while size < tokens * (POOL + 1):
            pick = int(np.argmin(drawn / shares))
            example = sources[pick][0].next()
            drawn[pick] += len(example[0])
            size += len(example[0])
            pool.append(example)
        pool.sort(key=lambda example: len(example[0]))
        made: list[list] = [[]]
        for example in pool:
            length = -(-len(example[0]) // multiple) * multiple
            if made[-1] and (len(made[-1]) + 1) * length > tokens:
                made.append([])
            made[-1].append(example)
        # The same number everywhere, so that nobody gets ahead; what is left out is of all lengths.
        for nth in order.permutation(POOL):
            yield pad(made[int(nth * len(made) / POOL)], multiple)
