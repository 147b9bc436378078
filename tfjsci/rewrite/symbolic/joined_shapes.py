"""How large tensors are that are put together or taken apart along an axis."""

from __future__ import annotations

from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.asked import Asked
from tfjsci.rewrite.symbolic.dims import Open, equal
from tfjsci.rewrite.symbolic.size import Number


def joined(asked: Asked) -> Open | None:
    """Of a ConcatV2: the sum along its axis."""
    shapes, axis = [asked.shape(i) for i in range(asked.count - 1)], asked.number(asked.count - 1)
    known = [shape for shape in shapes if shape is not None]
    if axis is None or len(known) < len(shapes):
        return None
    place = axis % len(known[0])
    total: Number = 0
    for shape in known:
        total = size.add(total, shape[place])
    columns = zip(*known, strict=True)
    return tuple(total if i == place else equal(column) for i, column in enumerate(columns))


def pack(asked: Asked) -> Open | None:
    """Of a Pack: an axis more, as long as there are inputs."""
    dims = asked.shape(0)
    if dims is None:
        return None
    place = asked.view.number("axis", 0) % (len(dims) + 1)
    return (*dims[:place], asked.count, *dims[place:])


def unpack(asked: Asked) -> list[Open] | None:
    """Of each result of an Unpack: an axis less."""
    dims = asked.shape(0)
    if dims is None:
        return None
    place = asked.view.number("axis", 0) % len(dims)
    return [(*dims[:place], *dims[place + 1 :])] * asked.view.number("num", 1)


def split(asked: Asked) -> list[Open] | None:
    """Of each result of a Split: an equal part of its axis."""
    dims, axis, parts = asked.shape(1), asked.number(0), asked.view.number("num_split", 1)
    if dims is None or axis is None:
        return None
    place = axis % len(dims)
    part = size.quotient(dims[place], parts)
    return [(*dims[:place], part, *dims[place + 1 :])] * parts


def split_v(asked: Asked) -> list[Open] | None:
    """Of each result of a SplitV: the size given, or the rest."""
    dims, sizes, axis = asked.shape(0), asked.ints(1), asked.number(2)
    if dims is None or sizes is None or axis is None:
        return None
    place = axis % len(dims)
    rest = size.larger(size.subtract(dims[place], sum(n for n in sizes if n != -1)), 0)
    return [(*dims[:place], rest if n == -1 else n, *dims[place + 1 :]) for n in sizes]
