"""Slice(x, b, size of x − b)  ->  Slice(x, b, −1), and StridedSlice(x, b, size of x)  ->  StridedSlice(x, b, to the end)

where a run tells how far it reaches, but it reaches to the end: neither need ask for the size.
"""

from __future__ import annotations

import numpy as np

from tfjsci.catalog.node_view import NodeView
from tfjsci.graph.graph import Constant
from tfjsci.rewrite.formulas.cuts import strided_cuts
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept
from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.size import Number
from tfjsci.rewrite.symbolic.sizes import sizes_of


def rewrite(match: Match) -> Replacement | Declined:
    """A Slice with constant sizes, −1 where all is taken that is left."""
    sizes = sizes_of(match.graph)
    dims, counts = sizes.shape(match.tensors["x"]), sizes.value(match.tensors["size"])
    begin = match.value("begin").value.reshape(-1)
    if dims is None or counts is None:
        return Declined(reason="neither the shape nor what is taken of it is known")
    found: list[int] = []
    for n, low, count in zip(dims, begin.tolist(), counts.reshape(-1), strict=True):
        if isinstance(count, int):
            found.append(count)
        elif size.add(low, count) == n:
            found.append(-1)
        else:
            return Declined(reason=f"only a run tells where {count} of {n} end")
    return _with(match, "size", found, begin.dtype.name, {})


def rewrite_strided(match: Match) -> Replacement | Declined:
    """A StridedSlice with a constant end, which the mask leaves open where it is the dimension's."""
    view = NodeView(match.graph, match.root)
    sizes = sizes_of(match.graph)
    dims, ends = sizes.shape(match.tensors["x"]), sizes.value(match.tensors["end"])
    steps = match.value("step").value.reshape(-1).tolist()
    if dims is None or ends is None:
        return Declined(reason="neither the shape nor where it ends is known")
    places = range(len(steps))
    cuts, _ = strided_cuts(view, places, places, steps, len(dims))
    axis_of = {cut.end: axis for axis, cut in enumerate(cuts) if cut.end is not None and not cut.index}
    mask, found = view.number("end_mask", 0), []
    for place, end in enumerate(ends.reshape(-1)):
        if place not in axis_of or isinstance(end, int):
            found.append(end if isinstance(end, int) else 0)  # what isn't an end isn't read
        elif steps[place] > 0 and _reaches(end, dims[axis_of[place]]):
            mask |= 1 << place
            found.append(0)
        else:
            return Declined(reason=f"only a run tells where {end} of {dims[axis_of[place]]} ends")
    return _with(match, "end", found, match.value("begin").value.dtype.name, {"end_mask": mask})


def _reaches(end: Number, n: Number) -> bool:
    return end == n or size.is_less(end, n) is False


def _with(match: Match, name: str, numbers: list[int], dtype: str, attrs: dict[str, int]) -> Replacement | Declined:
    if match.graph.constant(match.tensors[name]) is not None:
        return Declined(reason="it is a constant already", moot=True)
    made = NewConst(name="", constant=Constant(value=np.array(numbers, dtype)))
    inputs = tuple(made if tensor == match.tensors[name] else tensor for tensor in match.root.inputs)
    return Replacement(root=NewNode(name="", op=match.root.op, inputs=inputs, attrs={**kept(match.root), **attrs}))


RULE = Rule(
    name="static_slice",
    equation="Slice(x, b, size of x - b) -> Slice(x, b, -1)",
    pattern=op("Slice", any_tensor("x"), constant("begin"), any_tensor("size"), name="slice"),
    rewrite=rewrite,
)
STRIDED = Rule(
    name="static_slice_strided",
    equation="StridedSlice(x, b, size of x) -> StridedSlice(x, b, to the end)",
    pattern=op("StridedSlice", any_tensor("x"), constant("begin"), any_tensor("end"), constant("step"), name="slice"),
    rewrite=rewrite_strided,
)

RULES = (RULE, STRIDED)
