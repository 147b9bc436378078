"""Reshape(MatMul(Reshape(x, [-1, c]), w), [-1, h, v, d])  ->  Conv2D(x, w as [1, 1, c, d])

where x is [?, h, v, c]: a Dense of each pixel, as ConvNeXt has two in each block, is a convolution with a kernel of one pixel.
It is as fast as the product on wasm and webgl, and needs no Reshapes, which webgl can't do for nothing where h or v is odd.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import AttrValue, Constant, node_of
from tfjsci.rewrite.channels import made_of
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rowwise import FLOATS
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule
from tfjsci.rewrite.symbolic.sizes import sizes_of


def rewrite(match: Match) -> Replacement | Declined:
    """A convolution of the image, without what made it rows."""
    graph, root, product = match.graph, match.root, match.nodes["product"]
    kernel, rows = match.value("kernel"), graph[node_of(match.tensors["rows"])]
    if kernel.value.ndim != 2 or product.attrs.get("transpose_a") or product.attrs.get("transpose_b"):
        return Declined(reason="an operand is transposed")
    if root.attrs["T"] not in FLOATS:
        return Declined(reason="it isn't of floats")
    if rows.op != "Reshape":
        return Declined(reason="what is multiplied isn't made of pixels", moot=True)
    x = rows.inputs[0]
    sizes = sizes_of(graph)
    before, after = sizes.shape(x), sizes.shape(root.name)
    given, columns = kernel.value.shape
    if before is None or len(before) != 4 or before[-1] != given:
        return Declined(reason="what is multiplied isn't made of pixels", moot=True)
    if after != (*before[:3], columns):
        return Declined(reason="the result isn't an image of the same size")
    if graph[node_of(x)].op == "Reshape":
        return Declined(reason="what it is made of isn't an image, it is reshaped, too")
    weights = Constant(value=np.array(kernel.value.reshape(1, 1, given, columns)), sources=made_of(kernel))
    attrs: dict[str, AttrValue] = {
        "T": root.attrs["T"],
        "strides": (1, 1, 1, 1),
        "dilations": (1, 1, 1, 1),
        "padding": b"VALID",
        "data_format": b"NHWC",
        "explicit_paddings": (),
    }
    inputs = (x, NewConst(name=match.tensors["kernel"], constant=weights))
    return Replacement(root=NewNode(name=root.name, op="Conv2D", inputs=inputs, attrs=attrs))


RULE = Rule(
    name="dense_on_pixels",
    equation="Reshape(MatMul(Reshape(x, [-1, c]), w), [-1, h, v, d]) -> Conv2D(x, w)",
    pattern=op(
        "Reshape",
        op("MatMul", any_tensor("rows"), constant("kernel"), name="product"),
        any_tensor("shape"),
        name="reshape",
    ),
    rewrite=rewrite,
    where="x is an image of [?, h, v, c]",
)
