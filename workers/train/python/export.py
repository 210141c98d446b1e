"""Writes a checkpoint as a Hugging Face model folder in the ONNX layout: python3 export.py CHECKPOINT --vocabulary FILE --out DIR

DIR/config.json, generation_config.json, tokenizer.json, tokenizer_config.json, onnx/model.onnx (32-bit floats) and
onnx/model_int8.onnx (see graph.py), each graph checked before it is kept: the one of floats against torch.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from evaluate import load
from graph import build, layout
from model import Llama


def empty(config, batch: int, length: int = 0) -> dict[str, np.ndarray]:
    _, heads, head_dim = layout(config)
    return {f"past_key_values.{n}.{part}": np.zeros((batch, heads, length, head_dim), np.float32)
            for n in range(config.num_hidden_layers) for part in ("key", "value")}


def feed(session: onnxruntime.InferenceSession, ids: np.ndarray, mask: np.ndarray, past: dict) -> tuple[np.ndarray, dict]:
    logits, *present = session.run(None, {"input_ids": ids, "attention_mask": mask, **past})
    return logits, dict(zip(past, present))


def difference(model: Llama, path: Path, length: int = 400, cut: int = 300) -> float:
    """Largest difference of logits between torch and ONNX Runtime, which reads a sequence in parts and one token at a
    time, and then goes on with both ends of it in one batch, of unequal lengths."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    config = model.config
    length = min(length, config.max_position_embeddings)
    cut = min(cut, length - 3)
    ids = torch.randint(0, config.vocab_size, (1, length), generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        wanted = model.eval()(ids).numpy()
    tokens = ids.numpy()
    past, worst, done, pasts = empty(config, 1), 0.0, 0, {}
    for stop in [cut, cut + 1, cut + 2, length]:
        logits, past = feed(session, tokens[:, done:stop], np.ones((1, stop), np.int64), past)
        worst = max(worst, float(np.abs(logits - wanted[:, done:stop]).max()))
        pasts[stop], done = past, stop
    lengths = [cut, length - 1]
    both = empty(config, 2, length)
    for name, value in both.items():
        for row, held in enumerate(lengths):
            value[row, :, :held] = pasts[length][name][0, :, :held]
    mask = np.array([[1] * (held + 1) + [0] * (length - held - 1) for held in lengths], np.int64)
    logits, _ = feed(session, np.array([[tokens[0, held]] for held in lengths]), mask, both)
    for row, held in enumerate(lengths):
        worst = max(worst, float(np.abs(logits[row, 0] - wanted[0, held]).max()))
    return worst


def tokenizer(tokens: list[str], size: int) -> tuple[dict, dict]:
    """Characters of normalised text and whole scaffold tokens, as `tokenizers` reads them. U+FFFD is <other>."""
    names = tokens + [f"<unused:{n}>" for n in range(len(tokens), size)]
    vocab = {name: n for n, name in enumerate(names)}
    scaffold = [name for name in names if len(name) > 1 and name != "<other>"]
    added = [{"id": vocab[name], "content": name, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for name in scaffold]
    model = {"type": "BPE", "dropout": None, "unk_token": "<other>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
             "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": vocab, "merges": []}
    body = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
            "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}, {"type": "NFD"}, {"type": "StripAccents"}]},
            "pre_tokenizer": None, "post_processor": None, "decoder": {"type": "Fuse"}, "model": model}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<bos>", "eos_token": "<end>", "pad_token": "<pad>",
                "unk_token": "<other>", "model_max_length": 2048, "clean_up_tokenization_spaces": False}
    return body, settings


def write(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("--vocabulary", required=True)
    parser.add_argument("--out", default="models/cota-nano")
    args = parser.parse_args()
    vocabulary = json.loads(Path(args.vocabulary).read_text())
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=False)
    if state["vocabulary"] != vocabulary["hash"]:
        raise SystemExit(f"the checkpoint's vocabulary is {state['vocabulary']}, the file's {vocabulary['hash']}")
    model, out = load(args.checkpoint), Path(args.out)
    if layout(model.config)[2] % 16:
        raise SystemExit(f"ONNX Runtime's attention takes heads whose size is a multiple of 16; this model's have {layout(model.config)[2]}: choose other hidden_size or num_attention_heads")
    (out / "onnx").mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        weights.pop("lm_head.weight", None)
    paths = {"fp32": out / "onnx" / "model.onnx", "int8": out / "onnx" / "model_int8.onnx"}
    differences = {}
    for dtype, path in paths.items():
        onnx.save(build(model.config, weights, int8=dtype == "int8"), str(path))
        differences[dtype] = difference(model, path)
    if differences["fp32"] > 1e-3:
        for path in paths.values():
            path.unlink()
        raise SystemExit(f"the exported graph differs from torch by {differences['fp32']}: nothing to ship")
    config = model.config
    write(out / "config.json", {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", **config.to_dict(),
        "head_dim": config.head_dim, "hidden_act": "silu", "attention_bias": False, "mlp_bias": False,
        "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "torch_dtype": "float32", "cota_vocabulary": vocabulary["hash"],
    })
    write(out / "generation_config.json", {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "do_sample": False, "max_new_tokens": 256})
    body, settings = tokenizer(vocabulary["tokens"], vocabulary["size"])
    write(out / "tokenizer.json", body)
    write(out / "tokenizer_config.json", settings)
    files = {dtype: {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "largest_difference": differences[dtype]}
             for dtype, path in paths.items()}
    print(json.dumps({"out": str(out), **files["fp32"], "int8": files["int8"], "tokens_trained": state.get("tokens"), "stage": state.get("stage")}))


if __name__ == "__main__":
    main()
