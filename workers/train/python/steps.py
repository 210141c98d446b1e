"""The gradients of one step: slices of examples, summed over slices and processes, divided by their weights."""

import shutil
import sys

import numpy as np
import torch
import torch.nn.functional as F

from model import Llama
from optimiser import Optimiser
from order import MULTIPLE
from processes import Processes
from recipe import Recipe
from shards import pad

# Where the sums of losses and weights and the wish to stop travel, behind the gradients.
LOSS, WEIGHT, STOP = -3, -2, -1


class Steps:
    def __init__(self, model: Llama, optimiser: Optimiser, recipe: Recipe, processes: Processes):
        self.model, self.optimiser, self.recipe, self.processes = model, optimiser, recipe, processes
        self.hidden = model.hidden

    def compile(self) -> None:
        """One graph for every length: 1.3 times the tokens per second of eager mode, for 45 s of compiling at the start."""
        if not self.recipe.compile:
            return
        if self.processes.device.type == "cpu" and shutil.which("g++") is None:
            if self.processes.first:
                print("no g++: the model is not compiled, which costs a quarter of the speed", file=sys.stderr, flush=True)
            return
        self.hidden = torch.compile(self.model.hidden, dynamic=True)
        # Always with the same shapes first: what is compiled may depend on them, and must not on where a training resumed.
        for batch in (3, 1):
            ids = torch.ones(batch, MULTIPLE * 2, dtype=torch.int64, device=self.processes.device)
            with self.precision():
                self.hidden(ids, torch.arange(0, MULTIPLE, 2, device=ids.device)).float().sum().backward()
        self.optimiser.grads.zero_()

    def precision(self) -> torch.autocast:
        return torch.autocast(self.processes.device.type, torch.bfloat16, enabled=self.recipe.bf16)

    def add_slice(self, examples: list[tuple[np.ndarray, np.ndarray]]) -> None:
        """Adds the gradients of a slice's weighted losses to those of the step."""
        ids, weights = pad(examples, MULTIPLE)
        x, w = torch.from_numpy(ids), torch.from_numpy(weights)[:, 1:]
        # Only the model's own tokens cost anything: the last layer and the head run on those alone.
        rows, columns = torch.nonzero(w, as_tuple=True)
        if not len(rows):
            return
        share, wanted, places = w[rows, columns], x[rows, columns + 1], rows * x.shape[1] + columns
        if len(places) == 1:
            # A size of one would be compiled apart.
            share, wanted, places = torch.cat([share, torch.zeros(1)]), wanted.repeat(2), places.repeat(2)
        x, share, wanted, places = (one.to(self.processes.device) for one in (x, share, wanted, places))
        with self.precision():
            logits = self.model.lm_head(self.hidden(x, places))
        loss = F.cross_entropy(logits.float(), wanted, reduction="none").dot(share)
        loss.backward()
        self.optimiser.grads[LOSS] += loss.detach()
        self.optimiser.grads[WEIGHT] += share.sum()

    def gradients(self, slices: list[list[tuple[np.ndarray, np.ndarray]]], stop: bool) -> tuple[float, bool]:
        """Of this process's slices of a step, averaged over all processes by weight.

        @returns the step's mean loss (no number where it is none), and whether any process was asked to stop
        """
        for examples in slices:
            self.add_slice(examples)
        grads = self.optimiser.grads
        grads[STOP] = float(stop)
        self.processes.add_up(grads)
        total, weight, stops = grads[LOSS:].tolist()
        grads[:LOSS].div_(max(weight, 1e-9))
        return total / max(weight, 1e-9), stops > 0
