"""Averages the weights of checkpoints of one training: python3 average.py OUT CHECKPOINT CHECKPOINT...

The last two stages end in the same valley from two sides; their mean answered more held-out chains than either.
"""

import sys

import torch


def average(paths: list[str]) -> dict:
    states = [torch.load(path, map_location="cpu", weights_only=False) for path in paths]
    if len({(state["vocabulary"], str(state["config"])) for state in states}) != 1:
        raise SystemExit("the checkpoints differ in vocabulary or shape: only those of one training can be averaged")
    last = states[-1]
    last["model"] = {name: sum(state["model"][name] for state in states) / len(states) for name in last["model"]}
    last["optimisers"], last["stage"] = [], "+".join(state["stage"] for state in states)
    return last


if __name__ == "__main__":
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    torch.save(average(sys.argv[2:]), sys.argv[1])
