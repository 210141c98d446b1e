"""Which examples a step sees: a pure function of the recipe's seed and of a few counters, which a checkpoint holds.

Every process makes the same plan (from lengths alone, so cheaply) and computes its slices of it. Nothing here knows how
many processes there are: one or four see the same steps.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from faults import Fault
from recipe import Stage
from shards import Shard, find

# Steps that one pool of examples makes: the more, the less is padded, and the more alike are the examples of a step.
POOL = 24
# Lengths are padded to a multiple of this.
MULTIPLE = 64
ROUNDS = 4


def words(*parts: object, count: int) -> list[int]:
    """`count` numbers of 32 bits that depend on all parts."""
    seed = json.dumps(parts).encode()
    digest = hashlib.shake_128(seed).digest(4 * count)
    return [int.from_bytes(digest[4 * n : 4 * n + 4], "little") for n in range(count)]


class Permutation:
    """The numbers below `size` in an order that the key chooses, each found alone: a Feistel network over the next even
    number of bits; a value outside goes through it again until it is inside."""

    def __init__(self, size: int, *key: object):
        self.size = size
        self.half = max(1, -(-(size - 1).bit_length() // 2))
        self.mask = (1 << self.half) - 1
        self.keys = words(*key, count=ROUNDS)

    def __getitem__(self, place: int) -> int:
        value = place
        while True:
            left, right = value >> self.half, value & self.mask
            for key in self.keys:
                mixed = ((right ^ key) * 0x9E3779B1) & 0xFFFFFFFF
                mixed = ((mixed ^ mixed >> 15) * 0x85EBCA77) & 0xFFFFFFFF
                left, right = right, left ^ ((mixed ^ mixed >> 13) & self.mask)
            value = left << self.half | right
            if value < self.size:
                return value


class Source:
    """One part of a mix: its examples, each once an epoch, in another order each epoch; the longest are left out."""

    def __init__(self, name: str, shards: list[Shard], seed: int, longest: int):
        self.name, self.shards, self.seed = name, shards, seed
        self.starts = np.cumsum([0, *(len(shard) for shard in shards)])
        self.lengths = np.concatenate([shard.lengths for shard in shards])
        self.fit = np.flatnonzero(self.lengths <= longest)
        if not len(self.fit):
            raise Fault(f"every example of {name} is longer than `longest` ({longest} tokens): raise it, or leave the part out")
        self.epoch, self.place = 0, 0
        self.order = Permutation(len(self.fit), seed, name, 0)

    @property
    def tokens(self) -> int:
        return int(self.lengths[self.fit].sum())

    def next(self) -> int:
        if self.place == len(self.fit):
            self.seek(self.epoch + 1, 0)
        self.place += 1
        return int(self.fit[self.order[self.place - 1]])

    def seek(self, epoch: int, place: int) -> None:
        self.epoch, self.place = epoch, place
        self.order = Permutation(len(self.fit), self.seed, self.name, epoch)

    def counters(self) -> dict:
        return {"epoch": self.epoch, "place": self.place, "size": len(self.fit)}

    def restore(self, saved: dict) -> None:
        # Shards were added or taken away since: places mean something else now, so a new epoch begins.
        changed = saved["size"] != len(self.fit)
        self.seek(saved["epoch"] + int(changed), 0 if changed else saved["place"])

    def example(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        shard = int(np.searchsorted(self.starts, number, side="right")) - 1
        return self.shards[shard].example(number - int(self.starts[shard]))

    def where(self, number: int) -> str:
        shard = int(np.searchsorted(self.starts, number, side="right")) - 1
        return f"{Path(self.shards[shard].path).name}:{number - int(self.starts[shard])}"


# An example: number of its source in the mix, number in the source.
Example = tuple[int, int]
# Parts of a step that are computed apart.
Step = list[list[Example]]


class Plan:
    """The endless steps of a stage. Shares count tokens, not examples."""

    def __init__(self, stage: Stage, sources: list[Source], seed: int, micro_tokens: int, slices: int):
        self.stage, self.sources, self.seed, self.micro_tokens, self.slices = stage, sources, seed, micro_tokens, slices
        shares = np.array([part.share for part in stage.mix], dtype=float)
        self.shares = shares / shares.sum()
        self.drawn = [0] * len(sources)
        self.carried: list[Example] = []
        self.pool, self.at = 0, 0
        self.begun = self.counters()

    def counters(self) -> dict:
        return {
            "sources": {source.name: source.counters() for source in self.sources},
            "drawn": list(self.drawn), "carried": [list(one) for one in self.carried], "pool": self.pool,
        }

    def state(self) -> dict:
        """Counters at the beginning of the pool, and how many of its steps are done."""
        return self.begun | {"at": self.at, "shape": [self.micro_tokens, self.slices]}

    def restore(self, saved: dict) -> None:
        if len(saved["drawn"]) != len(self.sources):
            return  # the mix was changed: the stage's shares begin anew
        for source in self.sources:
            if source.name in saved["sources"]:
                source.restore(saved["sources"][source.name])
        self.drawn, self.pool = list(saved["drawn"]), saved["pool"]
        same = all(saved["sources"].get(source.name, {}).get("size") == len(source.fit) for source in self.sources)
        self.carried = [(int(source), int(number)) for source, number in saved["carried"]] if same else []
        self.at = saved["at"] if same and saved["shape"] == [self.micro_tokens, self.slices] else 0
        self.begun = self.counters()

    def fill(self) -> list[Step]:
        """Draws the examples of one pool, sorts them by length, and cuts them into steps in an order of chance."""
        examples, self.carried = self.carried, []
        size = sum(int(self.sources[source].lengths[number]) for source, number in examples)
        while size < self.micro_tokens * self.slices * (POOL + 1):
            pick = int(np.argmin(np.array(self.drawn) / self.shares))
            number = self.sources[pick].next()
            length = int(self.sources[pick].lengths[number])
            self.drawn[pick] += length
            size += length
            examples.append((pick, number))
        examples.sort(key=lambda one: (int(self.sources[one[0]].lengths[one[1]]), one))
        cut: list[list[Example]] = [[]]
        for source, number in examples:
            length = -(-int(self.sources[source].lengths[number]) // MULTIPLE) * MULTIPLE
            if cut[-1] and (len(cut[-1]) + 1) * length > self.micro_tokens:
                cut.append([])
            cut[-1].append((source, number))
        chance = np.random.default_rng(words(self.seed, self.stage.name, self.pool, "pool", count=8))
        # What does not fill a step is of any length, and goes into the next pool.
        for nth in sorted(chance.choice(len(cut), len(cut) % self.slices, replace=False).tolist(), reverse=True):
            self.carried.extend(cut.pop(nth))
        steps = [cut[n : n + self.slices] for n in range(0, len(cut), self.slices)]
        return [steps[nth] for nth in chance.permutation(len(steps))]

    def __iter__(self) -> Iterator[Step]:
        while True:
            self.begun = self.counters()
            steps = self.fill()
            while self.at < len(steps):
                self.at += 1
                yield steps[self.at - 1]
            self.pool, self.at = self.pool + 1, 0

    def read(self, part: list[Example]) -> list[tuple[np.ndarray, np.ndarray]]:
        return [self.sources[source].example(number) for source, number in part]

    def tokens(self, step: Step) -> int:
        return sum(int(self.sources[source].lengths[number]) for part in step for source, number in part)

    def words(self, step: Step) -> str:
        """Where the examples of a step stand, for a fault's words."""
        return ", ".join(self.sources[source].where(number) for part in step for source, number in part[:4])


def open_plan(stage: Stage, data: Path, vocabulary: str, seed: int, longest: int, micro_tokens: int, slices: int) -> Plan:
    sources = [
        Source(part.name, [shard for pattern in part.shards for shard in find(str(data / pattern), vocabulary)], seed, longest)
        for part in stage.mix
    ]
    return Plan(stage, sources, seed, micro_tokens, slices)
