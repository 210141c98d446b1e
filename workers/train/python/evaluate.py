"""Exactness of a checkpoint on held-out shards: python3 evaluate.py CHECKPOINT SHARD...

A greedy decoder says a turn exactly when, fed the true turn, its best guess is right at every one of its tokens. So one
forward pass judges whole turns, with no decoding loop. Judged is the last turn of each example:
  exact     every token of it
  whole     every token of every turn of the example
and what the shard's json asks for in `marks`, {figure: {"ids": [...], "after": n}}: right at each of the turn's tokens
that are among `ids`, and at the `after` tokens behind each; turns without any do not count. A list stands for its ids
alone. `end` is no figure but the token that ends a turn: one that is cut off before it is not judged.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from checkpoint import read_weights
from faults import Fault
from model import Config, Llama
from processes import Processes
from shards import Shard, find, pad

SUMS = ("exact", "whole")


def turns(weights: np.ndarray) -> list[tuple[int, int]]:
    """Spans [start, stop) of the model's own tokens."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (weights > 0).astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist()))


def read_marks(shards: list[Shard]) -> tuple[list[int], dict[str, tuple[list[int], int]]]:
    """Ids that end a turn, and ids and reach of every figure. Shards that are judged together mark alike."""
    marks = shards[0].meta.get("marks", {})
    if any(shard.meta.get("marks", {}) != marks for shard in shards):
        raise Fault(f"{shards[0].path} and the shards judged with it have different `marks`: write them again")
    figures = {}
    for name, mark in marks.items():
        ids, after = (mark.get("ids", []), mark.get("after", 0)) if isinstance(mark, dict) else (mark, 0)
        figures[name] = ([ids] if isinstance(ids, int) else list(ids), int(after))
    return figures.pop("end", ([], 0))[0], figures


def judge(ids: np.ndarray, right: np.ndarray, span: tuple[int, int], figures: dict[str, tuple[list[int], int]]) -> dict[str, bool]:
    """`right[t]` says whether token t was guessed from those before it."""
    start, stop = span
    judged = {"exact": bool(right[start:stop].all())}
    for name, (marked, after) in figures.items():
        at = start + np.flatnonzero(np.isin(ids[start:stop], marked))
        if len(at):
            judged[name] = all(bool(right[one : min(stop, one + after + 1)].all()) for one in at)
    return judged


@torch.no_grad()
def evaluate(model: Llama, shards: list[Shard], limit: int, tokens: int = 8192, processes: Processes | None = None) -> dict[str, float]:
    """Shares of at most `limit` examples, evenly chosen; `n` were judged. Each process judges its part, all get the sum."""
    device = next(model.parameters()).device
    ending, figures = read_marks(shards)
    names = [*SUMS, *figures]
    counts = torch.zeros(2, len(names), dtype=torch.float64, device=device)
    examples = [(shard, n) for shard in shards for n in range(len(shard)) if shard.lengths[n] <= model.config.max_position_embeddings]
    if len(examples) > limit:
        examples = [examples[i] for i in np.linspace(0, len(examples) - 1, limit).astype(int)]
    if processes is not None:
        examples = examples[processes.rank :: processes.world]
    read = sorted((shard.example(n) for shard, n in examples), key=lambda example: len(example[0]))
    model.eval()
    at = 0
    while at < len(read):
        batch = [read[at]]
        while at + len(batch) < len(read) and (len(batch) + 1) * len(read[at + len(batch)][0]) <= tokens:
            batch.append(read[at + len(batch)])
        at += len(batch)
        ids, _ = pad(batch, 1)
        guess = model(torch.from_numpy(ids).to(device)).argmax(-1).cpu().numpy()
        for row, (one, weights) in enumerate(batch):
            right = np.ones(len(one), dtype=bool)
            right[1:] = guess[row, : len(one) - 1] == one[1:]
            spans = [span for span in turns(weights) if not ending or one[span[1] - 1] in ending]
            if not spans:
                continue
            judged = judge(one, right, spans[-1], figures) | {"whole": all(right[start:stop].all() for start, stop in spans)}
            for n, name in enumerate(names):
                if name in judged:
                    counts[0, n] += judged[name]
                    counts[1, n] += 1
    model.train()
    if processes is not None:
        processes.add_up(counts)
    shares = {name: round(float(counts[0, n] / counts[1, n]), 4) for n, name in enumerate(names) if counts[1, n] > 0}
    return shares | {"n": int(counts[1, 0])}


def load(path: str) -> Llama:
    """The model of a checkpoint's file."""
    state = read_weights(path)
    model = Llama(Config(**state["config"]))
    model.load_state_dict(state["model"])
    return model


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("shards", nargs="+", help="path patterns without suffix")
    parser.add_argument("--limit", type=int, default=400)
    args = parser.parse_args()
    try:
        model, vocabulary = load(args.checkpoint), read_weights(args.checkpoint)["vocabulary"]
        for pattern in args.shards:
            for shard in find(pattern, vocabulary):
                print(Path(shard.path).name, json.dumps(evaluate(model, [shard], args.limit)), flush=True)
    except Fault as fault:
        raise SystemExit(str(fault)) from None
