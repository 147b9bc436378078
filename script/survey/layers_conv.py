"""Convolutions of every kind and rank; the spatial sizes differ from each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case
from feeds import normal
from layer_case import layer

_SPACE = {1: (11,), 2: (9, 7), 3: (7, 6, 5)}
_CHANNELS = 4


def _plain(rank: int) -> Iterator[Case]:
    name, shape = f"Conv{rank}D", (*_SPACE[rank], _CHANNELS)
    variants: dict[str, dict[str, Any]] = {
        "valid": {},
        "same": {"padding": "same", "activation": "relu"},
        "no_bias": {"use_bias": False},
        "strided": {"strides": 2},
        "strided_same": {"strides": 2, "padding": "same"},
        "dilated": {"dilation_rate": 2},
        "dilated_same": {"dilation_rate": 2, "padding": "same"},
        "groups": {"groups": 2},
        "depthwise_by_groups": {"groups": _CHANNELS, "filters": 8},
        "pointwise": {"kernel_size": 1},
        "even_kernel": {"kernel_size": 2, "padding": "same"},
        "mixed_float16": {"dtype": "mixed_float16"},
        "swish": {"activation": "swish"},
        "gelu": {"activation": "gelu"},
        "leaky": {"activation": "leaky_relu"},
        "open": {"padding": "same"},
    }
    if rank == 1:
        variants["causal"] = {"padding": "causal", "dilation_rate": 2}
        variants["causal_strided"] = {"padding": "causal", "strides": 2}
    if rank == 2:
        variants["strides_differ"] = {"strides": (2, 1), "padding": "same"}
        variants["kernel_differs"] = {"kernel_size": (1, 3)}
        variants["dilation_differs"] = {"dilation_rate": (1, 2)}
        variants["groups_strided_same"] = {"groups": 2, "strides": 2, "padding": "same"}
    for variant, kwargs in variants.items():
        feed = normal(*shape).open(*range(rank)) if variant == "open" else shape
        yield layer(name, variant, feed, **{"filters": 6, "kernel_size": 3, **kwargs})
    first = (_CHANNELS, *_SPACE[rank])
    yield layer(name, "channels_first", first, 6, 3, data_format="channels_first")
    yield layer(name, "channels_first_same", first, 6, 3, strides=2, padding="same", data_format="channels_first")


def _transposed(rank: int) -> Iterator[Case]:
    name, shape = f"Conv{rank}DTranspose", (*_SPACE[rank], _CHANNELS)
    variants: dict[str, dict[str, Any]] = {
        "valid": {},
        "same": {"padding": "same"},
        "strided": {"strides": 2},
        "strided_same": {"strides": 2, "padding": "same", "activation": "relu"},
        "no_bias": {"use_bias": False},
        "dilated": {"dilation_rate": 2},
        "output_padding": {"strides": 3, "padding": "same", "output_padding": 1},
        "even_kernel": {"kernel_size": 4, "strides": 2, "padding": "same"},
        "open": {"strides": 2, "padding": "same"},
    }
    for variant, kwargs in variants.items():
        feed = normal(*shape).open(*range(rank)) if variant == "open" else shape
        yield layer(name, variant, feed, **{"filters": 5, "kernel_size": 3, **kwargs})
    first = (_CHANNELS, *_SPACE[rank])
    yield layer(name, "channels_first", first, 5, 3, strides=2, data_format="channels_first")


def _depthwise(rank: int) -> Iterator[Case]:
    shape, first = (*_SPACE[rank], _CHANNELS), (_CHANNELS, *_SPACE[rank])
    variants: dict[str, dict[str, Any]] = {
        "valid": {},
        "same": {"padding": "same"},
        "strided_same": {"strides": 2, "padding": "same"},
        "multiplied": {"depth_multiplier": 3, "activation": "relu6"},
        "dilated": {"dilation_rate": 2},
        "no_bias": {"use_bias": False},
    }
    for variant, kwargs in variants.items():
        yield layer(f"DepthwiseConv{rank}D", variant, shape, **{"kernel_size": 3, **kwargs})
        yield layer(f"SeparableConv{rank}D", variant, shape, **{"filters": 5, "kernel_size": 3, **kwargs})
    for name, filters in (("DepthwiseConv", {}), ("SeparableConv", {"filters": 5})):
        kwargs = {**filters, "kernel_size": 3, "data_format": "channels_first"}
        yield layer(f"{name}{rank}D", "channels_first", first, **kwargs)


def _all() -> Iterator[Case]:
    for rank in _SPACE:
        yield from _plain(rank)
        yield from _transposed(rank)
        if rank < 3:
            yield from _depthwise(rank)


CONVOLUTIONS: tuple[Case, ...] = tuple(_all())
