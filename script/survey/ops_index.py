"""Functions that pick and place values by index."""

from __future__ import annotations

from collections.abc import Iterator

from case import Case
from feeds import given, normal, whole
from op_case import op

_CUBE = normal(3, 4, 5)


def _picked() -> Iterator[Case]:
    yield from op("take", _CUBE, whole(0, 4, 2, 3), axis=1, opened=True)
    yield from op("take", _CUBE, whole(0, 60, 7), case="flat")
    yield from op("take", _CUBE, whole(-3, 3, 4), axis=0, case="negative")
    yield from op("take", _CUBE, whole(0, 4, 2, dtype="int64"), axis=1, case="int64")
    yield from op("take", whole(-9, 9, 6, 2), whole(0, 6, 4), axis=0, case="int32")
    yield from op("take_along_axis", _CUBE, whole(0, 4, 3, 2, 5), axis=1, opened=True)
    yield from op("take_along_axis", _CUBE, whole(0, 60, 7), case="flat")
    yield from op("nonzero", whole(0, 2, 3, 4))
    yield from op("unravel_index", whole(0, 12, 5), shape=(3, 4))


def _placed() -> Iterator[Case]:
    places = given([[0, 1], [2, 3], [1, 0]], "int32")
    yield from op("scatter", places, normal(3), shape=(3, 4))
    yield from op("scatter", given([[0], [2]], "int32"), normal(2, 4), shape=(3, 4), case="rows")
    yield from op("scatter_update", normal(3, 4), places, normal(3))
    for how in ("add", "max", "min", "mul"):
        yield from op("scatter_update", normal(3, 4), places, normal(3), reduction=how, case=how)


def _encoded() -> Iterator[Case]:
    yield from op("one_hot", whole(0, 5, 3, 4), num_classes=5, opened=True)
    yield from op("one_hot", whole(0, 5, 3), num_classes=5, axis=0, dtype="int32", case="axis")
    yield from op("multi_hot", whole(0, 5, 3, 4), num_classes=5, opened=True)


INDEX: tuple[Case, ...] = (*_picked(), *_placed(), *_encoded())
