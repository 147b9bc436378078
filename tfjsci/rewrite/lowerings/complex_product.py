"""f(a + ib, c + id)  ->  Complex(f(a, c) - f(b, d), f(a, d) + f(b, c)) for products f"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, make
from tfjsci.rewrite.formulas.complex_parts import NOT_COMPLEX, Parts, complex_of, is_complex, part_attrs, parts_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

OPS = ("BatchMatMul", "BatchMatMulV2", "Einsum", "MatMul", "Mul")


def lower(node: Subject) -> Tensor | Declined:
    """Four products, two where one side is real."""
    if not is_complex(node):
        return NOT_COMPLEX
    if len(node.inputs) != 2:
        return Declined(reason=f"of complex numbers it multiplies {len(node.inputs)} inputs, not 2")
    x, y = parts_of(node, 0), parts_of(node, 1)
    if node.op.startswith("BatchMatMul"):  # its adjoints are conjugated, MatMul's transposes aren't
        x = x.conjugate if node.flag("adj_x", False) else x
        y = y.conjugate if node.flag("adj_y", False) else y
    real = _product(node, x.real, y.real)
    if x.imag is not None and y.imag is not None:
        real = real - _product(node, x.imag, y.imag)
    crossed = [_product(node, a, b) for a, b in ((x.real, y.imag), (x.imag, y.real)) if a is not None and b is not None]
    imag = crossed[0] if len(crossed) == 1 else crossed[0] + crossed[1] if crossed else None
    return complex_of(Parts(real=real, imag=imag))


def _product(node: Subject, x: Tensor, y: Tensor) -> Tensor:
    return make(node.op, [x, y], dtype=x.dtype, shape=node.output_shape(), **part_attrs(node.node))


LOWERING = Lowering(
    name="complex_product",
    ops=OPS,
    equation="f(a + ib, c + id) → f(a, c) − f(b, d) + i·(f(a, d) + f(b, c)) for products f",
    lower=lower,
)
