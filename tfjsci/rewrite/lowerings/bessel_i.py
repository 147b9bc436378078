"""BesselI0e(x), BesselI1e(x)  ->  e^-|x| · p((x / 3.75)²); beyond 3.75: q(3.75 / |x|) / √|x|

BesselI0 and BesselI1 are these times e^|x|. The polynomials are those of Abramowitz and Stegun, 9.8.1 to 9.8.4.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, maximum, minimum, polynomial, unary, where
from tfjsci.rewrite.lowering import Lowering, Subject

_BORDER = 3.75
_NEAR = {
    "0": (1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813),
    "1": (0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411),
}
"""Of (x / 3.75)²; I1's is divided by x."""
_FAR = {
    "0": (
        0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377,
    ),
    "1": (
        0.39894228, -0.03988024, -0.00362018, 0.00163801, -0.01031555, 0.02282967, -0.02895312, 0.01787654, -0.00420059,
    ),
}  # fmt: skip
"""Of 3.75 / |x|."""


def lower(node: Subject) -> Tensor:
    """Both polynomials, and a choice; I1 is odd."""
    (x,) = node.inputs
    order, scaled = node.op[7], node.op.endswith("e")
    size = unary("Abs", x)
    near = polynomial(unary("Square", minimum(size, _BORDER) / _BORDER), _NEAR[order]) * unary("Exp", -size)
    beyond = maximum(size, _BORDER)
    far = polynomial(_BORDER / beyond, _FAR[order]) * unary("Rsqrt", beyond)
    value = where(size < _BORDER, near if order == "0" else near * size, far)
    if not scaled:
        growth = unary("Exp", size * 0.5)  # in two steps, as e^|x| alone overflows before the product does
        value = value * growth * growth
    return value if order == "0" else value * unary("Sign", x)


LOWERING = Lowering(
    name="bessel_i",
    ops=("BesselI0", "BesselI0e", "BesselI1", "BesselI1e"),
    equation="BesselI0e(x) → e^−|x| · p(x²); beyond 3.75: q(1 / |x|) / √|x|; I0, I1, I1e likewise",
    lower=lower,
    accuracy="1e-6 of the value",
)
