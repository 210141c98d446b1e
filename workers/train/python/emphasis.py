"""Loss factors of cota-nano 0, whose shards do not carry them: `choice_weight` of the recipe, 1 leaves weights alone."""

import torch

# Ids of the vocabulary of cota-nano 0.
END, TURN, QUOTE, OTHER, TAB, FIRST_GLYPH = 2, 7, 8, 11, 13, 64


def emphasis(x: torch.Tensor, most: float) -> torch.Tensor:
    """Factor of each next token's weight, (batch, length - 1): more where a row is chosen, or whether there is one.

    Copying is most of what is said and soon learnt; a row is chosen in the first glyphs of a quote, what comes next
    where one ends, and a turn that begins without a quote says that nothing fits.
    """
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
