"""The ONNX graph of a decoder, built node by node, so that the same weights give the same bytes.

Inputs input_ids (batch, sequence), attention_mask (batch, total), past_key_values.N.{key,value} (batch, kv heads, past,
head dim); outputs logits (batch, sequence, vocabulary), present.N.{key,value}: the names of the Hugging Face ONNX layout.
Attention is com.microsoft.GroupQueryAttention, which turns queries and keys itself and, where past and present are one
buffer, appends in place. The mask says how long each sequence is: rows are padded on the right, in the mask as in the
past. There are no position_ids: the kernel counts them from the lengths.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
# Of the weights that share a scale as 8-bit integers.
BLOCK = 32
MICROSOFT = "com.microsoft"


class Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self.count = 0

    def constant(self, value, name: str) -> str:
        self.constants.setdefault(name, numpy_helper.from_array(np.asarray(value), name))
        return name

    def op(self, kind: str, *inputs: str, outputs: list[str] | None = None, domain: str = "", **attributes) -> str:
        self.count += 1
        outputs = outputs or [f"{kind.lower()}_{self.count}"]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, name=f"{kind}_{self.count}", domain=domain, **attributes))
        return outputs[0]


def layout(config) -> tuple[int, int, int]:
    """Heads of queries, heads of keys and values, and the size of one head."""
    heads = config.num_attention_heads
    kv_heads = getattr(config, "num_key_value_heads", None) or heads
    return heads, kv_heads, getattr(config, "head_dim", None) or config.hidden_size // heads


def rope(config) -> tuple[np.ndarray, np.ndarray]:
    """cos and sin of each position, (positions, head dim / 2)."""
    half = layout(config)[2] // 2
    freq = config.rope_theta ** (-np.arange(half, dtype=np.float32) * 2 / (2 * half))
    angle = np.arange(config.max_position_embeddings, dtype=np.float32)[:, None] * freq[None, :].astype(np.float32)
    return np.cos(angle), np.sin(angle)


def multiply(g: Graph, x: str, name: str, weights: np.ndarray, int8: bool, out: str | None = None) -> str:
    """x times weights (out, in). As 8-bit integers each stretch of BLOCK weights has a scale, and so has each stretch of
    each row of x: a sequence's numbers never depend on what else is in its batch, as they would with one scale for all."""
    outputs = [out] if out else None
    if not int8:
        # torch keeps (out, in); MatMul wants (in, out).
        return g.op("MatMul", x, g.constant(np.ascontiguousarray(weights.T), f"{name}.weight_t"), outputs=outputs)
    rows, width = weights.shape
    blocks = -(-width // BLOCK)
    padded = np.zeros((rows, blocks * BLOCK), dtype=np.float32)
    padded[:, :width] = weights
    cut = padded.reshape(rows, blocks, BLOCK)
    scale = np.maximum(np.abs(cut).max(-1), 1e-12).astype(np.float32) / np.float32(127)
    whole = (np.rint(cut / scale[..., None]) + 128).astype(np.uint8)
    return g.op(
        "MatMulNBits", x, g.constant(whole, f"{name}.weight_q8"), g.constant(scale, f"{name}.weight_scale"),
        outputs=outputs, domain=MICROSOFT, K=width, N=rows, bits=8, block_size=BLOCK, accuracy_level=4,
    )


def build(config, state: dict[str, np.ndarray], int8: bool = False) -> onnx.ModelProto:
    """`state`: float32 arrays by the names of Hugging Face's LlamaForCausalLM; without lm_head the embedding is the head.
    With `int8` the weights of all matrices are 8-bit integers, 9 bits with their scales."""
    g = Graph()
    heads, kv_heads, head_dim = layout(config)

    def project(y: str, name: str, *parts: str) -> str:
        # Matrices that read the same input are one, side by side.
        return multiply(g, y, name, np.concatenate([state[f"{part}.weight"] for part in parts], axis=0), int8)

    def weight(name: str) -> str:
        return g.constant(state[f"{name}.weight"], f"{name}.weight")

    one = g.constant(np.array([1], dtype=np.int64), "one")
    lengths = g.op("ReduceSum", "attention_mask", one, keepdims=0)
    seqlens = g.op("Cast", g.op("Sub", lengths, one), to=TensorProto.INT32)
    total = g.op("Gather", g.op("Shape", "attention_mask"), g.constant(np.int64(1), "axis"), axis=0)
    total = g.op("Cast", total, to=TensorProto.INT32)
    turns = rope(config)
    cos, sin = g.constant(turns[0], "rope.cos"), g.constant(turns[1], "rope.sin")

    x = g.op("Gather", weight("model.embed_tokens"), "input_ids", axis=0)
    eps = float(config.rms_norm_eps)
    y = g.op("SimplifiedLayerNormalization", x, weight("model.layers.0.input_layernorm"), epsilon=eps, axis=-1, stash_type=1)
    for n in range(config.num_hidden_layers):
        at = f"model.layers.{n}"
        qkv = project(y, f"{at}.self_attn.qkv_proj", *(f"{at}.self_attn.{part}_proj" for part in "qkv"))
        mixed = g.op(
            "GroupQueryAttention", qkv, "", "", f"past_key_values.{n}.key", f"past_key_values.{n}.value", seqlens, total, cos, sin,
            outputs=[f"attention_{n}", f"present.{n}.key", f"present.{n}.value"], domain=MICROSOFT,
            num_heads=heads, kv_num_heads=kv_heads, do_rotary=1, rotary_interleaved=0, scale=float(head_dim**-0.5), local_window_size=-1,
        )
        mixed = project(mixed, f"{at}.self_attn.o_proj", f"{at}.self_attn.o_proj")
        y, x = add_and_norm(g, x, mixed, weight(f"{at}.post_attention_layernorm"), eps, f"attended_{n}")
        gate = project(y, f"{at}.mlp.gate_proj", f"{at}.mlp.gate_proj")
        up = project(y, f"{at}.mlp.up_proj", f"{at}.mlp.up_proj")
        gated = g.op("Mul", g.op("QuickGelu", gate, domain=MICROSOFT, alpha=1.0), up)
        down = project(gated, f"{at}.mlp.down_proj", f"{at}.mlp.down_proj")
        last = n + 1 == config.num_hidden_layers
        following = "model.norm" if last else f"model.layers.{n + 1}.input_layernorm"
        y, x = add_and_norm(g, x, down, weight(following), eps, f"layer_{n}")
    if "lm_head.weight" in state or int8:
        multiply(g, y, "lm_head", state.get("lm_head.weight", state["model.embed_tokens.weight"]), int8, "logits")
    else:
        # One copy of the weights serves both ends.
        g.op("MatMul", y, g.op("Transpose", "model.embed_tokens.weight", perm=[1, 0]), outputs=["logits"])
    return finish(g, config)


def add_and_norm(g: Graph, x: str, more: str, weight: str, eps: float, name: str) -> tuple[str, str]:
    """The norm of a sum, and the sum itself, in one node."""
    g.op("SkipSimplifiedLayerNormalization", x, more, weight, outputs=[f"{name}.norm", "", "", f"{name}.sum"], domain=MICROSOFT, epsilon=eps)
    return f"{name}.norm", f"{name}.sum"


def finish(g: Graph, config) -> onnx.ModelProto:
    _, kv_heads, head_dim = layout(config)
    tensor, integer = TensorProto.FLOAT, TensorProto.INT64
    pairs = [(n, part) for n in range(config.num_hidden_layers) for part in ("key", "value")]
    cache = {what: ["batch_size", kv_heads, f"{what}_sequence_length", head_dim] for what in ("past", "total")}
    inputs = [
        helper.make_tensor_value_info("input_ids", integer, ["batch_size", "sequence_length"]),
        helper.make_tensor_value_info("attention_mask", integer, ["batch_size", "total_sequence_length"]),
        *(helper.make_tensor_value_info(f"past_key_values.{n}.{part}", tensor, cache["past"]) for n, part in pairs),
    ]
    outputs = [
        helper.make_tensor_value_info("logits", tensor, ["batch_size", "sequence_length", config.vocab_size]),
        *(helper.make_tensor_value_info(f"present.{n}.{part}", tensor, cache["total"]) for n, part in pairs),
    ]
    graph = helper.make_graph(g.nodes, "decoder", inputs, outputs, list(g.constants.values()))
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(graph, opset_imports=opsets, producer_name="cota", ir_version=8)
