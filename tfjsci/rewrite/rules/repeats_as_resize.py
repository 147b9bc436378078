"""Rows repeated n times each, then columns m times, as Keras' UpSampling2D does it  ->  ResizeNearestNeighbor(x, [n h, m w])

    Reshape(Tile(ExpandDims(Reshape(Tile(ExpandDims(x, 2), [1, 1, n, 1, 1])), 3), [1, 1, 1, m, 1]))

One kernel that copies whole pixels, where two repeat in five dimensions. n and m are powers of two: a backend that takes the
place of a pixel times 1 / n and rounds down is right of these to the last pixel.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, DType
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source
from tfjsci.rewrite.symbolic.size import Number, multiply
from tfjsci.rewrite.symbolic.sizes import sizes_of

_PLACES = {"rows": 1, "columns": 2}
_INT = DType("int32")


def rewrite(match: Match) -> Replacement | Declined:
    """The picture, resized."""
    sizes, known = sizes_of(match.graph), match.graph.type_of(match.tensors["x"])
    shape = sizes.shape(match.tensors["x"])
    if known is None or known.dtype != "float32" or shape is None or len(shape) != 4:
        return Declined(reason="it isn't a picture of floats")
    factors: list[int] = []
    for name, place in _PLACES.items():
        times = _times(match, name, place)
        if times is None:
            return Declined(reason=f"it isn't the {name} that are repeated, each by itself")
        if times & (times - 1):
            return Declined(reason=f"{times} times isn't a power of two: the place of a pixel might be rounded")
        shape = (*shape[:place], multiply(shape[place], times), *shape[place + 1 :])
        if sizes.shape(match.nodes[f"{name}/whole"].name) != shape:
            return Declined(reason=f"what is repeated isn't put behind itself among the {name}, as far as is known")
        factors.append(times)
    attrs = {"T": match.root.attrs["T"], "align_corners": False, "half_pixel_centers": False}
    inputs = (match.tensors["x"], _size(match, shape[1:3], factors))
    return Replacement(root=NewNode(name=match.root.name, op="ResizeNearestNeighbor", inputs=inputs, attrs=attrs))


def _size(match: Match, size: tuple[Number, ...], factors: list[int]) -> Source:
    """Height and width afterwards: numbers, or made of what the run says."""
    if all(isinstance(each, int) for each in size):
        return new_integers(size)
    whole = NewNode(
        name="", op="Shape", inputs=(match.tensors["x"],), attrs={"T": match.root.attrs["T"], "out_type": _INT}
    )
    ints = {"T": _INT, "Index": _INT}
    before = NewNode(name="", op="Slice", inputs=(whole, new_integers([1]), new_integers([2])), attrs=ints)
    return NewNode(name="", op="Mul", inputs=(before, new_integers(factors)), attrs={"T": _INT})


def _times(match: Match, name: str, place: int) -> int | None:
    """How often, if it is repeated along a dimension that was put behind ``place``, and along no other."""
    axis, times = match.value(f"{name}/axis").value, match.value(f"{name}/times").value
    if axis.size != 1 or int(axis.reshape(-1)[0]) % 5 != place + 1 or times.shape != (5,):
        return None
    rest: Array = np.delete(times, place + 1)
    return int(times[place + 1]) if (rest == 1).all() and times[place + 1] > 0 else None


def _repeated(x: OpPattern | None, name: str) -> OpPattern:
    before = any_tensor("x") if x is None else x
    apart = op("ExpandDims", before, constant(f"{name}/axis"), name=f"{name}/apart")
    tiled = op("Tile", apart, constant(f"{name}/times"), name=f"{name}/tiled")
    return op("Reshape", tiled, any_tensor(f"{name}/shape"), name=f"{name}/whole")


RULE = Rule(
    name="repeats_as_resize",
    equation="rows of x repeated n times, then columns m times -> ResizeNearestNeighbor(x, [n h, m w])",
    pattern=_repeated(_repeated(None, "rows"), "columns"),
    rewrite=rewrite,
    where="n and m are powers of two",
)
