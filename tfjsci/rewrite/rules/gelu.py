"""x * h * (1 + erf(x * c))  ->  u * (1 + erf(u)) * (h / c), u = x * c
x / 2 * (1 + tanh(s (x + q x³)))  ->  x * sigmoid(x (2s + 2sq x²))

GELU, exact and by its tanh approximation, in the spellings of Keras, tf.nn, BERT and torch. Of the exact one, the layer
in front takes u's factor in and the layer behind the other: three kernels are left (Erf, AddV2, Mul). The approximation
needs no power, which wasm computes one number at a time, and where 1 + tanh would cancel it is more exact.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, Constant
from tfjsci.rewrite.pattern import Match, OpPattern, Pattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule


def rewrite_exact(match: Match) -> Replacement | Declined:
    """Mul, Erf, AddV2, Mul and Mul."""
    numbers = _numbers(match, "half", "one", "inner")
    if isinstance(numbers, Declined):
        return numbers
    half, one, inner = numbers
    if match.nodes.get("halved") == match.nodes["scaled"]:
        return Declined(reason="it is that already", moot=True)
    if one != 1 or inner == 0 or not np.isfinite([half, inner, half / inner]).all():
        return Declined(reason="it isn't 1 that is added to erf, or the factors can't be divided")
    root, dtype = match.root, {"T": match.root.attrs["T"]}
    scaled = NewNode(
        name=f"{root.name}/scaled", op="Mul", inputs=(match.tensors["x"], _new(match, "inner", inner)), attrs=dtype
    )
    erf = NewNode(name=match.nodes["erf"].name, op="Erf", inputs=(scaled,), attrs=dtype)
    added = NewNode(name=f"{root.name}/add", op="AddV2", inputs=(erf, _new(match, "one", 1.0)), attrs=dtype)
    product = NewNode(name=f"{root.name}/mul", op="Mul", inputs=(scaled, added), attrs=dtype)
    return Replacement(
        root=NewNode(name=root.name, op="Mul", inputs=(product, _new(match, "half", half / inner)), attrs=dtype)
    )


def rewrite_approximate(match: Match) -> Replacement | Declined:
    """Square, Mul, AddV2, Mul, Sigmoid and Mul."""
    numbers = _numbers(match, "half", "one", "outer", "cubic")
    if isinstance(numbers, Declined):
        return numbers
    half, one, outer, cubic = numbers
    if half != 0.5 or one != 1:
        return Declined(reason="it isn't half of 1 + tanh")
    if "three" in match.tensors and not (match.value("three").value == 3).all():
        return Declined(reason="it isn't the third power")
    if "unit" in match.tensors and not (match.value("unit").value == 1).all():
        return Declined(reason="it isn't 1 that the square is added to")
    root, dtype, x = match.root, {"T": match.root.attrs["T"]}, match.tensors["x"]
    square = NewNode(name=f"{root.name}/square", op="Square", inputs=(x,), attrs=dtype)
    curved = NewNode(
        name=f"{root.name}/cubic", op="Mul", inputs=(square, _new(match, "cubic", 2 * outer * cubic)), attrs=dtype
    )
    slope = NewNode(
        name=f"{root.name}/slope", op="AddV2", inputs=(curved, _new(match, "outer", 2 * outer)), attrs=dtype
    )
    inner = NewNode(name=f"{root.name}/inner", op="Mul", inputs=(x, slope), attrs=dtype)
    gate = NewNode(name=f"{root.name}/gate", op="Sigmoid", inputs=(inner,), attrs=dtype)
    return Replacement(root=NewNode(name=root.name, op="Mul", inputs=(x, gate), attrs=dtype))


def _numbers(match: Match, *names: str) -> tuple[float, ...] | Declined:
    values = [match.value(name).value for name in names]
    if any(value.size != 1 or value.ndim or value.dtype.kind != "f" for value in values):
        return Declined(reason="its constants aren't single floats")
    return tuple(float(value) for value in values)


def _new(match: Match, name: str, number: float) -> NewConst:
    was = match.value(name).value
    value: Array = np.array(number, was.dtype)
    return NewConst(name=f"{match.root.name}/{name}", constant=Constant(value=value))


X = any_tensor("x")


def _times(a: Pattern, b: Pattern, name: str) -> OpPattern:
    return op("Mul", a, b, name=name, either_order=True)


def _plus(a: Pattern, b: Pattern, name: str) -> OpPattern:
    return op("AddV2|Add", a, b, name=name, either_order=True)


def _halved(gate: OpPattern) -> tuple[OpPattern, ...]:
    """Where the half may stand."""
    half = constant("half")
    return (
        _times(_times(X, half, "halved"), gate, "gelu"),
        _times(X, _times(half, gate, "halved"), "gelu"),
        _times(half, _times(X, gate, "gated"), "gelu"),
    )


ONE = constant("one")
ERF = op("Erf", _times(X, constant("inner"), "scaled"), name="erf")
ERF_OF_NEGATIVE = op("Erf", _times(op("Neg", X, name="negative"), constant("inner"), "scaled"), name="erf")
EXACT = (
    _plus(ONE, ERF, "gate"),
    op("Sub", ONE, ERF_OF_NEGATIVE, name="gate"),
)

SQUARE = op("Square", X, name="square")
CUBES = (op("Pow", X, constant("three"), name="cube"), _times(X, SQUARE, "cube"))
POLYNOMIALS = (
    *(_times(constant("outer"), _plus(X, _times(constant("cubic"), cube, "term"), "sum"), "z") for cube in CUBES),
    _times(
        _times(X, constant("outer"), "line"),
        _plus(constant("unit"), _times(constant("cubic"), SQUARE, "term"), "sum"),
        "z",
    ),
    _times(
        _times(X, constant("outer"), "line"),
        _plus(constant("unit"), _times(X, _times(X, constant("cubic"), "part"), "term"), "sum"),
        "z",
    ),
)

RULES = (
    *(
        Rule(
            name="gelu",
            equation="x * h * (1 + erf(x * c)) -> u * (1 + erf(u)) * (h / c), u = x * c",
            pattern=pattern,
            rewrite=rewrite_exact,
        )
        for gate in EXACT
        for pattern in _halved(gate)
    ),
    *(
        Rule(
            name="gelu_by_tanh",
            equation="x / 2 * (1 + tanh(s (x + q x³))) -> x * sigmoid(x (2s + 2sq x²))",
            pattern=pattern,
            rewrite=rewrite_approximate,
        )
        for z in POLYNOMIALS
        for pattern in _halved(_plus(ONE, op("Tanh", z, name="tanh"), "gate"))
    ),
)
