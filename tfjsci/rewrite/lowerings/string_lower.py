"""StringLower(x)  ->  StaticRegexReplace(… StaticRegexReplace(x, A, a) …, Z, z)

of ASCII letters, which is all that TensorFlow changes unless it is told that the text is UTF-8.
"""

from __future__ import annotations

from string import ascii_uppercase

from tfjsci.rewrite.build import Tensor
from tfjsci.rewrite.formulas.texts import replaced
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """26 replacements."""
    if node.text("encoding"):
        return Declined(reason=f"only ASCII letters can be changed, not those of {node.text('encoding')}")
    (x,) = node.inputs
    for letter in ascii_uppercase:
        x = replaced(x, letter.encode(), letter.lower().encode())
    return x


LOWERING = Lowering(
    name="string_lower",
    ops=("StringLower",),
    equation="StringLower(x) → 26 × StaticRegexReplace(x)",
    lower=lower,
    limits='encoding="utf-8"',
)
