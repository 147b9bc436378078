"""Upstream's own codes. The golden ones were made by ``tensorflowjs.quantization.quantize_weights`` 4.22.0 under NumPy 2.1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tfjsci.dtypes import SchemeName
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import Scheme

AROUND = [-1.0, -0.3, 0.0, 0.2, 0.55, 1.7]
SHORT_BELOW = [-0.0059, 0.0, 0.25, 0.5, 1.0, 0.333]
BELOW = [-9.0, -1.0, -2.0, -3.3, -8.7, -4.4]


@pytest.mark.parametrize(
    ("value", "name", "codes", "scale", "minimum"),
    [
        (AROUND, "uint8", [0, 66, 94, 113, 146, 255], 0.010588235481112611, -0.9952941352245854),
        (AROUND, "uint16", [0, 16990, 24272, 29126, 37622, 65535], 4.11993598486872e-05, -0.9999908622473358),
        (SHORT_BELOW, "uint8", [0, 1, 64, 128, 255, 85], 0.003944705883223636, -0.003944705883223636),
        (SHORT_BELOW, "uint16", [0, 384, 16672, 32959, 65535, 22079], 1.534905012927485e-05, -0.005894035249641542),
        (BELOW, "uint8", [0, 255, 223, 182, 10, 147], 0.03137254901960784, -9.0),
        ([0.1, 0.1, 0.1], "uint16", [0, 0, 0], 1.0, 0.10000000149011612),
    ],
)
def test_to_the_last_bit(value: Any, name: SchemeName, codes: Any, scale: float, minimum: float) -> None:
    weight = quantize_weight(np.array(value, np.float32), Scheme(name=name, exact_upstream=True), axes=())
    assert (weight.codes.tolist(), weight.scale.item(), weight.offset.item()) == (codes, scale, minimum)


def test_ours_reaches_further_at_the_same_bytes() -> None:
    """Upstream's range ends short of -0.0059, and of 1.7; ours doesn't, unless cutting costs less."""
    value = np.array(SHORT_BELOW, np.float32)
    errors = [
        np.square(quantize_weight(value, scheme, axes=()).values() - value).sum()
        for scheme in (Scheme(name="uint8"), Scheme(name="uint8", exact_upstream=True))
    ]
    assert errors[0] < errors[1]
