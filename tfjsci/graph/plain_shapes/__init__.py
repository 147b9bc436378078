"""What shape TensorFlow infers of an op's first result: one table, by op.

A function takes what is known of the op's inputs and tells the same shape that TensorFlow's shape function tells, or None: then
TensorFlow must be asked. Source: tensorflow/core/framework/common_shape_fns.cc, and the ops' registrations in
tensorflow/core/ops. What they tell is held against TensorFlow in tests/tensorflow/test_plain_types.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tfjsci.graph.graph import Shape
from tfjsci.graph.plain_shapes.asked import Asked
from tfjsci.graph.plain_shapes.cut import cut, gathered
from tfjsci.graph.plain_shapes.elementwise import (
    BROADCASTING,
    UNARY,
    added,
    biased,
    binary,
    normed,
    rows,
    same,
)
from tfjsci.graph.plain_shapes.joined import joined, packed, padded
from tfjsci.graph.plain_shapes.products import product, summed
from tfjsci.graph.plain_shapes.rearranged import expanded, reduced, reshaped, sizes, squeezed, transposed
from tfjsci.graph.plain_shapes.windows import convolved, pooled

SHAPES: Mapping[str, Callable[[Asked], Shape]] = {
    **dict.fromkeys(sorted(UNARY), same),
    **dict.fromkeys(sorted(BROADCASTING), binary),
    **dict.fromkeys(("LogSoftmax", "Softmax"), rows),
    **dict.fromkeys(("Max", "Mean", "Min", "Prod", "Sum"), reduced),
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative"), convolved),
    **dict.fromkeys(("AvgPool", "MaxPool"), pooled),
    **dict.fromkeys(("BatchMatMulV2", "MatMul"), product),
    "AddN": added,
    "BiasAdd": biased,
    "Cast": same,
    "ConcatV2": joined,
    "Einsum": summed,
    "ExpandDims": expanded,
    "FusedBatchNormV3": normed,
    "GatherV2": gathered,
    "Pack": packed,
    "Pad": padded,
    "Reshape": reshaped,
    "Shape": sizes,
    "Squeeze": squeezed,
    "StridedSlice": cut,
    "Transpose": transposed,
}
