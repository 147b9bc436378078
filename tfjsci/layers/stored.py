"""Weights of a Keras model in HDF5, by the layer that they belong to. Two layouts:

- ``layers/<class>[_n]/vars/<i>`` (.keras, .weights.h5): no names, but an order; layers are counted by class.
- one group a layer (.h5), its ``weight_names`` in order, each with a path that ends in the variable's name.

Nothing is read before it is asked for, and the file must be open by then. HDF5 has no bfloat16: Keras leaves the two bytes of
such a number there without a type, and here it is a float32, which holds the same value.
"""

# ruff: noqa: ARG002 - a layout needs not all that the protocol hands it

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from tfjsci.graph.graph import Array


@dataclass(frozen=True, kw_only=True)
class StoredWeight:
    """``name`` is the variable's own (``kernel``), where the layout has names; ``stored_at`` is no other weight's."""

    name: str | None
    path: str
    stored_at: str
    shape: tuple[int, ...]
    read: Callable[[], Array]


@dataclass(frozen=True)
class Reading:
    """Reads a weight and turns its dimensions as the runtime wants them, by which its values stay what they are."""

    weight: StoredWeight
    turns: tuple[Callable[[Array], Array], ...] = ()

    def __call__(self) -> Array:
        """The weight."""
        return self.turned(self.weight.read())

    def turned(self, value: Array) -> Array:
        """What stands beside the weight, element by element, turned as the weight is."""
        for turn in self.turns:
            value = np.ascontiguousarray(turn(value))
        return value


class Place(Protocol):
    """Where the weights of one layer are."""

    def children(self, parent: str, layers: Sequence[tuple[str, str]], *, sequential: bool) -> list[Place]:
        """The places of a nested model's layers, given as (class, name) in their order; ``parent`` is its name."""
        ...

    def part(self, attribute: str) -> Place:
        """The place of a wrapped layer or cell, by the attribute that holds it."""
        ...

    def weights(self) -> list[StoredWeight]:
        """The layer's own weights, in Keras' order."""
        ...


@dataclass(frozen=True, kw_only=True)
class CountedPlace:
    """A group of the first layout."""

    file: Any
    path: str
    container: str = "layers"
    data: Array | None = None
    """The file's bytes, if they are at hand: weights that lie in one piece are then not copied."""

    def children(self, parent: str, layers: Sequence[tuple[str, str]], *, sequential: bool) -> list[Place]:
        """Layers are counted by class; a Sequential's input layers aren't among them."""
        counts: dict[str, int] = {}
        places: list[Place] = []
        for class_name, _ in layers:
            if sequential and class_name == "InputLayer":
                places.append(NOWHERE)
                continue
            base = snake_case(class_name)
            number = counts.get(base, 0)
            counts[base] = number + 1
            places.append(self._at(f"{self.container}/{base}_{number}" if number else f"{self.container}/{base}"))
        return places

    def part(self, attribute: str) -> Place:
        """The group below."""
        return self._at(attribute)

    def weights(self) -> list[StoredWeight]:
        """``vars/0``, ``vars/1`` …"""
        group = self.file.get(f"{self.path}/vars" if self.path else "vars")
        if group is None:
            return []
        keys = sorted((key for key in group if key.isdigit()), key=int)
        return [_weight(None, group[key], group[key].name.lstrip("/"), self.data) for key in keys]

    def _at(self, below: str) -> CountedPlace:
        return replace(self, path=f"{self.path}/{below}" if self.path else below)


@dataclass(frozen=True, kw_only=True)
class NamedPlace:
    """Weights of the second layout: those of a whole top-level layer, or some of them."""

    entries: tuple[StoredWeight, ...]

    def children(self, parent: str, layers: Sequence[tuple[str, str]], *, sequential: bool) -> list[Place]:
        """Weights of a nested model are told apart by the layers' names in their paths."""
        names = [name for _, name in layers]
        found: dict[str, list[StoredWeight]] = {name: [] for name in names}
        for entry in self.entries:
            owners = [part for part in entry.path.split("/")[:-1] if part in found]
            if len(owners) > 1 and owners[0] == parent:
                owners = owners[1:]
            if owners:
                found[owners[0]].append(entry)
        return [NamedPlace(entries=tuple(found[name])) for name in names]

    def part(self, attribute: str) -> Place:
        """Forward and backward are the two halves; a wrapped layer's or a cell's weights are all there are."""
        half = len(self.entries) // 2
        if attribute in ("forward_layer", "backward_layer"):
            return NamedPlace(entries=self.entries[:half] if attribute == "forward_layer" else self.entries[half:])
        return self

    def weights(self) -> list[StoredWeight]:
        """All of them."""
        return list(self.entries)


