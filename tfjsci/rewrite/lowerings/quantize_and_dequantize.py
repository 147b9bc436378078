"""QuantizeAndDequantize(x)  ->  round(clip(x) · scale) / scale

``scale`` is the largest with which both ends of the range fit into the integers.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Dim, Tensor, maximum, minimum, reduce, reshape, unary, where
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_LARGEST = float(np.finfo(np.float32).max)


def lower(node: Subject) -> Tensor | Declined:
    """The range as given or as found in x, for the whole or for each slice along an axis."""
    x = node.inputs[0]
    bits = node.number_in(3) if node.op == "QuantizeAndDequantizeV3" else node.number("num_bits", 8)
    if bits is None:
        return Declined(reason="the number of bits isn't constant")
    axis = node.number("axis", -1)
    given = node.flag("range_given", False)
    if given:
        low, high = (_spread(bound, x, axis) for bound in node.inputs[1:3])
    else:
        others = [i for i in range(x.rank) if i != axis]
        low, high = (reduce(op, x, others, keep=axis >= 0) for op in ("Min", "Max"))
    scale, inverse, low, high = _fitted(low, high, _ends(node, bits))
    scaled = (maximum(minimum(x, high), low) if given else x) * scale
    half_up = node.text("round_mode") == "HALF_UP"
    return (unary("Floor", scaled + 0.5) if half_up else unary("Round", scaled)) * inverse


def _ends(node: Subject, bits: int) -> tuple[float, float]:
    """The least and the most integer."""
    if not node.flag("signed_input", True):
        return 0.0, 2.0**bits - 1
    return -(2.0 ** (bits - 1)) + node.flag("narrow_range", False), 2.0 ** (bits - 1) - 1


def _spread(bound: Tensor, x: Tensor, axis: int) -> Tensor:
    """One bound for each slice, over the others' dimensions."""
    if axis < 0:
        return bound
    sizes: list[Dim] = [-1 if i == axis else 1 for i in range(x.rank)]
    return reshape(bound, sizes)


def _fitted(low: Tensor, high: Tensor, ends: tuple[float, float]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """``scale``, its inverse, and the range that it makes: one end stays, the other follows from the integers'."""
    least, most = ends
    by_high = where(high > 0, most / high, _LARGEST)
    if least == 0:
        return by_high, high / most, low * 0, high
    by_low = where(low < 0, least / low, _LARGEST)
    low_decides = by_low < by_high
    inverse = where(low_decides, low / least, high / most)
    return (
        minimum(by_low, by_high),
        inverse,
        where(low_decides, low, inverse * least),
        where(low_decides, inverse * most, high),
    )


LOWERING = Lowering(
    name="quantize_and_dequantize",
    ops=("QuantizeAndDequantizeV2", "QuantizeAndDequantizeV3", "QuantizeAndDequantizeV4"),
    equation="QuantizeAndDequantize(x) → round(clip(x) · scale) / scale",
    lower=lower,
    limits="a number of bits that isn't constant",
    accuracy="a value halfway between two steps may go to the other",
)
