"""Weights of an exported folder, as a training goes on from them: the inverse of export.py."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from faults import Fault
from model import Config

TRANSPOSED = ".weight_t"


def read_folder(folder: str) -> dict:
    """@param folder in the ONNX layout that export.py writes, with 32-bit floats
    @returns what a checkpoint has: `model` (state dict), `config`, `vocabulary` (hash)
    @throws Fault where it is none
    """
    # Trainings that begin with nothing need no onnx.
    import onnx
    from onnx import numpy_helper

    at = Path(folder)
    try:
        config = json.loads((at / "config.json").read_text())
        own, shared = config["hidden_size"], config["num_key_value_heads"] * config["head_dim"]
        graph = onnx.load(str(at / "onnx" / "model.onnx")).graph
    except Exception as error:  # onnx raises kinds of its own
        why = f"config.json has no {error}" if isinstance(error, KeyError) else error
        raise Fault(f"{folder} is no folder of an exported model ({why}): name one with config.json and onnx/model.onnx") from error
    held = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights: dict[str, Tensor] = {}
    for name, value in held.items():
        if name.endswith(".qkv_proj.weight_t"):
            for part, rows in zip("qkv", np.split(value.T, [own, own + shared])):
                weights[name.replace("qkv_proj.weight_t", f"{part}_proj.weight")] = tensor(rows)
        elif name.endswith(TRANSPOSED):
            weights[name.removesuffix("_t")] = tensor(value.T)
        elif name.endswith(".weight"):
            weights[name] = tensor(value)
    if "model.embed_tokens.weight" not in weights:
        raise Fault(f"{folder}/onnx/model.onnx is not of our export: its weights have other names")
    weights.setdefault("lm_head.weight", weights["model.embed_tokens.weight"])
    fields = {name: config[name] for name in Config.__dataclass_fields__ if name in config}
    return {"model": weights, "config": fields, "vocabulary": config.get("cota_vocabulary")}


def tensor(value: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(value, dtype=np.float32))
