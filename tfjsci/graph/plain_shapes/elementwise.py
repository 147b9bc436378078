"""How large that is which is computed element by element, or along each row or channel."""

from __future__ import annotations

from tfjsci.graph.graph import Shape
from tfjsci.graph.plain_shapes.asked import Asked
from tfjsci.graph.plain_shapes.dims import Dims, merged, spread

COMPARING = frozenset({"Greater", "GreaterEqual", "Less", "LessEqual"})
BROADCASTING = COMPARING | {
    "Add", "AddV2", "Div", "FloorDiv", "FloorMod", "Maximum", "Minimum", "Mul", "Pow", "RealDiv", "SquaredDifference", "Sub",
}  # fmt: skip
UNARY = frozenset(
    {
        "Abs", "Ceil", "Cos", "Elu", "Erf", "Erfc", "Exp", "Expm1", "Floor", "Identity", "LeakyRelu", "Log", "Log1p", "Neg",
        "Reciprocal", "Relu", "Relu6", "Round", "Rsqrt", "Selu", "Sigmoid", "Sign", "Sin", "Softplus", "Softsign", "Sqrt",
        "Square", "Tanh",
    }
)  # fmt: skip


def same(asked: Asked) -> Shape:
    """One input, whose shape comes out."""
    return asked.dims[0] if len(asked.dims) == 1 else None


def rows(asked: Asked) -> Shape:
    """The same where it has a last dimension to work along."""
    return asked.dims[0] if len(asked.dims) == 1 and asked.dims[0] else None


def binary(asked: Asked) -> Shape:
    """Of two inputs that are spread over one another."""
    return spread(*asked.dims) if len(asked.dims) == 2 else None


def added(asked: Asked) -> Shape:
    """Of any number of inputs of one shape."""
    total: Dims | None = asked.dims[0]
    for dims in asked.dims[1:]:
        total = None if total is None else merged(total, dims)
    return total


def biased(asked: Asked) -> Shape:
    """Of what a vector is added to along the channels, which are last."""
    if len(asked.dims) != 2 or not asked.is_nhwc() or len(asked.dims[0]) < 2 or len(asked.dims[1]) != 1:
        return None
    last = merged(asked.dims[0][-1:], asked.dims[1])
    return None if last is None else (*asked.dims[0][:-1], *last)


def normed(asked: Asked) -> Shape:
    """Of a batch norm in use, not in training: channels last, how many is known."""
    if len(asked.dims) != 5 or asked.node.attrs.get("is_training") is not False or not asked.is_nhwc():
        return None
    image = asked.dims[0]
    if len(image) != 4 or image[3] is None or any(each != image[3:] for each in asked.dims[1:]):
        return None
    return image