def cells_in(place: Place, parent: str, cells: Sequence[tuple[str, str]]) -> list[Place]:
    """The places of a stack's cells, given as (class, name); ``place`` is the stack's and ``parent`` its name."""
    at = replace(place, container="cells") if isinstance(place, CountedPlace) else place
    return at.children(parent, cells, sequential=False)


class _Nowhere:
    """No weights at all."""

    def children(self, parent: str, layers: Sequence[tuple[str, str]], *, sequential: bool) -> list[Place]:
        return [NOWHERE for _ in layers]

    def part(self, attribute: str) -> Place:
        return self

    def weights(self) -> list[StoredWeight]:
        return []


NOWHERE: Place = _Nowhere()


@dataclass(frozen=True, kw_only=True)
class NamedFile:
    """The second layout as a whole: a group for each layer of the outermost model."""

    group: Any
    data: Array | None = None

    def children(self, parent: str, layers: Sequence[tuple[str, str]], *, sequential: bool) -> list[Place]:
        """By name."""
        return [self._layer(name) for _, name in layers]

    def part(self, attribute: str) -> Place:
        """A file has no parts."""
        return NOWHERE

    def weights(self) -> list[StoredWeight]:
        """A file has none but its layers'."""
        return []

    def _layer(self, name: str) -> Place:
        group = self.group.get(name)
        if group is None:
            return NOWHERE
        paths = attribute_list(group, "weight_names")
        entries = [_weight(_plain(path.rpartition("/")[2]), group[path], _plain(path), self.data) for path in paths]
        # what a layer draws its random numbers from
        return NamedPlace(entries=tuple(e for e in entries if e.name not in _STATE))


_STATE = frozenset({"seed_generator_state"})


def optimizer_weights(file: Any, data: Array | None) -> tuple[StoredWeight, ...]:
    """What an optimizer keeps, in Keras' order: the steps done first. None of it has a name in the first layout."""
    named = file.get("optimizer_weights")
    if named is not None:
        return tuple(_weight(_plain(path), named[path], path, data) for path in attribute_list(named, "weight_names"))
    group = file.get("optimizer/vars")
    found = {int(key): item for key, item in group.items() if key.isdigit()} if hasattr(group, "items") else {}
    stored = [found[number] for number in sorted(found) if hasattr(found[number], "shape")]
    return tuple(_weight(None, item, item.name.lstrip("/"), data) for item in stored)


def attribute_list(group: Any, name: str) -> list[str]:
    """A list of strings that may be cut over several attributes (``weight_names0``, ``weight_names1`` …)."""
    if name in group.attrs:
        parts = [group.attrs[name]]
    else:
        parts = []
        while f"{name}{len(parts)}" in group.attrs:
            parts.append(group.attrs[f"{name}{len(parts)}"])
    return [item.decode() if isinstance(item, bytes) else str(item) for part in parts for item in part]


def snake_case(class_name: str) -> str:
    """``BatchNormalization`` -> ``batch_normalization``, ``PReLU`` -> ``p_re_lu``: Keras' way."""
    name = re.sub(r"\W+", "", class_name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _plain(path: str) -> str:
    """Without TensorFlow's output number: ``dense/kernel:0`` -> ``dense/kernel``."""
    return re.sub(r":\d+$", "", path)


def _weight(name: str | None, dataset: Any, path: str, data: Array | None) -> StoredWeight:
    return StoredWeight(
        name=name, path=path, stored_at=str(dataset.name), shape=tuple(dataset.shape), read=lambda: _read(dataset, data)
    )


def dtype_of(dataset: Any) -> str:
    """What its values are, as Keras calls it. Of all dtypes that Keras has, bfloat16 alone is two bytes without a type."""
    return "bfloat16" if dataset.dtype.kind == "V" and dataset.dtype.itemsize == 2 else str(dataset.dtype.name)


def _read(dataset: Any, data: Array | None) -> Array:
    """The values; out of ``data`` itself where they lie there in one piece, as the array wants them."""
    if dtype_of(dataset) == "bfloat16":
        # its bits are the upper half of a float32's
        bits: npt.NDArray[np.uint32] = dataset[()].view("<u2").astype(np.uint32) << 16
        return bits.view(np.float32)
    offset = None if data is None else dataset.id.get_offset()
    value: Array
    if data is not None and offset is not None and dataset.dtype.kind in "fiu" and dataset.dtype.isnative:
        raw = data[offset : offset + dataset.nbytes]
        if raw.size == dataset.nbytes:
            value = raw.view(dataset.dtype).reshape(dataset.shape)
            return value
    value = dataset[()]
    return value
