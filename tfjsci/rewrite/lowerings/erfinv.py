"""Erfinv(x)  ->  x · p(w),  w = -log((1 - x)(1 + x)); beyond w = 5: sign(x) · √w · q(1 / √w)

Ndtri(p), the quantile of the normal distribution, is √2 · Erfinv(2p - 1) with w = -log(4p(1 - p)), which stays precise where
p is tiny. p and q are polynomials, fitted to 3e-7 and 5e-7 for w up to 90.
"""

from __future__ import annotations

import math

from tfjsci.rewrite.build import Tensor, equal, maximum, polynomial, unary, where
from tfjsci.rewrite.lowering import Lowering, Subject

_NEAR = (
    1.5014091730117798, 0.24664142727851868, -0.004176258575171232, -0.0012546313228085637, 0.00021733598259743303,
    -4.094245014130138e-06, -3.185877631040057e-06, 3.156378340918309e-07,
)  # fmt: skip
"""Of w - 2.5."""
_FAR = (
    1.0008203983306885, -0.04509691521525383, -0.9685021042823792, 2.8382763862609863, -4.470071315765381,
    4.786269664764404, -2.581298828125,
)  # fmt: skip
"""Of 1 / √w."""
_BORDER = 5.0


def lower(node: Subject) -> Tensor:
    """Both polynomials, and a choice; the ends are infinite whatever a GPU's log makes of 0."""
    (given,) = node.inputs
    if node.op == "Erfinv":
        x, product, scale = given, (1 - given) * (1 + given), 1.0
    else:
        x, product, scale = 2 * given - 1, 4 * given * (1 - given), math.sqrt(2)
    w = -unary("Log", product)
    inverse_root = unary("Rsqrt", maximum(w, _BORDER))
    far = unary("Sign", x) * polynomial(inverse_root, _FAR) / inverse_root
    found = where(w < _BORDER, x * polynomial(w - _BORDER / 2, _NEAR), far)
    finite = found if scale == 1.0 else found * scale
    return where(equal(product, 0), x * math.inf, finite)


LOWERING = Lowering(
    name="erfinv",
    ops=("Erfinv", "Ndtri"),
    equation="Erfinv(x) → x · p(−log(1 − x²)), with another polynomial near ±1; Ndtri(p) → √2 · Erfinv(2p − 1)",
    lower=lower,
    accuracy="1e-6 of the value",
)
