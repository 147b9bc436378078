"""Concat(x, y, axis)  ->  Reshape(Concat(Reshape(x, [before, axis, behind]), …, 1));   Pack alike

where the result has more than six dimensions, which is all that webgl writes.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Dim, Tensor, concat, dims, product, reshape
from tfjsci.rewrite.formulas.fewer_dimensions import rows_around
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 6


def lower(node: Subject) -> Tensor | Declined:
    """The concatenation of three dimensions between Reshapes."""
    tensors = [node.inputs[i] for i in _joined(node)]
    rank = tensors[0].rank + (node.op == "Pack")
    if rank <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    given = _axis(node)
    if given is None:
        return Declined(reason="the axis isn't constant")
    axis = given % rank
    sizes = _known_best(tensors)
    if node.op == "Pack":
        behind = [product(sizes[:axis]), 1, product(sizes[axis:])]
        return reshape(concat([reshape(x, behind) for x in tensors], 1), [*sizes[:axis], len(tensors), *sizes[axis:]])
    total: Dim = sum((dims(x)[axis] for x in tensors[1:]), start=dims(tensors[0])[axis])
    joined = concat([rows_around(x, axis) for x in tensors], 1)
    return reshape(joined, [*sizes[:axis], total, *sizes[axis + 1 :]])


def _joined(node: Subject) -> range:
    count = len(node.inputs)
    return {"Concat": range(1, count), "ConcatV2": range(count - 1), "Pack": range(count)}[node.op]


def _axis(node: Subject) -> int | None:
    if node.op == "Pack":
        return node.number("axis", 0)
    return node.number_in(0 if node.op == "Concat" else len(node.inputs) - 1)


def _known_best(tensors: list[Tensor]) -> list[Dim]:
    """Each size from the first tensor that tells it before the run."""
    sizes = dims(tensors[0])
    for x in tensors[1:]:
        sizes = [n if isinstance(n, int) or known is None else known for n, known in zip(sizes, x.sizes, strict=True)]
    return sizes


LOWERING = Lowering(
    name="rank_of_joins",
    ops=("Concat", "ConcatV2", "Pack"),
    equation="Concat(x, y, axis) to more than 6 dimensions → Reshape(Concat(Reshape(x, [before, axis, behind]), …, 1))",
    lower=lower,
)
