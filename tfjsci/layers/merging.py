"""Layers of several inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjsci.layers.refused import RefusedError
from tfjsci.layers.site import Apply, Site, refuse_arguments
from tfjsci.layers.sketch import Symbol


def merge(site: Site) -> Apply:
    """Add, Multiply, Average, Maximum, Minimum: as they are."""
    layer = site.emit(site.layer.class_name, {})

    def apply(inputs: Sequence[Symbol], kwargs: Mapping[str, Any]) -> list[Symbol]:
        refuse_arguments(kwargs)
        refuse_mixed_masks(inputs)
        if len(inputs) < 2:
            raise RefusedError("it is called on one tensor")
        return [layer.one(*inputs)]

    return apply


def subtract(site: Site) -> Apply:
    """a - b = a + (-1) b: TensorFlow.js has no Subtract."""

    def apply(inputs: Sequence[Symbol], kwargs: Mapping[str, Any]) -> list[Symbol]:
        refuse_arguments(kwargs)
        if len(inputs) != 2:
            raise RefusedError(f"it is called on {len(inputs)} tensors")
        negative = site.helper("Rescaling", scale=-1.0, offset=0.0).one(inputs[1])
        return [site.sketch.helper("Add", site.layer.name).one(inputs[0], negative)]

    return apply


def concatenate(site: Site) -> Apply:
    """With the axis counted from the front: TensorFlow.js takes every negative axis for the last one."""
    axis = int(site.get("axis", -1))

    def apply(inputs: Sequence[Symbol], kwargs: Mapping[str, Any]) -> list[Symbol]:
        refuse_arguments(kwargs)
        refuse_mixed_masks(inputs)
        if len(inputs) < 2:
            raise RefusedError("it is called on one tensor")
        rank = inputs[0].rank
        if rank is None and axis != -1:
            raise RefusedError(f"it is over axis {axis}, and the rank of its inputs isn't known")
        place = axis if rank is None else axis % rank
        if place == 0:
            raise RefusedError("it is over the batch")
        return [site.sketch.helper("Concatenate", site.layer.name, axis=place).one(*inputs)]

    return apply


def dot(site: Site) -> Apply:
    """Of two tensors of two or three dimensions, over axes that TensorFlow.js multiplies alike."""

    def apply(inputs: Sequence[Symbol], kwargs: Mapping[str, Any]) -> list[Symbol]:
        refuse_arguments(kwargs)
        if len(inputs) != 2:
            raise RefusedError(f"it is called on {len(inputs)} tensors")
        ranks = [symbol.rank for symbol in inputs]
        axes = site.config["axes"]
        axes = list(axes) if isinstance(axes, list) else [axes, axes]
        if ranks not in ([2, 2], [3, 3]):
            raise RefusedError(
                f"its inputs have {ranks[0]} and {ranks[1]} dimensions; TensorFlow.js multiplies 2 or 3 of both"
            )
        places = [axis % rank for axis, rank in zip(axes, ranks, strict=True) if rank]
        if 0 in places:
            raise RefusedError("it is over the batch")
        if site.get("normalize", False):
            raise RefusedError("it normalises, and TensorFlow.js keeps another least norm")
        return [site.sketch.helper("Dot", site.layer.name, axes=places, normalize=False).one(*inputs)]

    return apply


def refuse_mixed_masks(inputs: Sequence[Symbol]) -> None:
    """The runtime fails on some combinations of masked and unmasked inputs."""
    masked = [symbol.mask is not None for symbol in inputs]
    if any(masked) and not all(masked):
        raise RefusedError("some of its inputs are masked and some aren't, on which TensorFlow.js fails")
