"""What a small tensor of whole numbers holds, as far as the sizes that it is made of are known: a Reshape's shape, mostly.

TensorFlow's inference looks through the same ops for it, and tells no more (tensorflow/core/common_runtime/shape_refiner.cc,
``ConstantPartialShape``); where sizes are gathered or multiplied it tells less.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tfjsci.graph.graph import Constant, Graph, Node, TensorType, dtype_name, node_of, normal

Numbers = tuple["int | None", ...]
TypeOf = Callable[[str], "TensorType | None"]

MOST = 64
"""Numbers that are looked at: a shape has a handful."""

DEEPEST = 50
"""Ops that are gone up through; Keras puts a dozen between two shapes."""

WHOLE = ("int32", "int64")


def whole_numbers(constant: Constant, *, rank: int) -> list[int] | None:
    """The numbers of a constant of that rank at most, flattened; None if they aren't int32 or int64."""
    value = constant.value
    return [int(n) for n in value.reshape(-1)] if value.ndim <= rank and dtype_name(value) in WHOLE else None


@dataclass(frozen=True)
class Holder:
    """Asks for what tensors of ``graph`` hold; ``type_of`` tells what is inferred of them."""

    graph: Graph
    type_of: TypeOf

    def numbers(self, tensor: str, depth: int = 0) -> Numbers | None:
        """Those of a scalar or a vector, each None where it isn't known; None where not even their count is."""
        constant = self.graph.constant(tensor)
        if constant is not None:
            few = constant.value.size <= MOST
            found = whole_numbers(constant, rank=1) if few else None
            return None if found is None else tuple(found)
        known = self.type_of(normal(tensor))
        if known is None or known.dtype not in WHOLE or known.shape is None or len(known.shape) > 1:
            return None
        count = known.shape[0] if known.shape else 1
        if count is None or count > MOST:
            return None
        node = self.graph[node_of(tensor)]
        made = _HELD[node.op](_Of(self, node, depth + 1)) if node.op in _HELD and depth < DEEPEST else None
        return made if made is not None and len(made) == count else (None,) * count


@dataclass(frozen=True)
class _Of:
    """A node, asked for what it makes."""

    holder: Holder
    node: Node
    depth: int

    def numbers(self, index: int) -> Numbers | None:
        return self.holder.numbers(self.node.inputs[index], self.depth)

    def whole(self, index: int) -> list[int] | None:
        """The same where all are known."""
        found = self.numbers(index)
        known = [n for n in found or () if n is not None]
        return None if found is None or len(known) < len(found) else known


def _sizes(of: _Of) -> Numbers | None:
    known = of.holder.type_of(normal(of.node.inputs[0]))
    return None if known is None else known.shape


def _first(of: _Of) -> Numbers | None:
    return of.numbers(0)


def _joined(of: _Of, count: int) -> Numbers | None:
    parts = [of.numbers(i) for i in range(count)]
    known = [part for part in parts if part is not None]
    return tuple(n for part in known for n in part) if len(known) == count else None


def _packed(of: _Of) -> Numbers | None:
    return _joined(of, len(of.node.inputs))  # of scalars: a vector comes out


def _concatenated(of: _Of) -> Numbers | None:
    return _joined(of, len(of.node.inputs) - 1)


def _gathered(of: _Of) -> Numbers | None:
    given, places = of.numbers(0), of.whole(1)
    if given is None or places is None or of.node.attrs.get("batch_dims", 0):
        return None
    return tuple(given[i] for i in places) if all(0 <= i < len(given) for i in places) else None


def _cut(of: _Of) -> Numbers | None:
    given = of.numbers(0)
    places = cut_of(of.node.attrs, 0, len(given), of.whole(1), of.whole(2), of.whole(3)) if given is not None else None
    if given is None or places is None:
        return None
    return tuple(given[i] for i in places)


def cut_of(
    attrs: Mapping[str, object],
    at: int,
    size: int,
    begin: list[int] | None,
    end: list[int] | None,
    steps: list[int] | None,
) -> range | None:
    """The places that a StridedSlice takes of its dimension ``at``, which has that size; None where that isn't plain."""
    if begin is None or end is None or steps is None or attrs.get("ellipsis_mask") or attrs.get("new_axis_mask"):
        return None
    if not at < len(begin) == len(end) == len(steps) or steps[at] == 0:
        return None

    if is_masked(attrs, "shrink_axis_mask", at):
        place = begin[at] + size if begin[at] < 0 else begin[at]
        return range(place, place + 1) if 0 <= place < size and steps[at] == 1 else None
    low = None if is_masked(attrs, "begin_mask", at) else begin[at]
    high = None if is_masked(attrs, "end_mask", at) else end[at]
    return range(*slice(low, high, steps[at]).indices(size))


def is_masked(attrs: Mapping[str, object], name: str, at: int) -> bool:
    """Whether dimension ``at`` is among those of a StridedSlice's mask."""
    mask = attrs.get(name, 0)
    return isinstance(mask, int) and bool(mask >> at & 1)


def _multiplied(of: _Of) -> Numbers | None:
    a, b = of.numbers(0), of.numbers(1)
    if not a or not b:
        return None
    count = max(len(a), len(b))
    if not {len(a), len(b)} <= {1, count}:
        return None
    pairs = zip(a * (count // len(a)), b * (count // len(b)), strict=True)
    return tuple(None if m is None or n is None else m * n for m, n in pairs)


def _product(of: _Of) -> Numbers | None:
    given, axes = of.whole(0), of.whole(1)
    if given is None or axes is None or len(axes) != 1 or of.node.attrs.get("keep_dims"):
        return None
    return (math.prod(given),)


_HELD: dict[str, Callable[[_Of], Numbers | None]] = {
    **dict.fromkeys(("Cast", "ExpandDims", "Identity", "Reshape", "Squeeze"), _first),
    "ConcatV2": _concatenated,
    "GatherV2": _gathered,
    "Mul": _multiplied,
    "Pack": _packed,
    "Prod": _product,
    "Shape": _sizes,
    "StridedSlice": _cut,
}
"""By op: whole numbers alone come here, and at most a vector of them."""
