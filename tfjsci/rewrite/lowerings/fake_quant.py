"""FakeQuantWithMinMax(x)  ->  ⌊(clip(x) - low) / step + ½⌋ · step + low

``step``, ``low`` and ``high`` are the range moved so that 0 is one of the 2^bits values; with constant bounds they are
constants.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, binary, const, maximum, minimum, unary
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """The range from attributes or inputs (a number, or one a channel), then six ops on x."""
    x, *bounds = node.inputs
    if not bounds:
        bounds = [const(np.float32(_number(node, name, default))) for name, default in (("min", -6), ("max", 6))]
    least = 1.0 if node.flag("narrow_range", False) else 0.0
    most = 2.0 ** node.number("num_bits", 8) - 1
    low, high, step = _moved(bounds[0], bounds[1], least, most)
    inverse = binary("DivNoNan", 1, step)  # a range of 0: everything becomes 0
    steps = unary("Floor", (maximum(minimum(x, high), low) - low) * inverse + 0.5)
    return steps * step + low


def _moved(low: Tensor, high: Tensor, least: float, most: float) -> tuple[Tensor, Tensor, Tensor]:
    """The ends and the step of the range in which the value number ``zero`` stands for 0."""
    step = (high - low) / (most - least)
    wanted = least - binary("DivNoNan", low, step)
    zero = unary("Floor", minimum(maximum(wanted, least), most) + 0.5)
    return (least - zero) * step, (most - zero) * step, step


def _number(node: Subject, name: str, default: float) -> float:
    value = node.attr(name)
    return float(value) if isinstance(value, (int, float)) else default


LOWERING = Lowering(
    name="fake_quant",
    ops=("FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel"),
    equation="FakeQuantWithMinMaxVars(x) → ⌊(clip(x) − low) / step + ½⌋ · step + low",
    lower=lower,
    accuracy="a value halfway between two steps may go to the other",
)
