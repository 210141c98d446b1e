"""The recipe of a training: a JSON file, as shared/train/recipe.ts describes it, or its section `nano` alone.

Every field is checked here too, so that a slip in a name ends the training before it begins.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from faults import Fault
from model import Config


@dataclass(frozen=True)
class Part:
    """A share of a stage's tokens; `shards` are patterns below the data folder."""

    shards: tuple[str, ...]
    share: float

    @property
    def name(self) -> str:
        return "+".join(self.shards)


@dataclass(frozen=True)
class Stage:
    name: str
    mix: tuple[Part, ...]
    tokens: int
    min_tokens: int = 0
    judge_every: int = 500_000
    judge_examples: int = 120
    # Course of the learning rate: a half cosine between these shares of the full one, or that of `schedule`.
    rate: tuple[float, float] = (1.0, 1.0)
    schedule: str = "cosine"
    # Pattern of held-out shards -> figure -> least value.
    gate: dict[str, dict[str, float]] = field(default_factory=dict)
    # Patterns of held-out shards that are judged with them and open nothing.
    watch: tuple[str, ...] = ()
    required: bool = False

    @property
    def judged(self) -> list[str]:
        return [*self.gate, *(pattern for pattern in self.watch if pattern not in self.gate)]


@dataclass(frozen=True)
class Recipe:
    model: dict[str, Any]
    stages: tuple[Stage, ...]
    lr: float
    batch_tokens: int
    longest: int
    seed: int = 1
    processes: int = 1
    optimiser: str = "adamw"
    weight_decay: float = 0.05
    warmup_steps: int = 100
    clip: float = 1.0
    # Padded tokens that one process computes at a time; a step adds up batch_tokens / micro_tokens of them.
    micro_tokens: int = 0
    bf16: bool = True
    compile: bool = True
    # Distances at which the first heads of the first layer begin to look back.
    look_back: tuple[int, ...] = ()
    checkpoint_s: float = 150.0
    checkpoint_steps: int = 1_000
    log_every: int = 25
    nice: int = 0
    # hyperparameters of a request that depend on the data: see training.py
    n_epochs: float | None = None
    batch_size: int | None = None

    @property
    def slices(self) -> int:
        """Parts of a step that are computed apart, by as many processes as there are, one after another on each."""
        return max(1, round(self.batch_tokens / self.micro_tokens))


SCHEDULES = ("cosine", "linear", "cooldown")
STAGE_FIELDS = {"name", "mix", "tokens", "min_tokens", "judge_every", "judge_examples", "rate", "schedule", "gate", "watch", "required"}
NANO_FIELDS = {
    "seed", "model", "optimiser", "lr", "weight_decay", "warmup_steps", "clip", "batch_tokens", "micro_tokens", "longest", "bf16",
    "compile", "look_back", "checkpoint_s", "checkpoint_steps", "log_every", "nice", "stages", "processes", "data",
}


class Reader:
    """Takes fields of one object of the recipe and says in words which one is wrong."""

    def __init__(self, value: Any, at: str, known: set[str]):
        if not isinstance(value, dict):
            raise Fault(f"{at or 'the recipe'} must be an object, not {json.dumps(value)[:80]}")
        self.value, self.at = value, at
        odd = sorted(set(value) - known)
        if odd:
            raise Fault(f"{self.path(odd[0])} is no field of a recipe: known here are {', '.join(sorted(known))}")

    def path(self, name: str) -> str:
        return f"{self.at}.{name}" if self.at else name

    def fail(self, name: str, must: str) -> Fault:
        shown = json.dumps(self.value[name])[:80] if name in self.value else "missing"
        return Fault(f"{self.path(name)} must be {must}; it is {shown}: correct the recipe")

    def number(self, name: str, default: float | None, low: float, high: float = float("inf"), whole: bool = False) -> Any:
        value = self.value.get(name, default)
        right = isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
        if not right or (whole and int(value) != value):
            limits = f"of at least {low:g}" if high == float("inf") else f"from {low:g} to {high:g}"
            raise self.fail(name, f"a {'whole ' if whole else ''}number {limits}")
        return int(value) if whole else float(value)

    def flag(self, name: str, default: bool) -> bool:
        if not isinstance(self.value.get(name, default), bool):
            raise self.fail(name, "true or false")
        return self.value.get(name, default)

    def choice(self, name: str, default: str, among: tuple[str, ...]) -> str:
        if self.value.get(name, default) not in among:
            raise self.fail(name, f"one of {', '.join(among)}")
        return self.value.get(name, default)

    def items(self, name: str) -> list:
        value = self.value.get(name)
        if not isinstance(value, list) or not value:
            raise self.fail(name, "a list with at least one entry")
        return value


