"""Trains cota-nano by a recipe: python3 train.py RECIPE --data DIR --out DIR [--resume] [--init CHECKPOINT]

A stage ends at its gate (exact shares on held-out shards, once `min_tokens` are done) or at `tokens`. A missed gate is
logged; with `"required": true` it ends the training, because then the design is wrong, not the hours.
`touch OUT/stop` saves and ends it. Log: OUT/log.jsonl. Checkpoints: OUT/last.pt every few minutes (resumable), OUT/<stage>.pt at the end of a stage.
"""

import argparse
import ctypes
import json
import math
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F

from evaluate import END, FIRST_GLYPH, OTHER, QUOTE, TAB, TURN, evaluate
from model import Config, Llama
from shards import Source, batches, find


def optimisers(model: Llama, recipe: dict) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers where the recipe asks for it, AdamW for everything else."""
    lr, decay = recipe["lr"], recipe.get("weight_decay", 0.05)
    inner = [p for name, p in model.named_parameters() if p.dim() == 2 and "layers." in name]
    chosen = {id(p) for p in inner}
    outer = [p for p in model.parameters() if id(p) not in chosen]
    if recipe.get("optimiser", "adamw") == "muon":
        # match_rms_adamw scales an update to the size that AdamW's would have, so one rate serves both.
        return [
            torch.optim.Muon(inner, lr=lr, weight_decay=decay, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(outer, lr=lr, weight_decay=0.0, betas=(0.9, 0.98)),
        ]
    return [torch.optim.AdamW([{"params": inner, "weight_decay": decay}, {"params": outer, "weight_decay": 0.0}], lr=lr, betas=(0.9, 0.98), fused=True)]


class Training:
    """One of `world` processes, each with one thread and batches of its own; gradients are averaged at every step.

    On a shared machine this holds its pace where one process with two threads fell to a fifth of it: threads wait for
    each other at every small operation, processes once a step.
    """

    def __init__(self, args: argparse.Namespace, rank: int = 0):
        self.rank, self.world = rank, args.workers
        self.recipe = json.loads(Path(args.recipe).read_text())
        self.data, self.out = Path(args.data), Path(args.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.vocabulary = json.loads((self.data / "lookup" / "vocabulary.json").read_text())
        torch.manual_seed(self.recipe["seed"])
        self.model = Llama(Config(vocab_size=self.vocabulary["size"], **self.recipe["model"]))
        self.optimisers = optimisers(self.model, self.recipe)
        # One graph for every length: 1.3 times the tokens per second of eager mode, for 45 s of compiling at the start.
        compiles = self.recipe.get("compile", True) and shutil.which("g++") is not None
        self.hidden = torch.compile(self.model.hidden, dynamic=True) if compiles else self.model.hidden
        self.stage, self.stage_tokens, self.tokens, self.step = self.recipe["stages"][0]["name"], 0, 0, 0
        if args.init:
            self.restore(args.init, optimiser=False)
        elif args.resume and (self.out / "last.pt").exists():
            self.restore(str(self.out / "last.pt"), optimiser=True)
        if args.stage:
            self.stage, self.stage_tokens = args.stage, 0

    def log(self, **entry) -> None:
        if self.rank:
            return
        line = json.dumps({"time": time.strftime("%H:%M:%S"), "stage": self.stage, "tokens": self.tokens, **entry})
        print(line, flush=True)
        with open(self.out / "log.jsonl", "a") as file:
            file.write(line + "\n")

    def save(self, name: str) -> None:
        if self.rank:
            return
        state = {
            "model": self.model.state_dict(), "config": self.model.config.to_dict(), "vocabulary": self.vocabulary["hash"],
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "stage": self.stage, "stage_tokens": self.stage_tokens, "tokens": self.tokens, "step": self.step,
        }
        torch.save(state, self.out / f"{name}.tmp")
        os.replace(self.out / f"{name}.tmp", self.out / f"{name}.pt")

    def restore(self, path: str, optimiser: bool) -> None:
        state = torch.load(path, map_location="cpu", weights_only=False)
        if state["vocabulary"] != self.vocabulary["hash"]:
            raise SystemExit(f"{path} was trained with vocabulary {state['vocabulary']}, the data has {self.vocabulary['hash']}")
        self.model.load_state_dict(state["model"])
        self.tokens, self.step = state["tokens"], state["step"]
        if optimiser:
            for mine, saved in zip(self.optimisers, state["optimisers"]):
                mine.load_state_dict(saved)
            self.stage, self.stage_tokens = state["stage"], state["stage_tokens"]

    def rate(self, stage: dict) -> float:
        """Cosine from the stage's first to its last share of the recipe's rate, after the recipe's warm-up."""
        first, last = stage.get("rate", [1.0, 1.0])
        part = min(1.0, self.stage_tokens / stage["tokens"])
        share = last + (first - last) * 0.5 * (1 + math.cos(math.pi * part))
        return self.recipe["lr"] * share * min(1.0, (self.step + 1) / self.recipe["warmup_steps"])

    def emphasis(self, x: torch.Tensor) -> torch.Tensor:
        """Factor of each next token's weight, (batch, length - 1): more where a row is chosen, or whether there is one.

        Copying is most of what is said and soon learnt; a row is chosen in the first glyphs of a quote, what comes next
        where one ends, and a turn that begins without a quote says that nothing fits. `choice_weight` of the recipe; 1 leaves the weights alone.
        """
        most = self.recipe.get("choice_weight", 1)
        factor = torch.ones(x.shape[0], x.shape[1] - 1)
        for back, part in ((2, 0.5), (1, 0.75), (0, 1.0)):
            marked = torch.zeros_like(factor, dtype=torch.bool)
            marked[:, back:] = x[:, : x.shape[1] - 1 - back] == QUOTE
            factor[marked] = max(1.0, most * part)
        # Also where a quote ends: one more row, or the action.
        following = x[:, 1:]
        factor[(following > END) & (following < FIRST_GLYPH) & ((following < OTHER) | (following > TAB))] = max(1.0, most * 0.75)
        factor[x[:, :-1] == TURN] = most
        return factor

    def train_step(self, ids: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
        x, w = torch.from_numpy(ids), torch.from_numpy(weights)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.recipe.get("bf16", True)):
            hidden = self.hidden(x)
            # Only the model's own tokens cost anything: the head runs on those alone.
            rows, columns = torch.nonzero(w[:, 1:], as_tuple=True)
            logits = self.model.lm_head(hidden[rows, columns])
        share = w[rows, columns + 1] * self.emphasis(x)[rows, columns]
        loss = (F.cross_entropy(logits.float(), x[rows, columns + 1], reduction="none") * share).sum() / share.sum()
        loss.backward()
        if self.world > 1:
            grads = [p.grad for p in self.model.parameters()]
            flat = torch.cat([grad.reshape(-1) for grad in grads] + [loss.detach().reshape(1)])
            dist.all_reduce(flat)
            flat /= self.world
            for grad, part in zip(grads, flat.split([grad.numel() for grad in grads] + [1])):
                grad.copy_(part.view_as(grad))
            loss = flat[-1]
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        return float(loss.detach()), float(norm)

    def totals(self, *values: int) -> list[int]:
        if self.world == 1:
            return list(values)
        summed = torch.tensor(values, dtype=torch.int64)
        dist.all_reduce(summed)
        return summed.tolist()

    def gate(self, stage: dict) -> bool:
        figures, passed = {}, True
        for pattern, wanted in stage.get("gate", {}).items():
            result = evaluate(self.model, find(str(self.data / pattern), self.vocabulary["hash"]), limit=120, rank=self.rank, world=self.world)
            figures[pattern.split("/")[-1]] = result
            passed &= result["exact"] >= wanted
        self.log(gate="passed" if passed else "open", **figures)
        return passed

    def run_stage(self, stage: dict) -> None:
        rng = np.random.default_rng([self.recipe["seed"], self.step, self.rank])
        mix = [
            (Source([shard for pattern in part["shards"] for shard in find(str(self.data / pattern), self.vocabulary["hash"])], rng, self.recipe["longest"]), part["share"])
            for part in stage["mix"]
        ]
        passed, losses, since, counted, saved, judged = False, [], time.time(), 0, time.time(), self.stage_tokens
        order = np.random.default_rng([self.recipe["seed"], self.step])
        for ids, weights in batches(mix, rng, self.recipe["batch_tokens"] // self.world, order):
            if passed or self.stage_tokens >= stage["tokens"]:
                break
            lr = self.rate(stage)
            for optimiser in self.optimisers:
                for group in optimiser.param_groups:
                    group["lr"] = lr
            loss, norm = self.train_step(ids, weights)
            # Every process must count alike and stop alike, or they would wait for each other for ever.
            real, stop = self.totals(int((ids != 0).sum()), int((self.out / "stop").exists()))
            self.stage_tokens, self.tokens, self.step, counted = self.stage_tokens + real, self.tokens + real, self.step + 1, counted + real
            losses.append(loss)
            if self.step % 25 == 0:
                self.log(step=self.step, loss=round(float(np.mean(losses)), 4), norm=round(norm, 3), lr=round(lr, 6), tokens_per_s=round(counted / (time.time() - since)))
                losses, since, counted = [], time.time(), 0
            if stop:
                self.save("last")
                if self.world > 1:
                    dist.barrier()
                raise SystemExit("stopped by OUT/stop; go on with --resume")
            if time.time() - saved > 150:
                self.save("last")
                saved = time.time()
            if self.stage_tokens - judged >= stage.get("judge_every", 500_000):
                judged = self.stage_tokens
                passed = self.gate(stage) and self.stage_tokens >= stage.get("min_tokens", 0) and bool(stage.get("gate"))
                since, counted = time.time(), 0
        if not passed and stage.get("gate") and not self.gate(stage) and stage.get("required"):
            self.save(f"{stage['name']}-missed")
            raise SystemExit(f"the gate of stage {stage['name']} was missed after {self.stage_tokens} tokens: change the design, not the hours")

    def run(self) -> None:
        names = [stage["name"] for stage in self.recipe["stages"]]
        if self.stage not in names:
            raise SystemExit(f"the recipe has no stage {self.stage}; it has {', '.join(names)}")
        self.log(parameters=sum(p.numel() for p in self.model.parameters()))
        for stage in self.recipe["stages"][names.index(self.stage):]:
            if stage["name"] != self.stage:
                self.stage, self.stage_tokens = stage["name"], 0
            self.run_stage(stage)
            self.save(stage["name"])
            self.save("last")
        self.log(done=True)


def work(rank: int, options: argparse.Namespace) -> None:
    if options.workers > 1 and sys.platform == "linux":
        # Without PR_SET_PDEATHSIG a killed parent leaves these at work, on the same log and checkpoints.
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    if options.workers > 1:
        dist.init_process_group("gloo", init_method=f"file://{Path(options.out).resolve()}/rendezvous", rank=rank, world_size=options.workers)
    Training(options, rank).run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--data", default=".cota/data")
    parser.add_argument("--out", default=".cota/train/nano")
    parser.add_argument("--resume", action="store_true", help="go on from OUT/last.pt")
    parser.add_argument("--init", help="start from a checkpoint's weights with a fresh optimiser")
    parser.add_argument("--stage", help="begin at this stage instead of the recorded one")
    parser.add_argument("--workers", type=int, default=2, help="processes, one for each free core; they wait for each other at every step")
    parser.add_argument("--threads", type=int, default=1, help="threads of each process; 1 is best where other work runs")
    options = parser.parse_args()
    Path(options.out).mkdir(parents=True, exist_ok=True)
    for leftover in ("rendezvous", "stop"):
        (Path(options.out) / leftover).unlink(missing_ok=True)
    if options.workers > 1:
        mp.spawn(work, args=(options,), nprocs=options.workers)
    else:
        work(0, options)
