"""linear(x, w) + y  ->  fused(x, w, y), and activation(fused(x, w, y)) -> fused(x, w, y, activation)

where y is of the product's shape, or spread to it: what comes into a recurrent cell at each step, or goes around a layer.
The fused products of webgl, webgpu and cpu add any such tensor; wasm's throws for all but a vector, so it is done for GPUs
alone. (Of weights and a bias that are constants ``fuse_bias`` and ``fuse_activation`` do the same everywhere.)
"""

from __future__ import annotations

from tfjsci.catalog.restrictions.matrices import LONG_VECTOR
from tfjsci.graph.graph import AttrValue, DType, Graph, Node
from tfjsci.rewrite.channels import other_axis
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, kept
from tfjsci.rewrite.symbolic.sizes import sizes_of

_FLAGS = {"MatMul": ("transpose_a", "transpose_b"), "BatchMatMulV2": ("adj_x", "adj_y")}
_MOST_DIMENSIONS = 3
"""The kernels compute products of three dimensions, and what is added must not have more."""


def rewrite(match: Match) -> Replacement | Declined:
    """The product with y for its bias."""
    graph, root, product = match.graph, match.root, match.nodes["product"]
    if root.attrs.get("T") != DType("float32"):
        return Declined(reason="it isn't float32")
    constant = graph.constant(match.tensors["y"])
    if constant is not None and (constant.value.ndim != 1 or graph.constant(match.tensors["w"]) is not None):
        return Declined(reason="a constant is added: fuse_bias takes it, where it is a bias", moot=True)
    if root.op == "BiasAdd" and (reason := other_axis(root)):
        return Declined(reason=reason)
    if reason := _not_alike(graph, product, match.tensors["y"]) or _long_vector(graph, product):
        return Declined(reason=reason)
    flags = [bool(product.attrs.get(flag)) for flag in _FLAGS[product.op]]
    attrs: dict[str, AttrValue] = {
        "T": root.attrs["T"],
        "transpose_a": flags[0],
        "transpose_b": flags[1],
        "fused_ops": (b"BiasAdd",),
        "num_args": 1,
    }
    inputs = (*product.inputs[:2], match.tensors["y"])
    return Replacement(root=NewNode(name=root.name, op="_FusedMatMul", inputs=inputs, attrs=attrs))


def _not_alike(graph: Graph, product: Node, tensor: str) -> str | None:
    """Why the two aren't known to be of one shape that the kernels take."""
    sizes = sizes_of(graph)
    shape, added = sizes.shape(product.name), sizes.shape(tensor)
    if shape is None or added is None or len(added) > len(shape):
        return "what is added isn't known to be of the product's shape, or to be spread to it"
    lined_up = zip(added[::-1], shape[::-1], strict=False)
    if any(size not in (1, wanted) for size, wanted in lined_up):
        return "what is added isn't known to be of the product's shape, or to be spread to it"
    if len(shape) > _MOST_DIMENSIONS:
        return f"the product has {len(shape)} dimensions: the kernels add to {_MOST_DIMENSIONS}"
    return None


def _long_vector(graph: Graph, product: Node) -> str | None:
    """Of a long vector webgl makes a plain product in other kernels, which are faster."""
    sizes = sizes_of(graph)
    shape, operand = sizes.shape(product.name), sizes.shape(product.inputs[0])
    assert shape is not None
    if operand is None:
        return "its sizes aren't known"
    inner = operand[-2 if any(product.attrs.get(flag) for flag in ("transpose_a", "adj_x")) else -1]
    rows, columns = shape[-2:]
    one = not isinstance(rows, int) or rows == 1 or columns == 1
    if one and (not isinstance(inner, int) or inner > LONG_VECTOR):
        return f"it may be a product with a vector of more than {LONG_VECTOR} numbers"
    return None


def rewrite_activation(match: Match) -> Replacement | Declined:
    """One more entry in fused_ops."""
    fused, activation = match.nodes["fused"], match.root
    if fused.attrs.get("fused_ops") != (b"BiasAdd",):
        return Declined(reason=f"something is fused already: {fused.attrs.get('fused_ops')!r}")
    if all(match.graph.constant(tensor) is not None for tensor in fused.inputs[1:3]):
        return Declined(reason="its weights are constants: fuse_activation takes it", moot=True)
    attrs = {**kept(fused), "fused_ops": (b"BiasAdd", activation.op.encode())}
    if activation.op == "LeakyRelu":
        attrs["leakyrelu_alpha"] = activation.attrs.get("alpha", 0.2)
    return Replacement(root=NewNode(name=activation.name, op=fused.op, inputs=fused.inputs, attrs=attrs))


RULES = (
    Rule(
        name="sum_as_bias",
        equation="linear(x, w) + y -> fused(x, w, y)",
        pattern=op(
            "AddV2|Add|BiasAdd",
            op("MatMul|BatchMatMulV2", any_tensor("x"), any_tensor("w"), name="product"),
            any_tensor("y"),
            name="sum",
            either_order=True,
        ),
        rewrite=rewrite,
        where="linear is a product, y is of its shape or spread to it, and no wasm is wanted",
    ),
    Rule(
        name="sum_as_bias_with_activation",
        equation="activation(fused(x, w, y)) -> fused(x, w, y, activation)",
        pattern=op("Relu|Relu6|Elu|Sigmoid|LeakyRelu", op("_FusedMatMul", name="fused"), name="activation"),
        rewrite=rewrite_activation,
        where="it is Relu, Relu6, Elu, Sigmoid or LeakyRelu, and no wasm is wanted",
    ),
)
