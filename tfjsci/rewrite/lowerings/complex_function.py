"""exp(a + ib)  ->  Complex(e^a cos b, e^a sin b), and the like: functions of one complex number by those of real ones"""

from __future__ import annotations

from collections.abc import Callable

from tfjsci.rewrite.build import Tensor, binary, maximum, minimum, unary, where
from tfjsci.rewrite.formulas.complex_parts import NOT_COMPLEX, Parts, complex_of, is_complex, parts_of, squared_size
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The formula of the op."""
    return complex_of(FORMULAS[node.op](parts_of(node))) if is_complex(node) else NOT_COMPLEX


def _square(z: Parts) -> Parts:
    if z.imag is None:
        return Parts(real=unary("Square", z.real))
    return Parts(real=unary("Square", z.real) - unary("Square", z.imag), imag=2 * (z.real * z.imag))


def _exp(z: Parts) -> Parts:
    size = unary("Exp", z.real)
    return Parts(real=size * unary("Cos", z.made_imag), imag=size * unary("Sin", z.made_imag))


def _log(z: Parts) -> Parts:
    return Parts(real=0.5 * unary("Log", squared_size(z)), imag=binary("Atan2", z.made_imag, z.real))


def _sqrt(z: Parts) -> Parts:
    """The larger part first: a difference of two near numbers would lose the smaller one."""
    size = unary("Sqrt", squared_size(z))
    larger = unary("Sqrt", 0.5 * (unary("Abs", z.real) + size))
    smaller = binary("DivNoNan", unary("Abs", z.made_imag), 2 * larger)
    right = z.real >= 0
    upper = where(right, smaller, larger)
    return Parts(real=where(right, larger, smaller), imag=where(z.made_imag < 0, -upper, upper))


def _rsqrt(z: Parts) -> Parts:
    root = _sqrt(z)
    size = squared_size(root)
    return Parts(real=root.real / size, imag=-root.made_imag / size)


def _sin(z: Parts) -> Parts:
    a, b = z.real, z.made_imag
    return Parts(real=unary("Sin", a) * unary("Cosh", b), imag=unary("Cos", a) * unary("Sinh", b))


def _cos(z: Parts) -> Parts:
    a, b = z.real, z.made_imag
    return Parts(real=unary("Cos", a) * unary("Cosh", b), imag=-(unary("Sin", a) * unary("Sinh", b)))


def _sinh(z: Parts) -> Parts:
    a, b = z.real, z.made_imag
    return Parts(real=unary("Sinh", a) * unary("Cos", b), imag=unary("Cosh", a) * unary("Sin", b))


def _cosh(z: Parts) -> Parts:
    a, b = z.real, z.made_imag
    return Parts(real=unary("Cosh", a) * unary("Cos", b), imag=unary("Sinh", a) * unary("Sin", b))


def _tanh(z: Parts) -> Parts:
    a = 2 * maximum(minimum(z.real, 20), -20)  # beyond, tanh is ±1 to a float, and cosh would overflow
    b = 2 * z.made_imag
    below = unary("Cosh", a) + unary("Cos", b)
    return Parts(real=unary("Sinh", a) / below, imag=unary("Sin", b) / below)


def _sigmoid(z: Parts) -> Parts:
    half = _tanh(Parts(real=0.5 * z.real, imag=0.5 * z.made_imag))
    return Parts(real=0.5 + 0.5 * half.real, imag=0.5 * half.made_imag)


def _sign(z: Parts) -> Parts:
    size = unary("Sqrt", squared_size(z))
    return Parts(real=binary("DivNoNan", z.real, size), imag=binary("DivNoNan", z.made_imag, size))


FORMULAS: dict[str, Callable[[Parts], Parts]] = {
    "Cos": _cos,
    "Cosh": _cosh,
    "Exp": _exp,
    "Log": _log,
    "Rsqrt": _rsqrt,
    "Sigmoid": _sigmoid,
    "Sign": _sign,
    "Sin": _sin,
    "Sinh": _sinh,
    "Sqrt": _sqrt,
    "Square": _square,
    "Tanh": _tanh,
}

LOWERING = Lowering(
    name="complex_function",
    ops=tuple(FORMULAS),
    equation="exp(a + ib) → eᵃ cos b + i·eᵃ sin b, and the like",
    lower=lower,
    accuracy="squares of sizes must be floats: sizes from 1e-19 to 1e19",
)
