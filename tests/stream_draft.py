"""Graphs with a stream of channels, as a transformer whose norms stand in front has one; and what may stand beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from graph_draft import Draft, weights
from lowering_cases import Example

from tfjsci.graph.graph import DType, Graph, ShapeAttr

TOKENS, CHANNELS, VOCABULARY = 6, 8, 11
EPSILON = 1e-3
INT = DType("int32")


class Stream(Draft):
    """A draft with the nodes that a stream is made of."""

    def whole(self, name: str, *numbers: int) -> str:
        return self.const(name, np.array(numbers, np.int32), sources=())

    def number(self, name: str, value: int) -> str:
        return self.const(name, np.int32(value), sources=())

    def embedded(self, ids: str = "ids", *, axis: int = 0, table: str = "table") -> str:
        """[1, tokens] of numbers -> [1, tokens, channels], with positions."""
        self.op("Placeholder", ids, dtype=INT, shape=ShapeAttr((1, TOKENS)))
        if table not in self.constants:
            self.const(table, weights(VOCABULARY, CHANNELS, seed=1))
        found = self.op(
            "GatherV2", f"{ids}_found", table, ids, self.number(f"{ids}_axis", axis),
            Tparams=DType("float32"), Tindices=INT, Taxis=INT, batch_dims=0,
        )  # fmt: skip
        positions = self.const(f"{ids}_positions", weights(TOKENS, CHANNELS, seed=2))
        return self.typed("AddV2", f"{ids}_placed", found, positions)

    def rows(self, name: str, x: str) -> str:
        return self.reshaped(name, x, -1, CHANNELS)

    def reshaped(self, name: str, x: str, *sizes: int) -> str:
        return self.typed("Reshape", name, x, self.whole(f"{name}_shape", *sizes), Tshape=INT)

    def mean(self, name: str, x: str, axis: int = -1, *, keep_dims: bool = True) -> str:
        return self.typed("Mean", name, x, self.whole(f"{name}_axis", axis), keep_dims=keep_dims, Tidx=INT)

    def norm_of(self, name: str, x: str, axis: int = -1) -> str:
        """(x - m) * rsqrt(Mean((x - m)²) + epsilon), m = Mean(x): what a layer norm is made before streams are looked for."""
        apart = self.typed("Sub", f"{name}_apart", x, self.mean(f"{name}_mean", x, axis))
        spread = self.mean(f"{name}_spread", self.typed("Square", f"{name}_squares", apart), axis)
        if "epsilon" not in self.constants:
            self.const("epsilon", np.float32(EPSILON), sources=())
        inner = self.typed("AddV2", f"{name}_inner", spread, "epsilon")
        return self.typed("Mul", name, apart, self.typed("Rsqrt", f"{name}_inverse", inner))

    def dense(self, name: str, x: str, units: int = CHANNELS, width: int = CHANNELS) -> str:
        product = self.matmul(f"{name}_product", x, self.const(f"{name}_w", weights(width, units, seed=len(name))))
        return self.bias_add(name, product, self.const(f"{name}_b", weights(units, seed=7)))

    def block(self, name: str, x: str) -> str:
        """x and what two layers make of its norm."""
        inner = self.typed("Tanh", f"{name}_tanh", self.dense(f"{name}_in", self.norm_of(f"{name}_norm", x)))
        return self.typed("AddV2", name, x, self.dense(f"{name}_out", inner))


def encoder(beside: Callable[[Stream, str], str | None] | None = None, *, blocks: int = 2) -> Graph:
    """Embedded ids, blocks, a norm and a layer, on rows; ``beside`` reads the stream after the first block, as an output."""
    draft = Stream()
    x = draft.rows("rows", draft.embedded())
    outputs = []
    for i in range(blocks):
        x = draft.block(f"block{i}", x)
        if i == 0 and beside is not None and (read := beside(draft, x)):
            outputs.append(read)
    return draft.graph(draft.dense("y", draft.norm_of("last", x), 3), *outputs)


def through(move: Callable[[Stream, str], str]) -> Graph:
    """[1, tokens, channels], moved, and a norm of it."""
    draft = Stream()
    return draft.graph(draft.norm_of("y", move(draft, draft.embedded())))


def transposed(d: Stream, x: str) -> str:
    return d.typed("Transpose", "moved", x, d.whole("order", 1, 0, 2), Tperm=INT)


def joined(d: Stream, x: str) -> str:
    token = d.const("token", weights(1, 1, CHANNELS, seed=3))
    return d.op("ConcatV2", "moved", token, x, d.number("axis", 1), T=DType("float32"), Tidx=INT, N=2)


def padded(d: Stream, x: str) -> str:
    paddings = d.const("paddings", np.array([[0, 0], [1, 2], [0, 0]], np.int32))
    return d.typed("Pad", "moved", x, paddings, Tpaddings=INT)


def spread(d: Stream, x: str) -> str:
    """A class token for each example of the batch, as it is written where the batch is open."""
    token = d.op(
        "BroadcastTo", "token", d.const("one", weights(1, 1, CHANNELS, seed=3)), d.whole("sizes", 1, 2, CHANNELS),
        T=DType("float32"), Tidx=INT,
    )  # fmt: skip
    again = d.typed("Tile", "again", x, d.whole("times", 1, 2, 1), Tmultiples=INT)
    return d.op("ConcatV2", "moved", token, again, d.number("axis", 1), T=DType("float32"), Tidx=INT, N=2)


def cut_positions(d: Stream, x: str) -> str:
    """Some rows of a weight."""
    table = d.const("longer", weights(TOKENS + 3, CHANNELS, seed=9))
    rows = d.typed("Slice", "some", table, d.whole("begin", 0, 0), d.whole("size", TOKENS, -1), Index=INT)
    return d.typed("AddV2", "moved", x, rows)


def one_place(d: Stream, x: str) -> str:
    ends = [d.whole("begin", 0, 0), d.whole("end", 0, 1), d.whole("strides", 1, 1)]
    masks = {"begin_mask": 1, "end_mask": 1, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 2}
    return d.typed("StridedSlice", "moved", x, *ends, Index=INT, **masks)


def some_places(d: Stream, x: str) -> str:
    return d.typed("Slice", "moved", x, d.whole("begin", 0, 2, 0), d.whole("size", -1, 3, -1), Index=INT)


def mean_of_places(d: Stream, x: str) -> str:
    return d.mean("moved", x, 1, keep_dims=False)


def sum_of_places(d: Stream, x: str) -> str:
    return d.typed("Sum", "moved", x, d.whole("axis", 1), keep_dims=True, Tidx=INT)


def scaled(d: Stream, x: str) -> str:
    return d.typed("Mul", "moved", x, d.const("factor", np.float32(2.5)))


def scaled_by_place(d: Stream, x: str) -> str:
    return d.typed("Mul", "moved", d.const("factors", weights(TOKENS, 1)), x)


def subtracted(d: Stream, x: str) -> str:
    return d.typed("Sub", "moved", d.const("from", weights(TOKENS, CHANNELS, seed=4)), x)


def added_in_one(d: Stream, x: str) -> str:
    plus = [d.const(name, weights(1, TOKENS, CHANNELS, seed=i)) for i, name in enumerate(("plus", "more"), 4)]
    return d.op("AddN", "moved", plus[0], x, plus[1], T=DType("float32"), N=3)


def added_to_itself(d: Stream, x: str) -> str:
    return d.typed("AddV2", "moved", x, x)


def squeezed(d: Stream, x: str) -> str:
    flat = d.typed("Squeeze", "flat", x, squeeze_dims=(0,))
    return d.typed("ExpandDims", "moved", flat, d.number("at", 1), Tdim=INT)


def convolved(d: Stream, x: str) -> str:
    """The stream begins with patches, as a vision transformer's does."""
    image = d.reshaped("image", d.typed("Tanh", "bent", x), 1, 2, 3, CHANNELS)
    patches = d.conv("patches", image, d.const("kernel", weights(2, 2, CHANNELS, CHANNELS)))
    patches = d.bias_add("biased", patches, d.const("bias", weights(CHANNELS)))
    positions = d.const("positions", weights(TOKENS, CHANNELS, seed=8))
    return d.typed("AddV2", "moved", d.reshaped("tokens", patches, 1, TOKENS, CHANNELS), positions)


def per_batch(d: Stream, x: str) -> str:
    matrix = d.const("matrix", weights(CHANNELS, CHANNELS, seed=6))
    return d.typed("BatchMatMulV2", "moved", d.typed("Tanh", "bent", x), matrix, adj_x=False, adj_y=True)


MOVES = {
    move.__name__: move
    for move in (
        transposed, joined, padded, spread, cut_positions, one_place, some_places, mean_of_places, sum_of_places, scaled,
        scaled_by_place, subtracted, added_in_one, added_to_itself, squeezed, convolved, per_batch,
    )
}  # fmt: skip
"""What may stand in a stream, by name: each takes and gives one of ``CHANNELS``."""


def ids(seed: int = 0) -> dict[str, Any]:
    return {"ids": np.random.default_rng(seed).integers(0, VOCABULARY, (1, TOKENS)).astype(np.int32)}


EXAMPLES = {
    "two blocks": Example(graph=encoder(), inputs=ids(), text="two blocks"),
    **{name: Example(graph=through(move), inputs=ids(), text=name) for name, move in MOVES.items()},
}
