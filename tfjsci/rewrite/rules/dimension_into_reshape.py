"""ExpandDims(Reshape(x, s), d)  ->  Reshape(x, s with a 1 at d);   Squeeze(Reshape(x, s), d)  ->  Reshape(x, s without it)

Rows that are matrices again only to be averaged as an image of height 1. And Reshape(Squeeze(Pool(x), d), s)  ->  Pool(x) where s
has the dimensions again: the squeeze of squeeze-and-excite, whose mean was made a pool.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def expanded(match: Match) -> Replacement | Declined:
    """One dimension more in the shape."""
    sizes, axis = match.value("sizes").value.tolist(), match.value("axis").value
    if axis.size != 1:
        return Declined(reason="it isn't one dimension")
    at = int(axis.reshape(()))
    at += len(sizes) + 1 if at < 0 else 0
    return _reshaped(match, [*sizes[:at], 1, *sizes[at:]])


def squeezed(match: Match) -> Replacement | Declined:
    """Fewer dimensions in the shape."""
    sizes = match.value("sizes").value.tolist()
    dims = match.root.attrs.get("squeeze_dims") or match.root.attrs.get("axis")
    gone = {int(n) % len(sizes) for n in dims if isinstance(n, int)} if isinstance(dims, tuple) else set()
    if not gone or any(sizes[axis] != 1 for axis in gone):
        return Declined(reason="which dimensions go isn't known, or one isn't of size 1")
    return _reshaped(match, [size for axis, size in enumerate(sizes) if axis not in gone])


def pooled(match: Match) -> Replacement | Declined:
    """The pool under the Reshape's name."""
    pool, sizes = match.nodes["pool"], match.value("sizes").value.tolist()
    dims, known = match.nodes["squeeze"].attrs.get("squeeze_dims"), match.graph.type_of(match.nodes["squeeze"].name)
    if known is None or known.shape is None or not isinstance(dims, tuple):
        return Declined(reason="which dimensions go isn't known")
    rank = len(known.shape) + len(dims)
    there: list[int | None] = list(known.shape)
    for axis in sorted(int(n) % rank for n in dims if isinstance(n, int)):
        there.insert(axis, 1)
    if there.count(None) > 1 or sizes != [-1 if n is None else n for n in there]:
        return Declined(reason="it has other dimensions than the pool")
    return Replacement(root=NewNode(name=match.root.name, op=pool.op, inputs=pool.inputs, attrs=kept(pool)))


def _reshaped(match: Match, sizes: list[int]) -> Replacement:
    given = match.value("sizes").value
    shape = NewConst(name="", constant=Constant(value=np.array(sizes, given.dtype)))
    attrs = kept(match.nodes["reshape"])
    return Replacement(
        root=NewNode(name=match.root.name, op="Reshape", inputs=(match.tensors["x"], shape), attrs=attrs)
    )


_RESHAPE = op("Reshape", any_tensor("x"), constant("sizes"), name="reshape")

RULES = (
    Rule(
        name="dimension_into_reshape",
        equation="ExpandDims(Reshape(x, s), d) -> Reshape(x, s with a 1 at d)",
        pattern=op("ExpandDims", _RESHAPE, constant("axis"), name="expand"),
        rewrite=expanded,
    ),
    Rule(
        name="dimension_out_of_reshape",
        equation="Squeeze(Reshape(x, s), d) -> Reshape(x, s without it)",
        pattern=op("Squeeze", _RESHAPE, name="squeeze"),
        rewrite=squeezed,
    ),
    Rule(
        name="pool_without_squeeze",
        equation="Reshape(Squeeze(Pool(x), d), s) -> Pool(x)",
        pattern=op(
            "Reshape",
            op("Squeeze", op("AvgPool|MaxPool", any_tensor("x"), name="pool"), name="squeeze"),
            constant("sizes"),
            name="reshape",
        ),
        rewrite=pooled,
    ),
)
