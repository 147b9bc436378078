"""FFT(x), IFFT(x), RFFT(x), IRFFT(x)  ->  products with matrices of cosines and sines

wasm has no transform, and no backend gives an odd number of real ones back. Of half a megabyte's worth of constants there are
few (n = 1024: 13 000 numbers); a length with a large prime factor takes more.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, cast
from tfjsci.rewrite.formulas.complex_parts import PART, Parts, complex_of, parts_of
from tfjsci.rewrite.formulas.fourier import LARGEST, Transform, real_of_half, transformed
from tfjsci.rewrite.formulas.known_value import known_value
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Between real and imaginary parts; the complex result is taken apart by whoever reads it."""
    given = node.inputs[0].sizes[-1]
    if not given:
        return Declined(reason="how many numbers are to be transformed isn't known before the model runs")
    if node.op in ("FFT", "IFFT"):
        return _whole(node, given)
    known = known_value(node.graph, node.node.inputs[1])
    if known is None:
        return Declined(reason="fft_length isn't known before the model runs")
    length = int(known.reshape(-1)[0])
    if given != (length if node.op == "RFFT" else length // 2 + 1):
        return Declined(reason=f"fft_length {length} doesn't fit the {given} numbers")
    return _forward(node, length) if node.op == "RFFT" else _backward(node, length)


def _whole(node: Subject, length: int) -> Tensor | Declined:
    x = parts_of(node)
    plan = Transform(n=length, kept=length, sign=-1, inputs=1 if x.imag is None else 2)
    return _refusal(plan) or complex_of(transformed(x, kept=length, inverse=node.op == "IFFT"))


def _forward(node: Subject, length: int) -> Tensor | Declined:
    kept = length // 2 + 1
    plan = Transform(n=length, kept=kept, sign=-1, inputs=1)
    return _refusal(plan) or complex_of(transformed(Parts(real=node.inputs[0]), kept=kept))


def _backward(node: Subject, length: int) -> Tensor | Declined:
    plan = Transform(n=length, kept=length // 2 + 1, sign=-1, inputs=1)
    wanted = node.dtype_attr("Treal") or PART[node.inputs[0].dtype]
    return _refusal(plan) or cast(real_of_half(parts_of(node), length), wanted)


def _refusal(plan: Transform) -> Declined | None:
    if plan.size <= LARGEST:
        return None
    return Declined(
        reason=f"{plan.n} has a prime factor too large: its matrix would add {plan.size * 4 >> 20} MiB to the model"
    )


LOWERING = Lowering(
    name="fourier_matrices",
    ops=("FFT", "IFFT", "IRFFT", "RFFT"),
    equation="FFT(x) → x · (cos + i·sin), in two steps for long x",
    lower=lower,
)
