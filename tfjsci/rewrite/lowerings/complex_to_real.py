"""Real(Complex(a, b))  ->  a, and what else comes out of a complex number as a real one

Real, Imag, |z|, the angle, a comparison, a size: on wasm, which has no complex numbers, and Angle everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

from tfjsci.graph.graph import node_of
from tfjsci.rewrite.build import Tensor, binary, both, cast, either, equal, make, not_equal, unary
from tfjsci.rewrite.formulas.complex_parts import (
    NOT_COMPLEX,
    Parts,
    is_complex,
    part_attrs,
    parts_of,
    squared_size,
    zeros_like,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The formula of the op on the parts that its input was made of."""
    if not any(is_complex(node, i) for i in range(len(node.inputs))):
        return NOT_COMPLEX
    if node.op in _MEASURED:
        return _measured(node)
    if node.op == "Cast":
        target = node.dtype_attr("DstT") or ""
        return Declined(reason="a complex number is cast to bool") if target == "bool" else cast(_real(node), target)
    if (
        node.op in ("Real", "Imag")
        and node.value(0) is None
        and node.graph[node_of(node.node.inputs[0])].op != "Complex"
    ):
        return Declined(reason=f"{_made_by(node)} gives complex numbers, which isn't lowered")
    return _FORMULAS[node.op]([parts_of(node, i) for i in range(len(node.inputs))])


def _made_by(node: Subject) -> str:
    made = node.graph[node_of(node.node.inputs[0])]
    return f"the input {made.name} of the model" if made.op == "Placeholder" else f"{made.op} {made.name}"


def _real(node: Subject) -> Tensor:
    return parts_of(node).real


def _measured(node: Subject) -> Tensor:
    known = node.output()
    assert known is not None
    return make(node.op, [_real(node)], dtype=known.dtype, shape=known.shape, **part_attrs(node.node))


def _angle(z: Parts) -> Tensor:
    return binary("Atan2", z.made_imag, z.real)


_MEASURED = ("Rank", "Shape", "Size")

_FORMULAS: dict[str, Callable[[list[Parts]], Tensor]] = {
    "Real": lambda z: z[0].real,
    "Imag": lambda z: zeros_like(z[0].real) if z[0].imag is None else z[0].imag,
    "ComplexAbs": lambda z: unary("Abs", z[0].real) if z[0].imag is None else unary("Sqrt", squared_size(z[0])),
    "Angle": lambda z: _angle(z[0]),
    "Equal": lambda z: both(equal(z[0].real, z[1].real), equal(z[0].made_imag, z[1].made_imag)),
    "NotEqual": lambda z: either(not_equal(z[0].real, z[1].real), not_equal(z[0].made_imag, z[1].made_imag)),
}

LOWERING = Lowering(
    name="complex_to_real",
    ops=("Cast", *_FORMULAS, *_MEASURED),
    equation="Real(Complex(a, b)) → a, ComplexAbs → √(a² + b²), Angle → atan2(b, a)",
    lower=lower,
    accuracy="of a size beyond 1e±19 the square is no float any more",
)
