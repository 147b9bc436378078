"""DynamicStitch(at, x)  ->  GatherV2(ConcatV2(x), where each row is)

at constant places; of rows with the same place the last one counts.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, concat, const, dims, gather, product, reshape
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Reshapes, a ConcatV2 and a GatherV2."""
    half = len(node.inputs) // 2
    places, parts = node.inputs[:half], node.inputs[half:]
    values = [each.value for each in places]
    flat = [value.reshape(-1) for value in values if value is not None]
    if len(flat) < half:
        return Declined(reason="the indices aren't constant, so that the number of rows isn't known")
    inner = dims(parts[0])[places[0].rank :]
    rows = concat([reshape(part, [product(dims(at)), *inner]) for at, part in zip(places, parts, strict=True)], 0)
    wanted = np.concatenate(flat)
    source = np.zeros(int(wanted.max(initial=-1)) + 1, np.int32)  # a row that nothing is put into may hold anything
    source[wanted] = np.arange(wanted.size)
    return gather(rows, const(source))


LOWERING = Lowering(
    name="dynamic_stitch",
    ops=("DynamicStitch", "ParallelDynamicStitch"),
    equation="DynamicStitch(at, x) → GatherV2(ConcatV2(x), where each row is)",
    lower=lower,
    limits="The indices must be constant.",
)
