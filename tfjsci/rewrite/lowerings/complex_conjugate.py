"""Conj(a + ib)  ->  Complex(a, -b), and ConjugateTranspose likewise

The runtime has neither. Of real numbers they are Identity and Transpose.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, identity, make
from tfjsci.rewrite.formulas.complex_parts import Parts, complex_of, is_complex, parts_of
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """A Neg of the imaginary part."""
    if not is_complex(node):
        return _moved(node, node.inputs[0])
    z = parts_of(node).conjugate
    return complex_of(
        Parts(real=_moved(node, z.real), imag=None if z.imag is None else _moved(node, z.imag)),
    )


def _moved(node: Subject, x: Tensor) -> Tensor:
    if node.op == "Conj":
        return identity(x)
    order, shape = node.inputs[1], node.output_shape()
    return make("Transpose", [x, order], dtype=x.dtype, shape=shape, T=DType(x.dtype), Tperm=DType(order.dtype))


LOWERING = Lowering(
    name="complex_conjugate",
    ops=("Conj", "ConjugateTranspose"),
    equation="Conj(a + ib) → a − ib",
    lower=lower,
)
