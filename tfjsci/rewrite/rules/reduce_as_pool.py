"""Mean(x, height and width)  ->  AvgPool(x), one window over all;   Max(x, height and width)  ->  MaxPool(x)

Global pooling, and the squeeze of squeeze-and-excite. The runtime's reductions transpose first where the channels are
last, and webgl reduces in several steps; a pool reads each value once, where it lies. A sequence [batch, steps,
channels] is a picture of height 1.
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.graph.graph import AttrValue, Constant, DType
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source

POOL_OF = {"Mean": "AvgPool", "Max": "MaxPool"}

SPATIAL = {3: [1], 4: [1, 2]}
"""The dimensions between batch and channels, by rank."""


def rewrite(match: Match) -> Replacement | Declined:
    """The pool, between an ExpandDims and a Squeeze where dimensions differ."""
    reduction = match.root
    known = match.graph.type_of(match.tensors["x"])
    if known is None or known.shape is None or len(known.shape) not in SPATIAL:
        return Declined(reason="it isn't known to be of 3 or 4 dimensions that is reduced")
    if known.dtype != "float32":
        return Declined(reason=f"it is {known.dtype}, a pool takes float32")
    rank, axes = len(known.shape), match.value("axes").value.reshape(-1)
    if sorted(int(axis) % rank for axis in axes) != SPATIAL[rank]:
        return Declined(reason="it isn't height and width that are reduced", moot=True)
    sizes = [known.shape[axis] for axis in SPATIAL[rank]]
    if None in sizes or known.shape[-1] is None:
        return Declined(reason="height, width or channels are known to the run alone")
    window = [int(size or 0) for size in sizes]
    if math.prod(window) <= 1:
        return Declined(reason="there is nothing to reduce", moot=True)
    attrs: dict[str, AttrValue] = {
        "T": reduction.attrs["T"],
        "ksize": (1, *[1] * (4 - rank), *window, 1),
        "strides": (1, 1, 1, 1),
        "padding": b"VALID",
        "data_format": b"NHWC",
    }
    if POOL_OF[reduction.op] == "MaxPool":
        attrs["explicit_paddings"] = ()
    picture: Source = match.tensors["x"]
    if rank == 3:
        picture = _expanded(match, picture)
    keeps = bool(reduction.attrs.get("keep_dims", False))
    gone = tuple(range(1, 3)) if not keeps else (1,) if rank == 3 else ()
    pool = NewNode(name="" if gone else reduction.name, op=POOL_OF[reduction.op], inputs=(picture,), attrs=attrs)
    if not gone:
        return Replacement(root=pool)
    squeezing = {"T": reduction.attrs["T"], "squeeze_dims": gone}
    return Replacement(root=NewNode(name=reduction.name, op="Squeeze", inputs=(pool,), attrs=squeezing))


def _expanded(match: Match, x: Source) -> NewNode:
    """[batch, steps, channels] as [batch, 1, steps, channels]."""
    axis = NewConst(name=f"{match.root.name}/height", constant=Constant(value=np.array(1, np.int32)))
    attrs = {"T": match.root.attrs["T"], "Tdim": DType("int32")}
    return NewNode(name="", op="ExpandDims", inputs=(x, axis), attrs=attrs)


RULE = Rule(
    name="reduce_as_pool",
    equation="Mean(x, height and width) -> AvgPool(x)",
    pattern=op("Mean|Max", any_tensor("x"), constant("axes"), name="reduction"),
    rewrite=rewrite,
    where="the sizes are known before the run",
)
