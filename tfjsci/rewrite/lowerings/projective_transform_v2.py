"""ImageProjectiveTransformV2(images, t, size)  ->  ImageProjectiveTransformV3(images, t, size, 0)"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, const
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import NewNode


def lower(node: Subject) -> Tensor:
    """The same with a fill value, which the runtime has."""
    images = node.inputs[0]
    inputs = tuple(tensor.source for tensor in (*node.inputs, const(0.0)))
    made = NewNode(name="", op="ImageProjectiveTransformV3", inputs=inputs, attrs=node.node.attrs)
    return Tensor(source=made, dtype=images.dtype, shape=node.output_shape())


LOWERING = Lowering(
    name="projective_transform_v2",
    ops=("ImageProjectiveTransformV2",),
    equation="ImageProjectiveTransformV2(images, t, size) → ImageProjectiveTransformV3(images, t, size, 0)",
    lower=lower,
)
