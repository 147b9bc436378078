"""ReverseSequence(x, lengths)  ->  GatherV2(x, where(t < length, length - 1 - t, t)), a batch at a time"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, arange, cast, expand, gather, move, reshape, size, where
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """A GatherV2 with a batch; Transposes where the batch isn't the first dimension."""
    x, lengths = node.inputs
    time = node.number("seq_dim", 1) % x.rank
    batch = node.number("batch_dim", 0) % x.rank
    first = move(x, batch, 0)
    at = time if time > batch else time + 1
    t = reshape(arange(size(x, time)), [1, -1])
    length = expand(cast(lengths, "int32"), 1)
    turned = gather(first, where(t < length, length - 1 - t, t), at, batch_dims=1)
    return move(turned, 0, batch)


LOWERING = Lowering(
    name="reverse_sequence",
    ops=("ReverseSequence",),
    equation="ReverseSequence(x, lengths) → GatherV2(x, where(t < length, length − 1 − t, t))",
    lower=lower,
)
