"""Muon for the matrices of the layers, AdamW for everything else; and the course of the learning rate."""

import math

import torch
import torch.distributed as dist
from torch import Tensor

from recipe import Recipe, Stage
from model import Llama

# Coefficients of the quintic iteration that brings singular values near 1 in five rounds (Jordan 2024, as torch.optim.Muon).
A, B, C = 3.4445, -4.7750, 2.0315
ROUNDS = 5
MOMENTUM = 0.95
# Share of a stage at its end in which the schedule `cooldown` lowers the rate.
COOLDOWN = 0.2


def orthogonal(x: Tensor) -> Tensor:
    """The nearest matrices with singular values near 1: (count, rows, columns), rows <= columns."""
    x = x.bfloat16()
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(ROUNDS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=B, alpha=C), x, beta=A)
    return x


class Muon:
    """Momentum whose update is made orthogonal. Matrices of one shape are worked on together, and each of `world`
    processes takes a part of them: the iteration is a sixth of a small model's work."""

    def __init__(self, named: list[tuple[str, Tensor]], decay: float, rank: int, world: int):
        self.decay, self.rank, self.world = decay, rank, world
        self.groups: dict[tuple[int, int], list[tuple[str, Tensor]]] = {}
        for name, matrix in named:
            self.groups.setdefault((min(matrix.shape), max(matrix.shape)), []).append((name, matrix))
        self.momentum = {shape: torch.zeros(len(ones), *shape, device=ones[0][1].device) for shape, ones in self.groups.items()}

    @torch.no_grad()
    def step(self, lr: float) -> None:
        for shape, ones in self.groups.items():
            # Upright matrices are laid on their side.
            turned = [matrix.shape[0] > matrix.shape[1] for _, matrix in ones]
            grads = torch.stack([matrix.grad.T if turn else matrix.grad for (_, matrix), turn in zip(ones, turned)])
            momentum = self.momentum[shape].lerp_(grads, 1 - MOMENTUM)
            update = self.shared(grads.lerp_(momentum, MOMENTUM))
            # The size of update that AdamW would make, so that one rate serves both.
            size = 0.2 * math.sqrt(shape[1])
            for n, ((_, matrix), turn) in enumerate(zip(ones, turned)):
                matrix.mul_(1 - lr * self.decay).add_(update[n].T if turn else update[n], alpha=-lr * size)

    def shared(self, x: Tensor) -> Tensor:
        if self.world == 1:
            return orthogonal(x)
        each = -(-len(x) // self.world)
        mine = orthogonal(x[self.rank * each : (self.rank + 1) * each])
        parts = torch.zeros(self.world, each, *x.shape[1:], dtype=torch.bfloat16, device=x.device)
        own = parts[self.rank]
        own[: len(mine)] = mine
        dist.all_gather(list(parts.unbind()), own.clone())
        return parts.flatten(0, 1)[: len(x)]

    def state_dict(self) -> dict:
        return {name: self.momentum[shape][n] for shape, ones in self.groups.items() for n, (name, _) in enumerate(ones)}

    def load_state_dict(self, saved: dict) -> None:
        for shape, ones in self.groups.items():
            for n, (name, _) in enumerate(ones):
                self.momentum[shape][n].copy_(saved[name])


class Optimiser:
    """Gradients lie in one flat tensor, `grads`, whose last `extra` numbers travel with them between processes."""

    extra = 3

    def __init__(self, model: Llama, recipe: Recipe, rank: int, world: int):
        named = list(model.named_parameters())
        self.parameters = [parameter for _, parameter in named]
        sizes = [parameter.numel() for parameter in self.parameters]
        self.grads = torch.zeros(sum(sizes) + self.extra, device=self.parameters[0].device)
        self.clip = recipe.clip
        for parameter, part in zip(self.parameters, self.grads.split([*sizes, self.extra])):
            parameter.grad = part.view_as(parameter)
        inner = [(name, p) for name, p in named if p.dim() == 2 and "layers." in name]
        chosen = {name for name, _ in inner}
        outer = [p for name, p in named if name not in chosen]
        self.muon = Muon(inner, recipe.weight_decay, rank, world) if recipe.optimiser == "muon" else None
        groups = [{"params": outer, "weight_decay": 0.0}]
        if self.muon is None:
            groups.append({"params": [p for _, p in inner], "weight_decay": recipe.weight_decay})
        self.adamw = torch.optim.AdamW(groups, lr=recipe.lr, betas=(0.9, 0.98), fused=True)

    def step(self, lr: float) -> float:
        """Clips, updates and clears. @returns the norm before clipping"""
        whole = self.grads[: -self.extra]
        norm = float(whole.norm())
        if norm > self.clip:
            whole.mul_(self.clip / norm)
        if self.muon is not None:
            self.muon.step(lr)
        for group in self.adamw.param_groups:
            group["lr"] = lr
        self.adamw.step()
        self.grads.zero_()
        return norm

    def state_dict(self) -> dict:
        return {"adamw": self.adamw.state_dict(), "muon": self.muon.state_dict() if self.muon else None}

    def load_state_dict(self, saved: dict) -> None:
        self.adamw.load_state_dict(saved["adamw"])
        if self.muon is not None:
            self.muon.load_state_dict(saved["muon"])


def rate_share(stage: Stage, done: float) -> float:
    """Share of the full rate after the part `done` (0 to 1) of a stage."""
    first, last = stage.rate
    if stage.schedule == "cooldown":
        return last + (first - last) * min(1.0, (1 - done) / COOLDOWN)
    if stage.schedule == "linear":
        return last + (first - last) * (1 - done)
    return last + (first - last) * 0.5 * (1 + math.cos(math.pi * done))