def read_gate(reader: Reader) -> dict[str, dict[str, float]]:
    gate = reader.value.get("gate", {})
    if not isinstance(gate, dict):
        raise reader.fail("gate", "an object of patterns and shares")
    read = {}
    for pattern, wanted in gate.items():
        figures = wanted if isinstance(wanted, dict) else {"exact": wanted}
        inner = Reader(figures, f"{reader.path('gate')}.{pattern}", set(figures))
        read[pattern] = {name: inner.number(name, None, 0, 1) for name in figures}
    return read


def read_stage(value: Any, at: str) -> Stage:
    reader = Reader(value, at, STAGE_FIELDS)
    if not isinstance(value.get("name"), str) or not value["name"].replace("-", "").replace("_", "").isalnum():
        raise reader.fail("name", "letters, digits, - and _")
    mix = []
    for n, one in enumerate(reader.items("mix")):
        part = Reader(one, f"{at}.mix[{n}]", {"shards", "share"})
        mix.append(Part(tuple(str(pattern) for pattern in part.items("shards")), part.number("share", None, 1e-9)))
    names = [part.name for part in mix]
    if len(set(names)) != len(names):
        raise reader.fail("mix", "parts of different shards")
    rate = value.get("rate", [1.0, 1.0])
    if not isinstance(rate, list) or len(rate) != 2 or not all(isinstance(one, (int, float)) and one >= 0 for one in rate):
        raise reader.fail("rate", "two shares of the learning rate, such as [1, 0.1]")
    watch = value.get("watch") or []
    if not isinstance(watch, list):
        raise reader.fail("watch", "a list of patterns")
    return Stage(
        name=value["name"], mix=tuple(mix), tokens=reader.number("tokens", None, 1, whole=True),
        min_tokens=reader.number("min_tokens", 0, 0, whole=True), judge_every=reader.number("judge_every", 500_000, 1, whole=True),
        judge_examples=reader.number("judge_examples", 120, 1, whole=True), rate=(float(rate[0]), float(rate[1])),
        schedule=reader.choice("schedule", "cosine", SCHEDULES), gate=read_gate(reader), watch=tuple(str(one) for one in watch),
        required=reader.flag("required", False),
    )


def read_model(reader: Reader) -> dict[str, Any]:
    """What makes a model, with whole numbers where they must be. @throws Fault that names the field"""
    fields = {name for name in Config.__dataclass_fields__ if name != "vocab_size"}
    inner, model = Reader(reader.value.get("model"), reader.path("model"), fields), {}
    for name, value in inner.value.items():
        if name == "tie_word_embeddings":
            model[name] = inner.flag(name, True)
        elif name in ("rope_theta", "rms_norm_eps", "initializer_range"):
            model[name] = inner.number(name, None, 1e-12)
        else:
            # None: as many heads of keys and values as of queries.
            model[name] = None if name == "num_key_value_heads" and value is None else inner.number(name, None, 1, whole=True)
    try:
        Config(**model)
    except ValueError as error:
        raise Fault(f"{reader.path('model')} does not make a model: {error}; correct the recipe") from error
    return model


def read_look_back(reader: Reader, most: int) -> tuple[int, ...]:
    distances = reader.value.get("look_back", [])
    if not isinstance(distances, list) or len(distances) > most or not all(type(one) is int and 1 <= one <= 16 for one in distances):
        raise reader.fail("look_back", f"a list of at most {most} distances of 1 to 16 tokens, one for each head that has keys of its own")
    return tuple(distances)


