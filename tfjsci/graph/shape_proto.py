"""TensorFlow's protobuf of a shape, read."""

from __future__ import annotations

from typing import Any

from tfjsci.graph.graph import Shape


def shape_in(proto: Any) -> Shape:
    """The sizes in a ``TensorShapeProto``, None for one that isn't known; None where not even their count is."""
    if proto.unknown_rank:
        return None
    return tuple(None if dimension.size < 0 else int(dimension.size) for dimension in proto.dim)
