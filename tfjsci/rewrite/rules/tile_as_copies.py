"""Tile(x, n times along one axis)  ->  ConcatV2(x, x, …, axis)

On wasm and cpu the runtime's Tile works out the place of each number by itself, and its Concat copies whole pieces, in a tenth
to a twentieth of the time. On webgl the former is the faster one: it is done where no GPU's backend is wanted. UpSampling1D
and 3D repeat so, UpSampling2D by what is no power of two, and RepeatVector.
"""

from __future__ import annotations

from math import prod

from tfjsci.graph.graph import DType
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source

MOST = 64
"""Copies: as many inputs are written down, and read by the runtime at each run."""

LEAST_PIECE = 4
"""Numbers that lie side by side and are copied at once: of pieces of one or two the ConcatV2 takes as long."""

LEAST = 128
"""Numbers of the result: to start the one kernel or the other takes as long as to write less."""

_DTYPES = frozenset({"float32", "int32"})


def rewrite(match: Match) -> Replacement | Declined:
    """The copies, joined."""
    root, known, times = match.root, match.graph.type_of(match.tensors["x"]), match.value("times").value.reshape(-1)
    repeated = [axis for axis, n in enumerate(times.tolist()) if n != 1]
    if len(repeated) != 1:
        return Declined(reason="more than one dimension is repeated, or none")
    (axis,) = repeated
    count = int(times[axis])
    if known is None or known.dtype not in _DTYPES or known.shape is None or len(known.shape) != len(times):
        return Declined(reason="it isn't of numbers of a known shape")
    if not 1 < count <= MOST:
        return Declined(reason=f"{count} copies are too many, or none")
    piece = known.shape[axis:]
    if any(size is None for size in piece) or prod(size or 0 for size in piece) < LEAST_PIECE:
        return Declined(reason="what lies side by side is too small, or its size isn't known")
    if count * prod(1 if size is None else size for size in known.shape) < LEAST:
        return Declined(reason="it is too small")
    attrs = {"T": root.attrs["T"], "N": count, "Tidx": DType("int32")}
    inputs: tuple[Source, ...] = (*(match.tensors["x"],) * count, new_integers(axis))
    return Replacement(root=NewNode(name=root.name, op="ConcatV2", inputs=inputs, attrs=attrs))


RULE = Rule(
    name="tile_as_copies",
    equation="Tile(x, n times along one axis) -> ConcatV2(x, x, …, axis)",
    pattern=op("Tile", any_tensor("x"), constant("times"), name="tile"),
    rewrite=rewrite,
    where="no GPU's backend is wanted",
)
