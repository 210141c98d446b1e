"""Heads that look back from the first step on.

To copy on from where the same tokens stood before, a decoder first needs heads that carry each token to the place behind
it. It finds them by itself, but not before some 3,000 steps, and little is learnt until then. Here some heads of the
first layer begin as such: queries and keys are made of one dimension that all tokens share, so that a head's scores
depend on the distance alone, by its rotary frequencies, and are highest at the distance that is wished for. It is a start
and no constraint: all of it is trained on. After Trockman and Kolter, Mimetic Initialization (arXiv 2305.09828).
"""

import torch

from model import Llama

# What all tokens have in common, beside an embedding of standard deviation 0.02.
SHARED = 0.1
# Of a query's and a key's numbers along that dimension: scores of neighbouring distances differ by about 4.
STRENGTH = 1.4


@torch.no_grad()
def look_back(model: Llama, distances: tuple[int, ...]) -> None:
    """Heads of the first layer look back by `distances` tokens, one each: where several share keys, the first of them."""
    if not distances:
        return
    config, attention = model.config, model.model.layers[0].self_attn
    model.model.embed_tokens.weight[:, 0] = SHARED
    half = config.head_dim // 2
    frequencies = config.rope_theta ** (-torch.arange(half, dtype=torch.float32) * 2 / config.head_dim)
    group = config.num_attention_heads // config.num_key_value_heads
    for head, distance in enumerate(distances):
        for matrix, at, angle in ((attention.q_proj.weight, head * group, frequencies * 0), (attention.k_proj.weight, head, frequencies * distance)):
            first = at * config.head_dim
            matrix[first : first + half, 0] = STRENGTH * angle.cos()
            matrix[first + half : first + 2 * half, 0] = STRENGTH * angle.sin()
