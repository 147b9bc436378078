"""Pooling of every kind, and its opposite, upsampling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case
from feeds import normal, whole
from layer_case import layer

_SPACE = {1: (11,), 2: (9, 7), 3: (7, 6, 5)}


def _windowed(rank: int) -> Iterator[Case]:
    shape, first = (*_SPACE[rank], 3), (3, *_SPACE[rank])
    variants: dict[str, dict[str, Any]] = {
        "": {},
        "same": {"padding": "same"},
        "overlapping": {"pool_size": 3, "strides": 2},
        "overlapping_same": {"pool_size": 3, "strides": 2, "padding": "same"},
        "unstrided_same": {"pool_size": 3, "strides": 1, "padding": "same"},
    }
    for kind in ("Average", "Max"):
        for variant, kwargs in variants.items():
            yield layer(f"{kind}Pooling{rank}D", variant, shape, **{"pool_size": 2, **kwargs})
        for padding in ("valid", "same"):
            yield layer(
                f"{kind}Pooling{rank}D", f"channels_first_{padding}", first,
                pool_size=2, padding=padding, data_format="channels_first",
            )  # fmt: skip
    if rank == 2:
        yield layer("AveragePooling2D", "uneven", shape, pool_size=(3, 1), strides=(1, 2))
        yield layer("MaxPooling2D", "uneven", shape, pool_size=(3, 1), strides=(1, 2))
        yield layer("MaxPooling2D", "open", normal(*shape).open(0, 1), pool_size=2, padding="same")


def _whole(rank: int) -> Iterator[Case]:
    shape, first = (*_SPACE[rank], 3), (3, *_SPACE[rank])
    for kind in ("Average", "Max"):
        name = f"Global{kind}Pooling{rank}D"
        yield layer(name, "", shape)
        yield layer(name, "kept", shape, keepdims=True)
        yield layer(name, "channels_first", first, data_format="channels_first")
        adaptive = f"Adaptive{kind}Pooling{rank}D"
        yield layer(adaptive, "", shape, output_size=3)
        yield layer(adaptive, "one", shape, output_size=1)
        yield layer(adaptive, "channels_first", first, output_size=2, data_format="channels_first")
    if rank == 1:
        yield layer("GlobalAveragePooling1D", "open", normal(*shape).open(0))
    if rank == 2:
        yield layer("GlobalAveragePooling2D", "open", normal(*shape).open(0, 1))
        yield layer("AdaptiveAveragePooling2D", "uneven", shape, output_size=(3, 2))
        yield layer("AdaptiveMaxPooling2D", "dividing", (8, 6, 3), output_size=(4, 2))


def _upsampling() -> Iterator[Case]:
    yield layer("UpSampling1D", "", (5, 3), 3)
    for how in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
        yield layer("UpSampling2D", how, (5, 4, 3), (2, 3), interpolation=how)
    for how in ("nearest", "bilinear"):
        shape = (3, 5, 4)
        yield layer("UpSampling2D", f"{how}_first", shape, 2, interpolation=how, data_format="channels_first")
    yield layer("UpSampling2D", "int32", whole(0, 255, 5, 4, 3), 2)
    yield layer("UpSampling2D", "open", normal(5, 4, 3).open(0, 1), 2, interpolation="bilinear")
    yield layer("UpSampling3D", "", (3, 5, 4, 2), (1, 2, 3))
    yield layer("UpSampling3D", "channels_first", (2, 3, 5, 4), 2, data_format="channels_first")


def _all() -> Iterator[Case]:
    for rank in _SPACE:
        yield from _windowed(rank)
        yield from _whole(rank)
    yield from _upsampling()


POOLS: tuple[Case, ...] = tuple(_all())
