"""The loop: stages, steps, gates, checkpoints. What influences a later step is in the checkpoint, or in the recipe."""

import hashlib
import json
import math
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

from checkpoint import Checkpoints, read_weights
from evaluate import evaluate
from events import Events
from faults import Fault
from look_back import look_back
from model import Config, Llama
from optimiser import Optimiser, rate_share
from order import Plan, Step, open_plan
from processes import Processes
from recipe import Recipe, Stage, sized
from shards import find, read_vocabulary
from steps import Steps


class Training:
    """@param wishes `stop` is set by a signal"""

    def __init__(self, recipe: Recipe, recipe_hash: str, data: Path, out: Path, processes: Processes, wishes: dict[str, bool]):
        self.processes, self.data, self.out, self.wishes = processes, data, out, wishes
        self.vocabulary = read_vocabulary(data)
        self.recipe = self.fitted(recipe)
        self.made_from = {"recipe": recipe_hash, "data": self.fingerprint()}
        torch.manual_seed(self.recipe.seed)
        self.model = Llama(Config(vocab_size=self.vocabulary["size"], **self.recipe.model)).to(processes.device)
        if self.recipe.longest > self.model.config.max_position_embeddings:
            raise Fault(f"longest ({self.recipe.longest}) is beyond the model's max_position_embeddings: lower it, or raise that")
        self.optimiser = Optimiser(self.model, self.recipe, processes.rank, processes.world)
        self.steps = Steps(self.model, self.optimiser, self.recipe, processes)
        self.checkpoints, self.events = Checkpoints(out), Events(out, processes.first)
        self.stage, self.finished, self.passed = self.recipe.stages[0].name, False, False
        self.stage_tokens, self.judged_at, self.tokens, self.step, self.resumed = 0, 0, 0, 0, 0
        self.losses, self.best, self.sources, self.plan = [], {}, {}, None
        self.clock = {"since": time.monotonic(), "tokens": 0, "saved": time.monotonic(), "saved_step": 0}

    def fitted(self, recipe: Recipe) -> Recipe:
        """The recipe with what depends on the data, and with a slice at least for every process."""
        if recipe.batch_size is not None or recipe.n_epochs is not None:
            sources = self.shards(recipe.stages[-1])
            recipe = sized(recipe, sum(len(shard) for shard in sources), sum(len(shard.ids) for shard in sources))
        if recipe.slices < self.processes.world:
            recipe = replace(recipe, micro_tokens=-(-recipe.batch_tokens // self.processes.world))
        return recipe

    def shards(self, stage: Stage) -> list:
        return [shard for part in stage.mix for pattern in part.shards for shard in find(str(self.data / pattern), self.vocabulary["hash"])]

    def fingerprint(self) -> str:
        """Of the data; and every shard that the recipe names is there, before the first step."""
        facts = [[shard.path.removeprefix(str(self.data)), len(shard), len(shard.ids)] for stage in self.recipe.stages for shard in self.shards(stage)]
        for stage in self.recipe.stages:
            for pattern in stage.judged:
                find(str(self.data / pattern), self.vocabulary["hash"])
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def note(self, text: str) -> None:
        if self.processes.first:
            print(text, file=sys.stderr, flush=True)

    # -- what a checkpoint holds

    def state(self) -> dict:
        return {
            "model": self.model.state_dict(), "config": self.model.config.to_dict(), "vocabulary": self.vocabulary["hash"],
            "optimiser": self.optimiser.state_dict(), "random": torch.get_rng_state(), "made_from": self.made_from,
            "stage": self.stage, "finished": self.finished, "passed": self.passed, "stage_tokens": self.stage_tokens,
            "judged_at": self.judged_at, "tokens": self.tokens, "step": self.step, "losses": list(self.losses), "best": self.best,
            "sources": self.sources, "plan": self.plan.state() if self.plan else None, "events": self.events.count + 1,
            "processes": self.processes.world, "seed": self.recipe.seed,
        }

    def load(self, state: dict) -> None:
        if state["vocabulary"] != self.vocabulary["hash"]:
            raise Fault(f"the checkpoint was trained with vocabulary {state['vocabulary']}, the data has {self.vocabulary['hash']}: prepare the data with the same version")
        try:
            self.model.load_state_dict(state["model"])
        except RuntimeError as error:
            raise Fault("the checkpoint is of another model than the recipe's: name another folder with --out, or correct `model`") from error

    def resume(self, state: dict) -> None:
        self.load(state)
        self.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])
        for name in ("stage", "finished", "passed", "stage_tokens", "judged_at", "tokens", "step", "losses", "best", "sources"):
            setattr(self, name, state[name])
        self.saved_plan, self.resumed = state["plan"], self.step
        self.clock["saved_step"] = self.step
        for what, before in state["made_from"].items():
            if before != self.made_from[what]:
                self.note(f"the {what} changed since step {self.step}: it goes on, though not as it would have gone on without the change")
        self.events.cut(state["events"])

    def begin(self, resume: bool, init: str | None, stage: str | None) -> None:
        """Takes up the newest whole checkpoint, or another's weights, or begins anew."""
        state = self.checkpoints.newest() if resume else None
        self.saved_plan = None
        if state is not None:
            self.resume(state)
        else:
            if self.checkpoints.names():
                raise Fault(f"{self.checkpoints.folder} holds {'torn checkpoints alone' if resume else 'a training already: go on with --resume'}, or name another folder with --out")
            self.events.clear()
            if init is not None:
                self.load(read_weights(init))
            else:
                look_back(self.model, self.recipe.look_back)
        if stage is not None and stage != self.stage:
            self.stage, self.stage_tokens, self.judged_at, self.finished, self.passed, self.saved_plan = stage, 0, 0, False, False, None
        names = [one.name for one in self.recipe.stages]
        if self.stage not in names:
            raise Fault(f"the recipe has no stage {self.stage}: it has {', '.join(names)}; name one with --stage")

    def save(self, end_of: str | None = None) -> None:
        if self.processes.first:
            saved = self.checkpoints.save(self.state(), end_of)
            ending = {"stage": end_of} if end_of is not None else {}
            self.tell("checkpoint", path=str(saved.path.relative_to(self.out)), sha256=saved.sha256, bytes=saved.bytes, **ending)
        self.clock |= {"saved": time.monotonic(), "saved_step": self.step}

    def tell(self, event: str, **fields) -> None:
        self.events.tell(event, self.step, tokens=self.tokens, **fields)

    def train_step(self, plan: Plan, step: Step, lr: float) -> tuple[float, float, bool]:
        """@returns loss, gradient norm, and whether any process was asked to stop"""
        mine = [plan.read(part) for part in step[self.processes.rank :: self.processes.world]]
        loss, stop = self.steps.gradients(mine, self.wishes["stop"])
        norm = self.optimiser.step(lr) if math.isfinite(loss) else 0.0
        if not math.isfinite(loss) or not math.isfinite(norm):
            last = self.checkpoints.names()[-1:] or ["none"]
            raise Fault(
                f"the {'gradient' if math.isfinite(loss) else 'loss'} of step {self.step + 1} is no number; the last checkpoint is {last[0]}. "
                f"The step's examples: {plan.words(step)[:400]}. Going on with --resume would meet it again: lower lr, lengthen warmup_steps, or set bf16 to false"
            )
        return loss, norm, stop

    # -- stages

    def judge(self, stage: Stage) -> bool:
        """Figures of all held-out shards of a stage; whether its gate is passed."""
        self.judged_at = self.stage_tokens
        if not stage.judged:
            return False
        before, figures, passed = time.monotonic(), {}, bool(stage.gate)
        for pattern in stage.judged:
            shards = find(str(self.data / pattern), self.vocabulary["hash"])
            result = evaluate(self.model, shards, stage.judge_examples, processes=self.processes)
            figures[pattern.rstrip("*-_")] = result
            passed &= all(result.get(name, 0.0) >= least for name, least in stage.gate.get(pattern, {}).items())
            if result.get("exact", 0.0) > self.best.get(pattern, {}).get("exact", -1.0):
                self.best[pattern] = result | {"step": self.step}
        self.clock["since"] += time.monotonic() - before
        self.tell("evaluation", stage=stage.name, figures=figures, passed=passed)
        return passed

    def wait_while_paused(self) -> None:
        """Between steps, as long as OUT/pause is there. Other processes wait for the first in their next sum."""
        pause, before = self.out / "pause", time.monotonic()
        if not self.processes.first or not pause.exists():
            return
        self.tell("progress", stage=self.stage, tokens_planned=self.planned(), paused=True)
        while pause.exists() and not self.stopping():
            time.sleep(0.5)
        self.clock["since"] += time.monotonic() - before

    def stopping(self) -> bool:
        if self.processes.first and (self.out / "stop").exists():
            self.wishes["stop"] = True
        return self.wishes["stop"]

    def planned(self) -> int:
        return sum(stage.tokens for stage in self.recipe.stages)

    def progress(self, loss: float, norm: float, lr: float, tokens: int) -> None:
        self.losses.append(loss)
        self.clock["tokens"] += tokens
        if self.step % self.recipe.log_every == 0:
            speed = round(self.clock["tokens"] / max(1e-6, time.monotonic() - self.clock["since"]))
            self.tell("progress", stage=self.stage, tokens_planned=self.planned(), loss=round(sum(self.losses) / len(self.losses), 7),
                      norm=round(norm, 5), lr=float(f"{lr:.6g}"), tokens_per_s=speed)
            self.losses = []
            self.clock |= {"since": time.monotonic(), "tokens": 0}

    def run_stage(self, stage: Stage) -> bool:
        """@returns whether the stage came to its end; else the training was asked to stop, and is saved"""
        recipe = self.recipe
        self.plan = plan = open_plan(stage, self.data, self.vocabulary["hash"], recipe.seed, recipe.longest, recipe.micro_tokens, recipe.slices)
        for source in plan.sources:
            if source.name in self.sources:
                source.restore(self.sources[source.name])
        if self.saved_plan is not None:
            plan.restore(self.saved_plan)
            self.saved_plan = None
        else:
            self.tell("stage", name=stage.name)
        for step in plan:
            if self.passed or self.stage_tokens >= stage.tokens:
                break
            self.wait_while_paused()
            self.stopping()
            lr = recipe.lr * rate_share(stage, min(1.0, self.stage_tokens / stage.tokens)) * min(1.0, (self.step + 1) / max(1, recipe.warmup_steps))
            loss, norm, stop = self.train_step(plan, step, lr)
            tokens = plan.tokens(step)
            self.stage_tokens, self.tokens, self.step = self.stage_tokens + tokens, self.tokens + tokens, self.step + 1
            self.progress(loss, norm, lr, tokens)
            if self.stage_tokens - self.judged_at >= stage.judge_every:
                self.passed = self.judge(stage) and self.stage_tokens >= stage.min_tokens
            if stop:
                self.save()
                self.tell("stopped")
                return False
            if self.step - self.clock["saved_step"] >= recipe.checkpoint_steps or time.monotonic() - self.clock["saved"] > recipe.checkpoint_s:
                self.save()
        if not self.passed and stage.judged and self.judged_at < self.stage_tokens:
            self.passed = self.judge(stage)
        missed = bool(stage.gate) and not self.passed and stage.required
        self.finished, self.sources = True, self.sources | plan.counters()["sources"]
        self.save(f"{stage.name}-missed" if missed else stage.name)
        if missed:
            raise Fault(f"the gate of stage {stage.name} was missed after {self.stage_tokens} tokens: change the design, not the hours")
        return True

    def run(self) -> None:
        self.tell("started", parameters=sum(p.numel() for p in self.model.parameters()), tokens_planned=self.planned(), resumed_at_step=self.resumed,
                  seed=self.recipe.seed, processes=self.processes.world, vocabulary=self.vocabulary["hash"], **self.made_from)
        names = [stage.name for stage in self.recipe.stages]
        for stage in self.recipe.stages[names.index(self.stage) :]:
            if stage.name == self.stage and self.finished:
                continue
            if stage.name != self.stage:
                self.stage, self.stage_tokens, self.judged_at, self.passed, self.saved_plan = stage.name, 0, 0, False, None
            self.finished = False
            if not self.run_stage(stage):
                return
        last = self.checkpoints.names()[-1:]
        self.tell("done", path=f"checkpoints/{last[0]}" if last else None)
