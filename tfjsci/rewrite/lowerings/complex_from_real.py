"""Cast(x, complex64)  ->  Complex(x, 0)

And where a Complex must stay, because something outside wants it: said, not lowered.
"""

from __future__ import annotations

from tfjsci.graph.graph import node_of, normal
from tfjsci.rewrite.build import Tensor, cast
from tfjsci.rewrite.formulas.complex_parts import NOT_COMPLEX, PART, Parts, complex_of, is_complex, parts_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """A Complex with an imaginary part of zeros."""
    if node.op == "Complex":
        return Declined(reason=_why_it_stays(node))
    target = node.dtype_attr("DstT")
    if target not in PART:
        return NOT_COMPLEX
    dtype = PART[target]
    if not is_complex(node):
        return complex_of(Parts(real=cast(node.inputs[0], dtype)))
    z = parts_of(node)
    return complex_of(Parts(real=cast(z.real, dtype), imag=None if z.imag is None else cast(z.imag, dtype)))


def _why_it_stays(node: Subject) -> str:
    if node.node.name in map(node_of, map(normal, node.graph.outputs)):
        return "an output of the model is complex: give its real and its imaginary part as two outputs"
    ops = dict.fromkeys(reader.op for reader in node.graph.readers.get(node.node.name, ()))
    return f"{', '.join(ops)} of complex numbers can't be lowered"


LOWERING = Lowering(
    name="complex_from_real",
    ops=("Cast", "Complex"),
    equation="Cast(x, complex64) → Complex(x, 0)",
    lower=lower,
)