def read_recipe(value: Any) -> Recipe:
    """@throws Fault that names the field"""
    if not isinstance(value, dict):
        raise Fault("the recipe must be a JSON object")
    whole, at = value, ""
    if "nano" in value:
        value, at = whole["nano"], "nano"
    reader = Reader(value, at, NANO_FIELDS)
    model, outer = read_model(reader), Reader(whole, "", set(whole))
    stages = tuple(read_stage(one, f"{reader.path('stages')}[{n}]") for n, one in enumerate(reader.items("stages")))
    if len({stage.name for stage in stages}) != len(stages):
        raise reader.fail("stages", "stages of different names")
    asked = whole.get("hyperparameters") or {}
    hyper = Reader(asked, "hyperparameters", set(asked))
    batch_tokens = reader.number("batch_tokens", None, 64, whole=True)
    lr = hyper.number("learning_rate", None, 1e-9) if "learning_rate" in asked else reader.number("lr", None, 1e-9)
    return Recipe(
        model=model, stages=stages, lr=lr, batch_tokens=batch_tokens, longest=reader.number("longest", None, 8, whole=True),
        seed=outer.number("seed", value.get("seed", 1), 0, whole=True), processes=outer.number("processes", value.get("processes", 1), 1, whole=True),
        optimiser=reader.choice("optimiser", "adamw", ("adamw", "muon")), weight_decay=reader.number("weight_decay", 0.05, 0),
        warmup_steps=reader.number("warmup_steps", 100, 0, whole=True), clip=reader.number("clip", 1.0, 1e-6),
        micro_tokens=reader.number("micro_tokens", -(-batch_tokens // 2), 32, batch_tokens, whole=True),
        bf16=reader.flag("bf16", True), compile=reader.flag("compile", True), look_back=read_look_back(reader, Config(**model).num_key_value_heads),
        checkpoint_s=reader.number("checkpoint_s", 150, 1), checkpoint_steps=reader.number("checkpoint_steps", 1_000, 1, whole=True),
        log_every=reader.number("log_every", 25, 1, whole=True), nice=reader.number("nice", 0, 0, 19, whole=True),
        n_epochs=hyper.number("n_epochs", None, 1e-6) if "n_epochs" in asked else None,
        batch_size=hyper.number("batch_size", None, 1, whole=True) if "batch_size" in asked else None,
    )


# What epochs and batches of examples may come to: they are asked for without knowing the data's size. As much as the API
# grants a recipe of a request (shared/train/own-limits.ts); tokens that a recipe names itself may be more.
MOST_TOKENS, MOST_BATCH_TOKENS = 1_000_000_000, 262_144


def sized(recipe: Recipe, examples: int, tokens: int) -> Recipe:
    """The recipe with what depends on the data: `batch_size` counts examples, `n_epochs` all of them.

    @param examples and their tokens, of the last stage
    @throws Fault where that is more than a request may ask for
    """
    if recipe.batch_size is not None:
        batch = max(64, round(recipe.batch_size * tokens / examples))
        if batch > MOST_BATCH_TOKENS:
            raise Fault(f"batch_size {recipe.batch_size} would be {batch:,} tokens a step of this data, more than {MOST_BATCH_TOKENS:,}: lower it")
        recipe = replace(recipe, batch_tokens=batch, micro_tokens=min(max(32, -(-batch // 2)), max(recipe.micro_tokens, recipe.longest)))
    if recipe.n_epochs is not None:
        last, planned = recipe.stages[-1], max(1, round(recipe.n_epochs * tokens))
        if planned > MOST_TOKENS:
            raise Fault(f"n_epochs {recipe.n_epochs:g} would be {planned:,} tokens of this data, more than {MOST_TOKENS:,}: lower it")
        recipe = replace(recipe, stages=(*recipe.stages[:-1], replace(last, tokens=planned)))
    return recipe


def load_recipe(path: str) -> tuple[Recipe, str]:
    """The recipe of a file, and the hash of its bytes."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise Fault(f"the recipe {path} cannot be read ({error.strerror}): give a JSON file with --recipe") from error
    try:
        value = json.loads(data)
    except ValueError as error:
        raise Fault(f"the recipe {path} is no JSON ({error})") from error
    return read_recipe(value), hashlib.sha256(data).hexdigest()
