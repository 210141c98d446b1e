"""A plain PyTorch decoder whose state dict is that of Hugging Face's LlamaForCausalLM, name for name."""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Config:
    """Names and meanings are those of a Hugging Face `config.json` of model type llama."""

    vocab_size: int = 160
    hidden_size: int = 160
    intermediate_size: int = 432
    num_hidden_layers: int = 4
    num_attention_heads: int = 5
    # Heads that keys and values have; queries share them in groups. None: as many as there are of queries.
    num_key_value_heads: int | None = None
    max_position_embeddings: int = 2048
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-5
    initializer_range: float = 0.02
    tie_word_embeddings: bool = True

    def __post_init__(self) -> None:
        if self.num_key_value_heads is None:
            self.num_key_value_heads = self.num_attention_heads
        if self.hidden_size % self.num_attention_heads or self.head_dim % 2:
            raise ValueError(f"hidden_size {self.hidden_size} must give each of {self.num_attention_heads} heads an even width")
        if self.num_attention_heads % self.num_key_value_heads:
            raise ValueError(f"{self.num_attention_heads} heads cannot share {self.num_key_value_heads} heads of keys and values evenly")

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_attention_heads

    def to_dict(self) -> dict:
        return asdict(self)


class RMSNorm(nn.Module):
    def __init__(self, size: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.eps)


def rope_table(config: Config, length: int) -> tuple[Tensor, Tensor]:
    """cos and sin, each (length, head_dim), laid out in halves as Hugging Face does."""
    half = config.head_dim // 2
    freq = config.rope_theta ** (-torch.arange(0, half, dtype=torch.float32) * 2 / config.head_dim)
    angle = torch.arange(length, dtype=torch.float32)[:, None] * freq[None, :]
    angle = torch.cat([angle, angle], dim=-1)
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    left, right = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-right, left], dim=-1) * sin


class Attention(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        size, kept = config.hidden_size, config.num_key_value_heads * config.head_dim
        self.heads, self.kept_heads, self.head_dim = config.num_attention_heads, config.num_key_value_heads, config.head_dim
        self.q_proj = nn.Linear(size, size, bias=False)
        self.k_proj = nn.Linear(size, kept, bias=False)
        self.v_proj = nn.Linear(size, kept, bias=False)
        self.o_proj = nn.Linear(size, size, bias=False)

    def mix(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Causal attention before its output matrix: (batch, length, size)."""
        batch, length, size = x.shape

        def split(y: Tensor, heads: int) -> Tensor:
            return y.reshape(batch, length, heads, self.head_dim).transpose(1, 2)

        # One product for all three reads its input once.
        projections = (self.q_proj, self.k_proj, self.v_proj)
        joined = F.linear(x, torch.cat([one.weight for one in projections]))
        q, k, v = joined.split([one.out_features for one in projections], dim=-1)
        q, k, v = rotate(split(q, self.heads), cos, sin), rotate(split(k, self.kept_heads), cos, sin), split(v, self.kept_heads)
        if self.kept_heads != self.heads:
            k, v = (y.repeat_interleave(self.heads // self.kept_heads, dim=1) for y in (k, v))
        if x.device.type == "cpu":
            # In float32 on CPUs: with heads this small its kernel was a quarter to a third faster than the bfloat16 one.
            with torch.autocast("cpu", enabled=False):
                y = F.scaled_dot_product_attention(q.float(), k.float(), v.float(), is_causal=True)
        else:
            y = F.scaled_dot_product_attention(q.to(v.dtype), k.to(v.dtype), v, is_causal=True)
        return y.transpose(1, 2).reshape(batch, length, size)


class MLP(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = F.linear(x, torch.cat([self.gate_proj.weight, self.up_proj.weight])).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate) * up)


class Layer(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = MLP(config)
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, places: Tensor | None = None) -> Tensor:
        """@param places: of batch * length, the ones to go on with; the result is (places, size) then."""
        y = self.self_attn.mix(self.input_layernorm(x), cos, sin)
        if places is not None:
            x, y = x.flatten(0, 1).index_select(0, places), y.flatten(0, 1).index_select(0, places)
        x = x + self.self_attn.o_proj(y)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)


class Llama(nn.Module):
    """Inputs are (batch, length) ids, padded on the right in training."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.model = Body(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.embed_tokens.weight
        cos, sin = rope_table(config, config.max_position_embeddings)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        deep = config.initializer_range / (2 * config.num_hidden_layers) ** 0.5
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                # What is added to the residual stream starts smaller the deeper the model is (GPT-2).
                nn.init.normal_(weight, std=deep if name.endswith(("o_proj.weight", "down_proj.weight")) else config.initializer_range)

    def hidden(self, ids: Tensor, places: Tensor | None = None) -> Tensor:
        """Last hidden states, causal, without a cache: (batch, length, hidden), or (places, hidden).

        Where only some of the batch * length places are judged, the last layer's feed-forward part runs on those alone.
        """
        cos, sin = self.cos[: ids.shape[1]], self.sin[: ids.shape[1]]
        x = self.model.embed_tokens(ids)
        last = len(self.model.layers) - 1
        for n, layer in enumerate(self.model.layers):
            x = layer(x, cos, sin, places if n == last else None)
        return self.model.norm(x)

    def forward(self, ids: Tensor) -> Tensor:
        return self.lm_head(self.hidden(ids))
