"""MatrixBandPart(x, lower, upper)  ->  Select(row <= column + lower and column <= row + upper, x, 0)

The mask is made of two small ranges; of sizes known beforehand it becomes a constant. A causal mask, the lower part of a
matrix that is true throughout, is the comparison alone: that matrix isn't made.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import node_of
from tfjsci.rewrite.build import Dim, Tensor, arange, both, cast, either, expand, reshape, size, tensor_of, where
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Compare, and select."""
    x, below, above = node.inputs
    true = x.rank == 2 and x.dtype == "bool" and _all_true(node)
    height, width = _filled_sizes(node) if true else (size(x, -2), size(x, -1))
    rows, columns = expand(arange(height), 1), expand(arange(width), 0)
    parts = [part for part in (_near(rows, columns, below), _near(columns, rows, above)) if part is not None]
    if not parts:
        return x
    mask = parts[0] if len(parts) == 1 else both(*parts)
    if x.dtype == "bool":
        return mask if true else both(x, mask)
    if x.rank <= 4:
        return where(mask, x, 0)
    flat = reshape(x, [-1, height, width])  # Select on the GPUs knows 4 dimensions
    return reshape(where(mask, flat, 0), [size(x, i) for i in range(x.rank)])


def _near(one: Tensor, other: Tensor, count: Tensor) -> Tensor | None:
    """Where one is at most so many above the other; None where the count is negative, which is no limit."""
    if count.value is not None:
        limit = int(count.value.reshape(()))
        return None if limit < 0 else one <= other + limit
    limit_of_run = cast(count, "int32")
    return either(limit_of_run < 0, one <= other + limit_of_run)


def _all_true(node: Subject) -> bool:
    value = node.value(0)
    if value is not None:
        return bool(value.all())
    maker = node.graph.by_name.get(node_of(node.node.inputs[0]))
    if maker is None or maker.op != "Fill":
        return False
    filling = node.graph.constant(maker.inputs[1])
    return filling is not None and bool(np.all(filling.value))


def _filled_sizes(node: Subject) -> tuple[Dim, Dim]:
    """The sizes of a Fill without asking its result."""
    x = node.inputs[0]
    maker = node.graph.by_name.get(node_of(node.node.inputs[0]))
    made_of = node.graph.by_name.get(node_of(maker.inputs[0])) if maker is not None and maker.op == "Fill" else None
    if made_of is None or made_of.op != "Pack" or len(made_of.inputs) != 2:
        return size(x, 0), size(x, 1)
    first, second = (cast(tensor_of(node.graph, tensor), "int32") for tensor in made_of.inputs)
    height, width = x.sizes
    return first if height is None else height, second if width is None else width


LOWERING = Lowering(
    name="matrix_band_part",
    ops=("MatrixBandPart",),
    equation="MatrixBandPart(x, lower, upper) → Select(row ≤ column + lower ∧ column ≤ row + upper, x, 0)",
    lower=lower,
)
