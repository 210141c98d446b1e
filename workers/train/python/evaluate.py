"""Exactness of a checkpoint on held-out shards.

A greedy decoder says a turn exactly when, fed the true turn, its best guess is right at every one of its tokens. So one
forward pass judges whole turns, with no decoding loop. The look-up turns are judged in parts:
  choosing  the first tokens of every quote (there a row is chosen)
  copying   the rest of the quotes, of turns that chose rightly
  value     the action and its argument, given the true quotes
  exact     the whole turn: the only figure that counts
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from model import Config, Llama
from shards import Shard, find, pad

# Ids fixed by shared/nano/vocabulary.ts.
END, TURN, QUOTE = 2, 7, 8
# <other>, row break and tab are glyphs too, though they stand before the others.
OTHER, TAB, FIRST_GLYPH = 11, 13, 64
CHOICE = 6


def turns(weights: np.ndarray) -> list[tuple[int, int]]:
    """Spans [start, stop) of the model's own tokens."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (weights > 0).astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist()))


def judge(ids: np.ndarray, right: np.ndarray, start: int, stop: int) -> dict[str, bool]:
    """`right[t]` says whether token t was guessed from those before it."""
    quotes = [t for t in range(start, stop) if ids[t] == QUOTE]
    marks = [t for t in range(start, stop) if ids[t] != END and 3 <= ids[t] < 64 and ids[t] not in (OTHER, OTHER + 1, TAB)]
    act = marks[-1] if marks else stop
    chosen, copied = True, True
    for quote in quotes:
        end = next((mark for mark in marks if mark > quote), stop)
        chosen &= bool(right[quote : min(end, quote + CHOICE)].all())
        copied &= bool(right[min(end, quote + CHOICE) : end].all())
    return {"choosing": chosen, "copying": copied, "value": bool(right[act:stop].all()), "exact": bool(right[start:stop].all())}


@torch.no_grad()
def evaluate(model: Llama, shards: list[Shard], limit: int = 400, tokens: int = 8192, rank: int = 0, world: int = 1) -> dict[str, float]:
    """Shares of the last turns of at most `limit` examples; `n` turns were judged; `whole` is the
    share of chains whose every turn is exact. With `world` processes each judges its part and all get the sum."""
    model.eval()
    examples = [shard.example(n) for shard in shards for n in range(len(shard))]
    if len(examples) > limit:
        examples = [examples[i] for i in np.linspace(0, len(examples) - 1, limit).astype(int)]
    examples = examples[rank::world]
    examples.sort(key=lambda example: len(example[0]))
    tally: dict[str, list[bool]] = {key: [] for key in ("exact", "choosing", "copying", "value", "whole")}
    at = 0
    while at < len(examples):
        batch = [examples[at]]
        while at + len(batch) < len(examples) and (len(batch) + 1) * len(examples[at + len(batch)][0]) <= tokens:
            batch.append(examples[at + len(batch)])
        at += len(batch)
        ids, _ = pad(batch, 1)
        guess = model(torch.from_numpy(ids)).argmax(-1).numpy()
        for row, (one, weights) in enumerate(batch):
            right = np.ones(len(one), dtype=bool)
            right[1:] = guess[row, : len(one) - 1] == one[1:]
            spans = [span for span in turns(weights) if one[span[1] - 1] == END]
            if not spans:
                continue
            judged = [judge(one, right, *span) for span in spans]
            for key in ("exact", "value"):
                tally[key].append(judged[-1][key])
            tally["whole"].append(all(turn["exact"] for turn in judged))
            tally["choosing"].append(judged[-1]["choosing"])
            if judged[-1]["choosing"]:
                tally["copying"].append(judged[-1]["copying"])
    model.train()
    sums = torch.tensor([[sum(values), len(values)] for values in tally.values()], dtype=torch.float64)
    if world > 1:
        torch.distributed.all_reduce(sums)
    return {key: round(float(right / count), 4) if count else 0.0 for key, (right, count) in zip(tally, sums)} | {"n": int(sums[0, 1])}


def load(path: str) -> Llama:
    state = torch.load(path, map_location="cpu", weights_only=False)
    model = Llama(Config(**state["config"]))
    model.load_state_dict(state["model"])
    return model


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("shards", nargs="+", help="path patterns without suffix")
    parser.add_argument("--limit", type=int, default=400)
    args = parser.parse_args()
    torch.set_num_threads(2)
    model = load(args.checkpoint)
    vocabulary = torch.load(args.checkpoint, map_location="cpu", weights_only=False)["vocabulary"]
    for pattern in args.shards:
        for shard in find(pattern, vocabulary):
            print(Path(shard.path).name, json.dumps(evaluate(model, [shard], args.limit)), flush=True)
