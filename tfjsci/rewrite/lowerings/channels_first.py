"""op(x), channels first  ->  channels first(op(channels last(x)))

The runtime ignores the data format of most ops, and where it reads it, wasm and cpu lack it. The transposes between two such
ops meet and cancel afterwards (the rules of the layout stage).
"""

from __future__ import annotations

from dataclasses import replace

from tfjsci.graph.graph import AttrValue, Shape, node_of
from tfjsci.rewrite.build import Tensor, element, make_many, tensor_of, transpose, vector
from tfjsci.rewrite.formulas.windows import channels_first
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept

LAST = {"NCHW": "NHWC", "NCDHW": "NDHWC"}
"""Each format with channels first -> the same with channels last."""

BY_DIMENSION = ("strides", "dilations", "ksize")
"""Attributes with a number for each dimension; ``explicit_paddings`` has two."""

SIZES_FIRST = frozenset({"Conv2DBackpropInput", "Conv3DBackpropInputV2"})
"""Ops whose inputs are the result's sizes, a kernel and an image; the others' first input is the image."""

OUTPUTS = {"FusedBatchNorm": 5, "FusedBatchNormV2": 5, "FusedBatchNormV3": 6}
"""Ops with outputs behind the image: statistics, which have no layout."""


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """Two Transposes around the op."""
    if not channels_first(node):
        return Declined(reason="its channels come last already")
    form = node.text("data_format").upper()
    if form not in LAST:
        return Declined(reason=f"the data format {form} packs channels into vectors")
    order = (0, *range(2, len(form)), 1)
    back = (0, len(form) - 1, *range(1, len(form) - 1))
    inputs = list(node.inputs)
    image = 2 if node.op in SIZES_FIRST else 0
    inputs[image] = transpose(_ranked(inputs[image], len(form)), order)
    if node.op in SIZES_FIRST:
        inputs[0] = _permuted(node, order)
    attrs: dict[str, AttrValue] = {**kept(node.node), "data_format": LAST[form].encode()}
    for name in BY_DIMENSION:
        if numbers := node.numbers(name):
            attrs[name] = tuple(numbers[axis] for axis in order)
    if around := node.numbers("explicit_paddings"):
        attrs["explicit_paddings"] = tuple(around[2 * axis + side] for axis in order for side in (0, 1))
    types = [_type(node, i) for i in range(OUTPUTS.get(node.op, 1))]
    dtype, shape = types[0]
    types[0] = dtype, tuple(shape[axis] for axis in order) if shape is not None else (None,) * len(form)
    made, *others = make_many(node.op, inputs, types, **attrs)
    return transpose(made, back), *others


def _type(node: Subject, index: int) -> tuple[str, Shape]:
    known = node.output(index)
    if known is not None:
        return known.dtype, known.shape
    return (node.dtype_attr("U") if index else None) or node.inputs[-1 if node.op in SIZES_FIRST else 0].dtype, None


def _ranked(x: Tensor, rank: int) -> Tensor:
    """The data format tells the rank where nothing else does."""
    return x if x.shape is not None else replace(x, shape=(None,) * rank)


def _permuted(node: Subject, order: tuple[int, ...]) -> Tensor:
    """The wanted sizes: constants where they are known, so that TensorFlow knows the result's shape, too."""
    sizes, shape = node.inputs[0], node.output_shape() or (None,) * len(order)
    if sizes.value is not None:
        shape = tuple(int(n) for n in sizes.value.reshape(-1))
    return vector([_one(node, axis) if (n := shape[axis]) is None else n for axis in order])


def _one(node: Subject, axis: int) -> Tensor:
    """A size that only the run knows: what was packed, where the sizes are."""
    packed = node.graph[node_of(node.node.inputs[0])]
    if packed.op == "Pack" and packed.attrs.get("axis", 0) == 0:
        return tensor_of(node.graph, packed.inputs[axis])
    return element(node.inputs[0], axis)


LOWERING = Lowering(
    name="channels_first",
    ops=(
        "Conv2D",
        "DepthwiseConv2dNative",
        "Conv2DBackpropInput",
        "Conv3D",
        "Conv3DBackpropInputV2",
        "MaxPool",
        "AvgPool",
        "MaxPool3D",
        "AvgPool3D",
        "FusedBatchNorm",
        "FusedBatchNormV2",
        "FusedBatchNormV3",
        "DepthToSpace",
        "SpaceToDepth",
    ),
    equation="op(x, NCHW) → Transpose(op(Transpose(x), NHWC))",
    lower=lower,
)
