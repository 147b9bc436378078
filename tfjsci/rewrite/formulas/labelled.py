"""Tensors whose dimensions have labels, put into another order and grouping: what Einsum's equations are made of.

Nothing is moved that needn't be: dimensions of size 1 go anywhere by a Reshape, and a Reshape that merges, splits or adds
dimensions is left out where the shape is right already. Sizes that only the run knows are read from the input that has them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfjsci.graph.graph import Shape
from tfjsci.rewrite.build import (
    Tensor,
    concat,
    const,
    expand,
    maximum,
    reshape_to,
    shape_of,
    slice_of,
    squeeze,
    transpose,
)

Group = tuple[str, ...]
"""Labels that are one dimension together, outermost first; none of them: a dimension of 1."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Axis:
    """A dimension: its label, its size as far as known, and (tensor, dimension) of inputs that tell it at run time.

    Where there are several, they may be spread over one another (1 and n), and the largest counts.
    """

    label: str
    size: int | None
    sources: tuple[tuple[Tensor, int], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Labelled:
    """``tensor``, with an axis for each of its dimensions; what is done to a ``constant`` is done before the model runs."""

    tensor: Tensor
    axes: tuple[Axis, ...]
    constant: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The axes' labels."""
        return tuple(axis.label for axis in self.axes)


def spreads(label: str) -> bool:
    """Whether it stands for a dimension of an ellipsis, which may be 1 in one tensor and n in another."""
    return label.startswith(".")


def grouped(x: Labelled, groups: Sequence[Group]) -> Tensor:
    """``x`` with its dimensions in the order and grouping of ``groups``, which name each label once."""
    axes = {axis.label: axis for axis in x.axes}
    order = [label for group in groups for label in group]
    tensor, labels = x.tensor, list(x.labels)
    if moves(x.axes, order):
        tensor, labels = transpose(tensor, [labels.index(label) for label in order]), order
    if labels == order and all(len(group) == 1 for group in groups):
        return tensor
    added = [i for i, group in enumerate(groups) if not group]
    if labels == order and len(groups) == len(order) + len(added) and (len(added) == 1 or _unknown(x.axes) > 1):
        for i in added:
            tensor = expand(tensor, i)
        return tensor
    return _reshaped(tensor, [tuple(axes[label] for label in group) for group in groups])


def released(tensor: Tensor, groups: Sequence[Sequence[Axis]], order: Sequence[str]) -> Tensor:
    """The way back: a tensor whose dimensions are ``groups``, as one with a dimension for each label, in this order."""
    axes = [axis for group in groups for axis in group]
    labels = [axis.label for axis in axes]
    moved = moves(axes, order)
    if not moved and labels != list(order):  # only sizes of 1 change their places: the Reshape does it
        by_label = {axis.label: axis for axis in axes}
        return _reshaped(tensor, [(by_label[label],) for label in order])
    if any(len(group) > 1 for group in groups):
        tensor = _reshaped(tensor, [(axis,) for axis in axes])
    elif len(axes) < len(groups):
        tensor = squeeze(tensor, *(i for i, group in enumerate(groups) if not group))
    return transpose(tensor, [labels.index(label) for label in order]) if moved else tensor


def moves(axes: Sequence[Axis], order: Sequence[str]) -> bool:
    """Whether that order of labels takes a Transpose: what has size 1 needs none."""
    wide = [axis.label for axis in axes if axis.size != 1]
    return wide != [label for label in order if label in wide]


def reshape_cost(groups: Sequence[Sequence[Axis]]) -> float:
    """What a Reshape to these dimensions costs, in Transposes: next to nothing, but for sizes that must be read."""
    return 0.1 if sum(any(axis.size is None for axis in group) for group in groups) < 2 else 0.8


def _unknown(axes: Sequence[Axis]) -> int:
    return sum(axis.size is None for axis in axes)


def _known(axes: Sequence[Axis]) -> int:
    return math.prod(axis.size for axis in axes if axis.size is not None)


def _reshaped(tensor: Tensor, groups: Sequence[Sequence[Axis]]) -> Tensor:
    shape, known = _shape_vector(groups)
    return reshape_to(tensor, shape, known)


def _shape_vector(groups: Sequence[Sequence[Axis]]) -> tuple[Tensor, Shape]:
    """The sizes of merged dimensions, and what is known of them: a constant with at most one -1, where that can be."""
    known = tuple(None if _unknown(group) else _known(group) for group in groups)
    open_groups = [i for i, n in enumerate(known) if n is None]
    # The one that takes most to compute becomes -1, unless something is empty, where -1 says nothing.
    derived = max(open_groups, key=lambda i: len(groups[i])) if open_groups and 0 not in known else None
    pieces: list[list[int] | tuple[Tensor, int, int] | Tensor] = []
    for i, group in enumerate(groups):
        n = -1 if i == derived else known[i]
        if n is not None:
            if pieces and isinstance(pieces[-1], list):
                pieces[-1].append(n)
            else:
                pieces.append([n])
        elif len(group) == 1 and len(group[0].sources) == 1:
            source, place = group[0].sources[0]
            last = pieces[-1] if pieces else None
            if isinstance(last, tuple) and last[0] is source and last[1] + last[2] == place:
                pieces[-1] = (source, last[1], last[2] + 1)
            else:
                pieces.append((source, place, 1))
        else:
            pieces.append(_computed(group))
    shapes: dict[int, Tensor] = {}
    parts = [_part(piece, shapes) for piece in pieces]
    return (concat(parts, 0) if parts else const(np.zeros(0, np.int32))), known


def _part(piece: list[int] | tuple[Tensor, int, int] | Tensor, shapes: dict[int, Tensor]) -> Tensor:
    if isinstance(piece, list):
        return const(np.array(piece, np.int32))
    if isinstance(piece, Tensor):
        return piece
    source, place, count = piece
    shape = shapes.setdefault(id(source), shape_of(source))
    return shape if (place, count) == (0, source.rank) else slice_of(shape, [place], [count])


def _computed(group: Sequence[Axis]) -> Tensor:
    """The product of the group's sizes, as a vector of one number."""
    whole = const(np.array([_known(group)], np.int32))
    for axis in group:
        if axis.size is None:
            sizes = [slice_of(shape_of(source), [place], [1]) for source, place in axis.sources]
            largest = sizes[0]
            for other in sizes[1:]:
                largest = maximum(largest, other)
            whole = whole * largest
    return whole
