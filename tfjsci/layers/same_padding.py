"""Padding "same" where TensorFlow.js pads alike; elsewhere "valid", with zeros put around by a layer of its own.

Along a dimension "same" needs (places - 1) stride + kernel - size zeros. Below 0 the kernel skips values. In images and
sequences nothing is padded then: that is "valid", and convolutions of wasm give zeros where they are told "same". In volumes
TensorFlow begins later, and TensorFlow.js elsewhere (docs/ops.md): that is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.layers.refused import RefusedError
from tfjsci.layers.sketch import Symbol

Pads = list[list[int]]


def settled(
    x: Symbol, kernel: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> tuple[str, Pads | None]:
    """``("same", None)``, ``("valid", None)``, or ``("valid", zeros before and after along each dimension)``.

    Raises ``RefusedError`` where it depends on a size that isn't known.
    """
    space = (x.shape or ())[1:-1]
    never_below = all(_reach(k, d) >= s for k, s, d in zip(kernel, strides, dilation, strict=True))
    if never_below:
        return "same", None
    if all(k == 1 for k in kernel) and len(kernel) < 3:
        return "valid", None
    if len(space) != len(kernel) or any(size is None for size in space):
        raise RefusedError("its padding is same and its strides skip values, which needs an input whose shape is known")
    zeros = [
        (-(-size // s) - 1) * s + _reach(k, d) - size
        for size, k, s, d in zip(space, kernel, strides, dilation, strict=True)
        if size is not None
    ]
    if all(each >= 0 for each in zeros):
        return "same", None
    if len(kernel) == 3:
        raise RefusedError(
            "its padding is same and its strides skip values, where TensorFlow.js begins elsewhere than Keras"
        )
    if all(each <= 0 for each in zeros):
        return "valid", None
    return "valid", [[max(each, 0) // 2, max(each, 0) - max(each, 0) // 2] for each in zeros]


def _reach(kernel: int, dilation: int) -> int:
    return 1 + (kernel - 1) * dilation
