"""FFT(x)  ->  Reshape(FFT(Reshape(x, [-1, n]))), part by part; likewise IFFT, RFFT and IRFFT

Of anything but rows, the runtime forgets the shape: on the GPU backends that of the parts, in IRFFT that of the result. wasm has
no transform at all, there the matrices take any shape.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Dim, Tensor, dims, make, product, reshape
from tfjsci.rewrite.formulas.complex_parts import PART, Parts, complex_of, part, parts_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Reshapes of real numbers: those of complex ones have the same fault."""
    x = node.inputs[0]
    if x.rank == 2 or "wasm" in node.backends:
        return Declined(reason="it has two dimensions already" if x.rank == 2 else "wasm has no transform")
    known = node.output()
    count = None if known is None or known.shape is None else known.shape[-1]
    if known is None or count is None or x.sizes[-1] is None:
        return Declined(reason="how many numbers are to be transformed isn't known before the model runs")
    around = dims(x)[:-1]
    rows = [product(around), x.sizes[-1]]
    made = make(
        node.op,
        [_reshaped(node, rows), *node.inputs[1:]],
        dtype=known.dtype,
        shape=(rows[0] if isinstance(rows[0], int) else None, count),
        **node.node.attrs,
    )
    back = [*around, count]
    if known.dtype not in PART:
        return reshape(made, back)
    return complex_of(Parts(real=reshape(part("Real", made), back), imag=reshape(part("Imag", made), back)))


def _reshaped(node: Subject, sizes: list[Dim]) -> Tensor:
    x = node.inputs[0]
    if x.dtype not in PART:
        return reshape(x, sizes)
    z = parts_of(node)
    return complex_of(Parts(real=reshape(z.real, sizes), imag=None if z.imag is None else reshape(z.imag, sizes)))


LOWERING = Lowering(
    name="fourier_as_rows",
    ops=("FFT", "IFFT", "IRFFT", "RFFT"),
    equation="FFT(x) → Reshape(FFT(Reshape(x, [-1, n])))",
    lower=lower,
)
