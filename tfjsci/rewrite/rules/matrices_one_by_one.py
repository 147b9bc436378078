"""BatchMatMulV2(x, y)  ->  Pack(BatchMatMulV2(x[:, i], y[:, i]), for each i)

The wasm backend multiplies one matrix with another in XNNPACK, and several at once, or transposed ones, in plain loops that
take ten times as long a multiplication (tfjs-backend-wasm, ``batch_mat_mul_impl.cc``). With a batch of one, a head's product is
the former. On a GPU more kernels are more to start: it is done where no GPU's backend is wanted.
"""

from __future__ import annotations

from math import prod

from tfjsci.graph.graph import AttrValue, DType
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, NewOutput, Replacement, Rule, Source, kept

MOST = 32
"""Matrices: as many kernels are started."""

LEAST = 500_000
"""Multiplications of one matrix with another: of smaller ones, cutting them out takes as long."""

_AXIS, _RANK = 1, 4


def rewrite(match: Match) -> Replacement | Declined:
    """A product for each of the second dimension, stacked again."""
    root, known = match.root, [match.graph.type_of(match.tensors[name]) for name in "xy"]
    shapes = [each.shape for each in known if each is not None and each.shape is not None]
    if len(shapes) < len(known) or any(len(shape) != _RANK for shape in shapes):
        return Declined(reason="it isn't a batch of several matrices", moot=True)
    if any(shape[0] not in (None, 1) for shape in shapes):
        return Declined(reason="the batch is larger than one, which plain loops do anyway")
    x, y = ([size for size in shape[_AXIS:] if size] for shape in shapes)
    if len(x) != _RANK - 1 or len(y) != _RANK - 1 or x[0] != y[0]:
        return Declined(reason="the sizes aren't known, or one side's matrices serve all of the other's")
    columns = y[-2 if root.attrs.get("adj_y") else -1]
    if not 1 < x[0] <= MOST or prod(x[1:]) * columns < LEAST:
        return Declined(reason="there are too many matrices, or they are too small")
    dtype: dict[str, AttrValue] = {"T": root.attrs["T"]}
    x_parts, y_parts = (
        NewNode(name="", op="Unpack", inputs=(_upright(match, side),), attrs={**dtype, "axis": _AXIS, "num": x[0]})
        for side in "xy"
    )
    attrs = {**kept(root), "adj_x": False, "adj_y": False}
    products = (
        NewNode(
            name="",
            op=root.op,
            inputs=(NewOutput(node=x_parts, index=i), NewOutput(node=y_parts, index=i)),
            attrs=attrs,
        )
        for i in range(x[0])
    )
    return Replacement(
        root=NewNode(name=root.name, op="Pack", inputs=tuple(products), attrs={**dtype, "axis": _AXIS, "N": x[0]})
    )


def _upright(match: Match, side: str) -> Source:
    """The matrices as they are multiplied: transposed here, where the op says that it does so itself."""
    tensor = match.tensors[side]
    if not match.root.attrs.get(f"adj_{side}"):
        return tensor
    attrs: dict[str, AttrValue] = {"T": match.root.attrs["T"], "Tperm": DType("int32")}
    return NewNode(name="", op="Transpose", inputs=(tensor, new_integers((0, 1, 3, 2))), attrs=attrs)


RULE = Rule(
    name="matrices_one_by_one",
    equation="BatchMatMulV2(x, y) -> Pack(BatchMatMulV2(x[:, i], y[:, i]))",
    pattern=op("BatchMatMulV2", any_tensor("x"), any_tensor("y"), name="product"),
    rewrite=rewrite,
    where="no GPU's backend is wanted, and the matrices are large",
)
