"""Along which dimensions of a layers model's weight its output channels lie, by the weight's own name and its layer's class.

Layouts are Keras': Dense and recurrent kernels [in, units], convolutions […, in, out], depthwise ones [height, width, in,
multiplier], transposed ones […, out, in]. An embedding has none: its rows are looked up, and nothing sums them up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tfjsci.layers.web import spelled

Axes = tuple[int, ...]

_AXES: Mapping[str, Axes] = {
    "kernel": (-1,),
    "recurrent_kernel": (-1,),
    "pointwise_kernel": (-1,),
    "depthwise_kernel": (-2, -1),
}
"""By the weight's own name, counted from the last dimension."""

_OF_TRANSPOSED: Axes = (-2,)
_TRANSPOSED = ("Conv2DTranspose", "Conv3DTranspose")


def channel_axes(name: str, rank: int, transposed: Collection[str]) -> Axes | None:
    """The channel dimensions of the weight ``name`` (``dense/kernel``), ascending; None where it has none.

    ``rank`` is the number of its dimensions, ``transposed`` are the layers that :func:`transposed_layers` tells.
    """
    layer, own = name.partition("/")[0], name.rpartition("/")[2]
    axes = _OF_TRANSPOSED if own == "kernel" and layer in transposed else _AXES.get(own)
    return tuple(rank + axis for axis in axes) if axes is not None and rank > len(axes) else None


def transposed_layers(topology: Mapping[str, Any]) -> frozenset[str]:
    """The names of the layers whose kernels have the output's channels before the input's.

    ``topology`` is a layers model's; what is a layer and what wraps one at each step share their weights' name.
    """
    return frozenset(_transposed(spelled(topology.get("model_config", topology)), None))


def _transposed(value: Any, wrapper: str | None) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _transposed(item, wrapper)
    elif isinstance(value, Mapping):
        class_name, config = value.get("class_name"), value.get("config")
        name = str(config["name"]) if isinstance(config, Mapping) and "name" in config else None
        if class_name in _TRANSPOSED:
            yield from (each for each in (name, wrapper) if each is not None)
        for item in value.values():
            yield from _transposed(item, name if class_name == "TimeDistributed" else wrapper)
