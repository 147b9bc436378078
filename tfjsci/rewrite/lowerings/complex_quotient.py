"""(a + ib) / (c + id)  ->  Complex((ac + bd) / m, (bc - ad) / m) with m = c² + d²"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, binary
from tfjsci.rewrite.formulas.complex_parts import NOT_COMPLEX, Parts, complex_of, is_complex, parts_of, squared_size
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_DIVISION = {"DivNoNan": "DivNoNan"}
"""Ops whose division of real numbers isn't RealDiv."""


def lower(node: Subject) -> Tensor | Declined:
    """Products with the conjugate over |c + id|²; part by part where the divisor is real."""
    if not is_complex(node):
        return NOT_COMPLEX
    division = _DIVISION.get(node.op, "RealDiv")
    if len(node.inputs) == 1:
        z = parts_of(node)
        size = squared_size(z)
        return complex_of(
            Parts(
                real=binary(division, z.real, size),
                imag=None if z.imag is None else binary(division, -z.imag, size),
            )
        )
    x, y = parts_of(node, 0), parts_of(node, 1)
    if y.imag is None:
        return complex_of(
            Parts(
                real=binary(division, x.real, y.real),
                imag=None if x.imag is None else binary(division, x.imag, y.real),
            )
        )
    size = squared_size(y)
    real, imag = x.real * y.real, -(x.real * y.imag)
    if x.imag is not None:
        real, imag = real + x.imag * y.imag, x.imag * y.real + imag
    return complex_of(Parts(real=binary(division, real, size), imag=binary(division, imag, size)))


LOWERING = Lowering(
    name="complex_quotient",
    ops=("Div", "DivNoNan", "Inv", "RealDiv", "Reciprocal"),
    equation="(a + ib) / (c + id) → ((ac + bd) + i·(bc − ad)) / (c² + d²)",
    lower=lower,
    accuracy="a divisor's square must be a float: sizes from 1e-19 to 1e19",
)
