"""RFFT(x, n)  ->  RFFT(x[:n], n), IRFFT(x, n)  ->  IRFFT(x[:n/2 + 1], n)

The runtime ignores fft_length; TensorFlow wants no less numbers than it asks for.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, along, make
from tfjsci.rewrite.formulas.known_value import known_value
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """A Slice."""
    x = node.inputs[0]
    known = known_value(node.graph, node.node.inputs[1])
    if known is None:
        return Declined(reason="fft_length isn't known before the model runs")
    length = int(known.reshape(-1)[0])
    wanted = length if node.op == "RFFT" else length // 2 + 1
    if x.sizes[-1] == wanted:
        return Declined(reason="it has the length that fft_length asks for")
    return _of(node, along(x, -1, 0, wanted), length)


def _of(node: Subject, x: Tensor, length: int) -> Tensor:
    forward = node.op == "RFFT"
    known = node.output()
    assert known is not None
    shape = (*x.sizes[:-1], length // 2 + 1 if forward else length)
    whole = {"Treal": DType(x.dtype), "Tcomplex": DType(known.dtype)}
    half = {"Treal": DType(known.dtype), "Tcomplex": DType(x.dtype)}
    return make(node.op, [x, node.inputs[1]], dtype=known.dtype, shape=shape, **(whole if forward else half))


LOWERING = Lowering(
    name="fourier_length",
    ops=("IRFFT", "RFFT"),
    equation="RFFT(x, n) → RFFT(x[:n], n)",
    lower=lower,
)
