"""Writes a checkpoint as a Hugging Face model folder in the ONNX layout: python3 export.py CHECKPOINT --vocabulary FILE --out DIR

DIR/config.json, generation_config.json, tokenizer.json, tokenizer_config.json, model.safetensors (with --safetensors),
onnx/model.onnx with inputs input_ids, attention_mask, position_ids, past_key_values.N.{key,value} and outputs logits,
present.N.{key,value}. The graph is built node by node, so that the same checkpoint gives the same bytes, and checked
against torch before it is kept.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from evaluate import load
from model import Llama, rope_table

OPSET = 17


class Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self.count = 0

    def constant(self, value, name: str | None = None) -> str:
        array = np.asarray(value)
        name = name or f"const_{hashlib.sha1(array.tobytes() + str((array.dtype, array.shape)).encode()).hexdigest()[:10]}"
        self.constants.setdefault(name, numpy_helper.from_array(array, name))
        return name

    def op(self, kind: str, *inputs: str, out: str | None = None, **attributes) -> str:
        self.count += 1
        out = out or f"{kind.lower()}_{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out], name=f"{kind}_{self.count}", **attributes))
        return out


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def norm(g: Graph, x: str, weight: str, eps: float) -> str:
    square = g.op("Mul", x, x)
    mean = g.op("ReduceMean", square, axes=[-1], keepdims=1)
    root = g.op("Sqrt", g.op("Add", mean, g.constant(np.float32(eps))))
    return g.op("Mul", g.op("Div", x, root), weight)


def rotate(g: Graph, x: str, cos: str, sin: str, half: int) -> str:
    left = g.op("Slice", x, g.constant(ints(0)), g.constant(ints(half)), g.constant(ints(3)))
    right = g.op("Slice", x, g.constant(ints(half)), g.constant(ints(2 * half)), g.constant(ints(3)))
    turned = g.op("Concat", g.op("Neg", right), left, axis=3)
    return g.op("Add", g.op("Mul", x, cos), g.op("Mul", turned, sin))


def build(model: Llama) -> onnx.ModelProto:
    """Every shape is (batch, ...); `past` may be 0."""
    config, g = model.config, Graph()
    heads, head_dim = config.num_attention_heads, config.head_dim
    state = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}

    def matrix(name: str) -> str:
        # torch keeps (out, in); MatMul wants (in, out).
        return g.constant(np.ascontiguousarray(state[f"{name}.weight"].T), f"{name}.weight_t")

    cos_table, sin_table = rope_table(config, config.max_position_embeddings)
    x = g.op("Gather", g.constant(state["model.embed_tokens.weight"], "model.embed_tokens.weight"), "input_ids", axis=0)
    one = g.constant(ints(1))
    cos = g.op("Unsqueeze", g.op("Gather", g.constant(cos_table.numpy(), "rope.cos"), "position_ids", axis=0), one)
    sin = g.op("Unsqueeze", g.op("Gather", g.constant(sin_table.numpy(), "rope.sin"), "position_ids", axis=0), one)

    # A query at place t of the whole sequence sees keys 0..t that the attention mask lets through.
    length = g.op("Gather", g.op("Shape", "input_ids"), g.constant(np.int64(1)), axis=0)
    total = g.op("Gather", g.op("Shape", "attention_mask"), g.constant(np.int64(1)), axis=0)
    zero, step = g.constant(np.int64(0)), g.constant(np.int64(1))
    keys = g.op("Range", zero, total, step)
    queries = g.op("Unsqueeze", g.op("Range", g.op("Sub", total, length), total, step), g.constant(ints(1)))
    causal = g.op("LessOrEqual", keys, queries)
    seen = g.op("Unsqueeze", g.op("Cast", "attention_mask", to=TensorProto.BOOL), g.constant(ints(1, 2)))
    bias = g.op("Where", g.op("And", causal, seen), g.constant(np.float32(0)), g.constant(np.float32(-1e9)))

    split, join = g.constant(ints(0, 0, heads, head_dim)), g.constant(ints(0, 0, heads * head_dim))
    scale = g.constant(np.float32(head_dim**-0.5))
    for n in range(config.num_hidden_layers):
        at = f"model.layers.{n}"
        y = norm(g, x, g.constant(state[f"{at}.input_layernorm.weight"], f"{at}.input_layernorm.weight"), config.rms_norm_eps)
        q, k, v = (
            g.op("Transpose", g.op("Reshape", g.op("MatMul", y, matrix(f"{at}.self_attn.{part}_proj")), split), perm=[0, 2, 1, 3])
            for part in "qkv"
        )
        q, k = rotate(g, q, cos, sin, head_dim // 2), rotate(g, k, cos, sin, head_dim // 2)
        k = g.op("Concat", f"past_key_values.{n}.key", k, axis=2, out=f"present.{n}.key")
        v = g.op("Concat", f"past_key_values.{n}.value", v, axis=2, out=f"present.{n}.value")
        scores = g.op("Mul", g.op("MatMul", q, g.op("Transpose", k, perm=[0, 1, 3, 2])), scale)
        share = g.op("Softmax", g.op("Add", scores, bias), axis=-1)
        mixed = g.op("Reshape", g.op("Transpose", g.op("MatMul", share, v), perm=[0, 2, 1, 3]), join)
        x = g.op("Add", x, g.op("MatMul", mixed, matrix(f"{at}.self_attn.o_proj")))
        y = norm(g, x, g.constant(state[f"{at}.post_attention_layernorm.weight"], f"{at}.post_attention_layernorm.weight"), config.rms_norm_eps)
        gate = g.op("MatMul", y, matrix(f"{at}.mlp.gate_proj"))
        gated = g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), g.op("MatMul", y, matrix(f"{at}.mlp.up_proj")))
        x = g.op("Add", x, g.op("MatMul", gated, matrix(f"{at}.mlp.down_proj")))
    x = norm(g, x, g.constant(state["model.norm.weight"], "model.norm.weight"), config.rms_norm_eps)
    # The head is tied to the embedding: one copy of the weights serves both.
    g.op("MatMul", x, g.op("Transpose", "model.embed_tokens.weight", perm=[1, 0]), out="logits")

    tensor, integer = TensorProto.FLOAT, TensorProto.INT64
    cache = ["batch_size", heads, "past_sequence_length", head_dim]
    present = ["batch_size", heads, "total_sequence_length", head_dim]
    pairs = [(n, part) for n in range(config.num_hidden_layers) for part in ("key", "value")]
    inputs = [
        helper.make_tensor_value_info("input_ids", integer, ["batch_size", "sequence_length"]),
        helper.make_tensor_value_info("attention_mask", integer, ["batch_size", "total_sequence_length"]),
        helper.make_tensor_value_info("position_ids", integer, ["batch_size", "sequence_length"]),
        *(helper.make_tensor_value_info(f"past_key_values.{n}.{part}", tensor, cache) for n, part in pairs),
    ]
    outputs = [
        helper.make_tensor_value_info("logits", tensor, ["batch_size", "sequence_length", config.vocab_size]),
        *(helper.make_tensor_value_info(f"present.{n}.{part}", tensor, present) for n, part in pairs),
    ]
    graph = helper.make_graph(g.nodes, "cota-nano", inputs, outputs, list(g.constants.values()))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="cota", ir_version=8)
    onnx.checker.check_model(made)
    return made


def difference(model: Llama, path: Path, length: int = 400, cut: int = 300) -> float:
    """Largest difference of logits between torch and ONNX Runtime, which is fed in two parts and one token at a time."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    config = model.config
    ids = torch.randint(0, config.vocab_size, (2, length), generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        wanted = model.eval()(ids).numpy()
    past = {f"past_key_values.{n}.{part}": np.zeros((2, config.num_attention_heads, 0, config.head_dim), np.float32)
            for n in range(config.num_hidden_layers) for part in ("key", "value")}
    worst, done = 0.0, 0
    for stop in [cut, cut + 1, cut + 2, length]:
        feed = {"input_ids": ids[:, done:stop].numpy(), "attention_mask": np.ones((2, stop), np.int64),
                "position_ids": np.tile(np.arange(done, stop, dtype=np.int64), (2, 1)), **past}
        logits, *present = session.run(None, feed)
        worst = max(worst, float(np.abs(logits - wanted[:, done:stop]).max()))
        past, done = dict(zip(past, present)), stop
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
    parser.add_argument("--vocabulary", default=".cota/data/lookup/vocabulary.json")
    parser.add_argument("--out", default="models/cota-nano")
    args = parser.parse_args()
    vocabulary = json.loads(Path(args.vocabulary).read_text())
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=False)
    if state["vocabulary"] != vocabulary["hash"]:
        raise SystemExit(f"the checkpoint's vocabulary is {state['vocabulary']}, the file's {vocabulary['hash']}")
    model, out = load(args.checkpoint), Path(args.out)
    (out / "onnx").mkdir(parents=True, exist_ok=True)
    path = out / "onnx" / "model.onnx"
    onnx.save(build(model), str(path))
    worst = difference(model, path)
    if worst > 1e-3:
        raise SystemExit(f"the exported graph differs from torch by {worst}: nothing to ship")
    config = model.config
    write(out / "config.json", {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", **config.to_dict(), "num_key_value_heads": config.num_attention_heads,
        "head_dim": config.head_dim, "hidden_act": "silu", "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False,
        "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "torch_dtype": "float32", "cota_vocabulary": vocabulary["hash"],
    })
    write(out / "generation_config.json", {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "do_sample": False, "max_new_tokens": 256})
    body, settings = tokenizer(vocabulary["tokens"], vocabulary["size"])
    write(out / "tokenizer.json", body)
    write(out / "tokenizer_config.json", settings)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    print(json.dumps({"out": str(out), "bytes": path.stat().st_size, "sha256": digest, "tokens_trained": state["tokens"], "stage": state["stage"], "largest_difference": worst}))


if __name__ == "__main__":
    main()
