"""Cases of pooling, in the category convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfjsci.graph.graph import AttrValue

from .case import FLOAT, INT, OpCase, case, wave, whole


def _pool(*, k: int = 2, strides: int = 2, padding: bytes = b"VALID", **more: AttrValue) -> dict[str, Any]:
    return {
        "T": FLOAT,
        "ksize": (1, k, k, 1),
        "strides": (1, strides, strides, 1),
        "padding": padding,
        "data_format": b"NHWC",
        **more,
    }


_POOL3D: dict[str, Any] = {
    "T": FLOAT,
    "ksize": (1, 2, 2, 2, 1),
    "strides": (1, 2, 2, 2, 1),
    "padding": b"VALID",
    "data_format": b"NDHWC",
}
_POOL_NCHW: dict[str, Any] = {**_pool(), "ksize": (1, 1, 2, 2), "strides": (1, 1, 2, 2), "data_format": b"NCHW"}
_POOL3D_FIRST: dict[str, Any] = {
    **_POOL3D,
    "ksize": (1, 1, 2, 2, 2),
    "strides": (1, 1, 2, 2, 2),
    "data_format": b"NCDHW",
}

_SKIPPING: dict[str, Any] = {**_POOL3D, "ksize": (1, 1, 1, 1, 1), "padding": b"SAME"}

POOLING: tuple[OpCase, ...] = (
    case("AvgPool", wave(1, 4, 4, 2), **_pool()),
    case("AvgPool/same", wave(1, 5, 5, 2), **_pool(k=3, padding=b"SAME")),
    case("AvgPool/nchw", wave(1, 4, 4, 4), **_POOL_NCHW),
    case("MaxPool", wave(1, 4, 4, 2), **_pool(explicit_paddings=())),
    case("MaxPool/same", wave(1, 5, 5, 2), **_pool(k=3, padding=b"SAME", explicit_paddings=())),
    case("MaxPool/nchw", wave(1, 4, 4, 4), **_POOL_NCHW, explicit_paddings=()),
    case(
        "MaxPool/explicit",
        wave(1, 4, 4, 2),
        **_pool(padding=b"EXPLICIT", explicit_paddings=(0, 0, 1, 1, 1, 1, 0, 0)),
    ),
    case(
        "MaxPoolWithArgmax",
        whole(1, 4, 4, 2, low=-2, high=0).astype(np.float32),  # equal values, and none that wasm's start is below
        outputs=2,
        T=FLOAT,
        ksize=(1, 2, 2, 1),
        strides=(1, 2, 2, 1),
        padding=b"VALID",
        Targmax=INT,
        include_batch_in_index=False,
    ),
    case(
        "MaxPoolWithArgmax/value",
        wave(1, 4, 4, 2),
        T=FLOAT,
        ksize=(1, 2, 2, 1),
        strides=(1, 2, 2, 1),
        padding=b"VALID",
        Targmax=INT,
        include_batch_in_index=False,
    ),
    case("MaxPool/int32", whole(1, 4, 4, 2), **{**_pool(explicit_paddings=()), "T": INT}),
    case(
        "MaxPool/over-channels",
        wave(1, 2, 2, 4),
        **{**_pool(explicit_paddings=()), "ksize": (1, 1, 1, 2), "strides": (1, 1, 1, 2)},
    ),
    case("AvgPool3D", wave(1, 4, 4, 4, 2), **_POOL3D),
    case("AvgPool3D/same", wave(1, 5, 4, 3, 2), **{**_POOL3D, "padding": b"SAME"}),
    case("AvgPool3D/skipping", wave(1, 4, 4, 4, 2), **_SKIPPING),
    case("MaxPool3D/skipping", wave(1, 4, 4, 4, 2), **_SKIPPING),
    case("MaxPool3D/skipping-two", wave(1, 6, 6, 6, 2), **{**_SKIPPING, "strides": (1, 3, 3, 3, 1)}),
    case("MaxPool3D", wave(1, 4, 4, 4, 2, high=-1.0), **_POOL3D),
    case("AvgPool3D/ncdhw", wave(1, 2, 4, 4, 4), **_POOL3D_FIRST),
    case("MaxPool3D/ncdhw", wave(1, 2, 4, 4, 4), **_POOL3D_FIRST),
)
