"""MaxPool(x) with what the runtime hasn't: paddings of one's own, over the channels, of whole numbers on wasm

explicit paddings   MaxPool(PadV2(x, lowest number), VALID)
over channels       Max(reshape(x, [n, h, w, c / k, k]))
whole numbers       Cast(MaxPool(Cast(x)))
MaxPoolV2           MaxPool, with the pool's constant size and strides as attributes
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import AttrValue, DType
from tfjsci.rewrite.build import Dim, Tensor, cast, dims, floor_div, make, pad_space, reduce, reshape
from tfjsci.rewrite.formulas.windows import window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Tensor | Declined:
    """One step of the four; what it makes is checked and lowered in turn."""
    x = node.inputs[0]
    if node.op == "MaxPoolV2":
        pool, strides = node.value(1), node.value(2)
        if pool is None or strides is None:
            return Declined(reason="the pool's size and strides aren't constants")
        return _pool(node, x, ksize=tuple(map(int, pool)), strides=tuple(map(int, strides)))
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    *_, over_channels = node.numbers("ksize")
    if over_channels > 1:
        batch, height, width, channels = dims(x)
        apart = reshape(x, [batch, height, width, _part(channels, over_channels), over_channels])
        return reduce("Max", apart, [4])
    if window.padding == "EXPLICIT":
        lowest = float(np.finfo(x.dtype).min) if x.floating else int(np.iinfo(x.dtype).min)
        return _pool(node, pad_space(x, window.explicit, lowest), padding=b"VALID")
    if x.integer:
        return cast(_pool(node, cast(x, "float32")), x.dtype)
    return Declined(reason="there is nothing in it that the runtime hasn't")


def _part(channels: Dim, count: int) -> Dim:
    return channels // count if isinstance(channels, int) else floor_div(channels, count)


def _pool(node: Subject, x: Tensor, **changed: AttrValue) -> Tensor:
    attrs = {**kept(node.node), "T": DType(x.dtype), "explicit_paddings": (), **changed}
    return make("MaxPool", [x], dtype=x.dtype, shape=node.output_shape(), **attrs)


LOWERING = Lowering(
    name="max_pool",
    ops=("MaxPool", "MaxPoolV2"),
    equation="MaxPool(x, EXPLICIT p) → MaxPool(PadV2(x, p, lowest), VALID)",
    lower=lower,
    accuracy="whole numbers beyond 2^24 are rounded on wasm",
)
