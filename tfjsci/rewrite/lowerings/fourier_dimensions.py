"""FFT2D(x)  ->  FFT along one dimension after the other; likewise in three, backwards, and from and to real numbers

The first of a real transform is RFFT, the last of its inverse IRFFT, along the last dimension; the others are FFT and IFFT.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, along, const, make, move
from tfjsci.rewrite.formulas.known_value import known_value
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Transposes around transforms along the last dimension."""
    x = node.inputs[0]
    count = int(node.op.removeprefix("I").removeprefix("R").removeprefix("FFT")[0])
    others = range(-count, -1)
    if node.op in ("FFT2D", "FFT3D"):
        return _along_others(_line("FFT", x), others, "FFT")
    if node.op in ("IFFT2D", "IFFT3D"):
        return _along_others(_line("IFFT", x), others, "IFFT")
    lengths = known_value(node.graph, node.node.inputs[1])
    known = node.output()
    if lengths is None or known is None:
        return Declined(reason="fft_length isn't known before the model runs")
    for axis, n in zip(others, lengths.reshape(-1)[:-1], strict=True):
        x = x if x.sizes[axis] == n else along(x, axis, 0, int(n))
    if node.op.startswith("R"):
        return _along_others(_real("RFFT", x, int(lengths[-1]), known.dtype), others, "FFT")
    return _real("IRFFT", _along_others(x, others, "IFFT"), int(lengths[-1]), known.dtype)


def _along_others(x: Tensor, axes: range, op: str) -> Tensor:
    for axis in axes:
        x = move(_line(op, move(x, axis, -1)), -1, axis)
    return x


def _line(op: str, x: Tensor) -> Tensor:
    return make(op, [x], dtype=x.dtype, shape=x.shape, Tcomplex=DType(x.dtype))


def _real(op: str, x: Tensor, length: int, dtype: str) -> Tensor:
    real, whole = (x.dtype, dtype) if op == "RFFT" else (dtype, x.dtype)
    shape = (*x.sizes[:-1], length // 2 + 1 if op == "RFFT" else length)
    lengths = const([length])
    return make(op, [x, lengths], dtype=dtype, shape=shape, Treal=DType(real), Tcomplex=DType(whole))


LOWERING = Lowering(
    name="fourier_dimensions",
    ops=("FFT2D", "FFT3D", "IFFT2D", "IFFT3D", "IRFFT2D", "IRFFT3D", "RFFT2D", "RFFT3D"),
    equation="FFT2D(x) → FFT along one dimension after the other",
    lower=lower,
)
