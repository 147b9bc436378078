"""Everything that multiplies with a kernel, as a table: for rules that stand before such an op as well as behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from graph_draft import Draft, weights

READ, MADE = 4, 6
"""Channels of the input and of the output."""


@dataclass(frozen=True, kw_only=True)
class Weighted:
    """An op, the shapes of what it reads, and whether zeros are padded beside what it is given."""

    op: str
    x: tuple[int | None, ...]
    kernel: tuple[int, ...]
    pads: bool = False
    made: int = MADE
    attrs: dict[str, Any] = field(default_factory=dict)
    sizes: tuple[int, ...] | None = None

    def of(self, draft: Draft, x: str, name: str = "linear") -> str:
        """The op on a tensor, with a kernel called ``w``."""
        w = draft.const("w", weights(*self.kernel))
        inputs = (x, w)
        if self.sizes is not None:
            inputs = (draft.const("sizes", np.array(self.sizes, np.int32)), w, x)
        return draft.typed(self.op, name, *inputs, **self.attrs)

    def input(self, dtype: str = "float32") -> Any:
        """An x of the shape that the op asks for, with two examples."""
        shape = tuple(2 if size is None else size for size in self.x)
        return np.random.default_rng(1).normal(size=shape).astype(dtype)


def _conv(padding: str, *, strides: int = 1, spatial: int = 2, **rest: Any) -> dict[str, Any]:
    return {
        "strides": (1, *[strides] * spatial, 1),
        "dilations": (1,) * (spatial + 2),
        "padding": padding.encode(),
        "data_format": b"NHWC" if spatial == 2 else b"NDHWC",
        **({"explicit_paddings": ()} if spatial == 2 else {}),
        **rest,
    }


PICTURE = (None, 5, 6, READ)
VOLUME = (None, 4, 3, 4, READ)
AROUND = {"explicit_paddings": (0, 0, 1, 0, 2, 1, 0, 0)}

KINDS = {
    "conv valid": Weighted(op="Conv2D", x=PICTURE, kernel=(3, 2, READ, MADE), attrs=_conv("VALID")),
    "conv strided": Weighted(op="Conv2D", x=PICTURE, kernel=(3, 2, READ, MADE), attrs=_conv("VALID", strides=2)),
    "conv same": Weighted(op="Conv2D", x=PICTURE, kernel=(3, 2, READ, MADE), attrs=_conv("SAME"), pads=True),
    "conv explicit": Weighted(
        op="Conv2D", x=PICTURE, kernel=(3, 2, READ, MADE), attrs=_conv("EXPLICIT", **AROUND), pads=True
    ),
    "conv 1x1 same": Weighted(op="Conv2D", x=PICTURE, kernel=(1, 1, READ, MADE), attrs=_conv("SAME", strides=2)),
    "conv same that pads nothing": Weighted(
        op="Conv2D", x=(None, 6, 6, READ), kernel=(2, 2, READ, MADE), attrs=_conv("SAME", strides=2)
    ),
    "depthwise": Weighted(
        op="DepthwiseConv2dNative", x=PICTURE, kernel=(2, 3, READ, 2), made=2 * READ, attrs=_conv("VALID")
    ),
    "depthwise same": Weighted(
        op="DepthwiseConv2dNative", x=PICTURE, kernel=(3, 3, READ, 2), made=2 * READ, attrs=_conv("SAME"), pads=True
    ),
    "conv3d": Weighted(op="Conv3D", x=VOLUME, kernel=(2, 1, 2, READ, MADE), attrs=_conv("VALID", spatial=3)),
    "conv3d same": Weighted(
        op="Conv3D", x=VOLUME, kernel=(2, 2, 2, READ, MADE), attrs=_conv("SAME", spatial=3), pads=True
    ),
    "transposed": Weighted(
        op="Conv2DBackpropInput",
        x=PICTURE,
        kernel=(3, 3, MADE, READ),
        attrs=_conv("SAME", strides=2),
        sizes=(2, 10, 12, MADE),
        pads=True,
    ),
    "transposed 1x1": Weighted(
        op="Conv2DBackpropInput",
        x=PICTURE,
        kernel=(1, 1, MADE, READ),
        attrs=_conv("VALID"),
        sizes=(2, 5, 6, MADE),
    ),
    "matmul": Weighted(
        op="MatMul", x=(None, READ), kernel=(READ, MADE), attrs={"transpose_a": False, "transpose_b": False}
    ),
    "matmul transposed": Weighted(
        op="MatMul", x=(None, READ), kernel=(MADE, READ), attrs={"transpose_a": False, "transpose_b": True}
    ),
    "square matmul transposed": Weighted(
        op="MatMul",
        x=(None, READ),
        kernel=(READ, READ),
        made=READ,
        attrs={"transpose_a": False, "transpose_b": True},
    ),
    "product of rows": Weighted(
        op="BatchMatMulV2", x=(None, 3, READ), kernel=(READ, MADE), attrs={"adj_x": False, "adj_y": False}
    ),
    "product with a batch": Weighted(
        op="BatchMatMulV2", x=(None, 3, 2, READ), kernel=(3, READ, MADE), attrs={"adj_x": False, "adj_y": False}
    ),
    "product with a batch, transposed": Weighted(
        op="BatchMatMulV2", x=(None, 3, 2, READ), kernel=(3, MADE, READ), attrs={"adj_x": False, "adj_y": True}
    ),
}
