"""What small tensors of whole numbers hold, op by op: sizes read from tensors, and what is reckoned from them.

Each function takes a node and gives the array of its result (or of each of its results); None where it can't tell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tfjsci.rewrite.formulas.cuts import NEW, strided_cuts
from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.asked import Asked, Table, Values, array
from tfjsci.rewrite.symbolic.size import Number

WHOLE = frozenset({"int32", "int64", "bool"})
"""The dtypes of which values are kept. In smaller ones sizes wouldn't fit."""

MOST = 64
"""Numbers of a tensor that are kept: shapes, bounds and axes are small."""


def _elementwise(function: Callable[..., Any]) -> Callable[[Asked], Values | None]:
    def values(asked: Asked) -> Values | None:
        given = [asked.value(i) for i in range(asked.count)]
        known = [value for value in given if value is not None]
        if len(known) < len(given) or np.broadcast(*known).size > MOST:
            return None
        return array(np.frompyfunc(function, len(known), 1)(*known))

    return values


def _truncated(a: Number, b: Number) -> Number | None:
    """C's quotient, which is rounded towards 0: the same where nothing is negative."""
    if isinstance(a, int) and isinstance(b, int) and b:
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    least = [size.at_least(number) for number in (a, b)]
    return size.floor_divide(a, b) if all(bound is not None and bound >= 0 for bound in least) else None


def _less(a: Number, b: Number) -> bool | None:
    return size.is_less(a, b)


def _equal(a: Number, b: Number) -> bool | None:
    if a == b:
        return True
    return False if size.is_less(a, b) or size.is_less(b, a) else None


def _not(a: Any) -> bool | None:
    return None if a is None or not isinstance(a, bool) else not a


def _and(a: Any, b: Any) -> Any:
    return False if a is False or b is False else b if a is True else a if b is True or a == b else None


def _or(a: Any, b: Any) -> Any:
    return True if a is True or b is True else b if a is False else a if b is False or a == b else None


def _chosen(condition: Any, a: Any, b: Any) -> Any:
    return a if condition is True or a == b else b if condition is False else None


def _absolute(a: Number) -> Number | None:
    if isinstance(a, int):
        return abs(a)
    least = size.at_least(a)
    return a if least is not None and least >= 0 else None


def _shape(asked: Asked) -> Values | None:
    dims = asked.shape(0)
    return None if dims is None else array(dims).reshape(-1)


def _size(asked: Asked) -> Values | None:
    dims = asked.shape(0)
    return None if dims is None else array(size.product(dims))


def _rank(asked: Asked) -> Values | None:
    dims = asked.shape(0)
    return None if dims is None else array(len(dims))


def _cast(asked: Asked) -> Values | None:
    value, source, target = asked.value(0), asked.view.dtype_attr("SrcT"), asked.view.dtype_attr("DstT")
    if value is None or source not in WHOLE or target not in WHOLE:
        return None
    if source == "bool" or target == "bool":
        kind = bool if target == "bool" else int
        return array(np.frompyfunc(lambda n: kind(n) if isinstance(n, int) else None, 1, 1)(value))
    return value


def _pack(asked: Asked) -> Values | None:
    parts = [asked.value(i) for i in range(asked.count)]
    known = [part for part in parts if part is not None]
    return np.stack(known, asked.view.number("axis", 0)) if known and len(known) == len(parts) else None


def _concat(asked: Asked) -> Values | None:
    parts = [asked.value(i) for i in range(asked.count - 1)]
    known = [part for part in parts if part is not None]
    axis = asked.number(asked.count - 1)
    return None if axis is None or not known or len(known) < len(parts) else np.concatenate(known, axis)


def _gather(asked: Asked) -> Values | None:
    value, places = asked.value(0), asked.value(1)
    axis = asked.number(2) if asked.count > 2 else 0
    if value is None or places is None or axis is None or asked.view.number("batch_dims", 0):
        return None
    if asked.ints(1) is None:
        return None
    at = places.astype(np.int64)
    rows = value.shape[axis] if value.ndim else 0
    return array(np.take(value, at, axis)) if ((at >= 0) & (at < rows)).all() else None


def _slice(asked: Asked) -> Values | None:
    value, begin, count = asked.value(0), asked.ints(1), asked.ints(2)
    if value is None or begin is None or count is None:
        return None
    return array(value[tuple(slice(b, None if n == -1 else b + n) for b, n in zip(begin, count, strict=True))])


def _strided_slice(asked: Asked) -> Values | None:
    value, steps = asked.value(0), asked.ints(3)
    begin, end = asked.vector(1), asked.vector(2)
    if value is None or steps is None or begin is None or end is None:
        return None
    places = range(len(steps))
    cuts, layout = strided_cuts(asked.view, places, places, steps, value.ndim)
    index: list[Any] = []
    for cut in cuts:
        low = None if cut.begin is None else begin[cut.begin]
        high = None if cut.end is None or cut.index else end[cut.end]
        if isinstance(low, size.Size) or isinstance(high, size.Size):
            return None
        index.append(low if cut.index else slice(low, high, cut.step))
    try:
        found = array(value[tuple(index)])
    except IndexError:
        return None
    for axis, source in enumerate(layout):
        if source == NEW:
            found = np.expand_dims(found, axis)
    return found


def _reduction(function: Callable[[Any, Any], Any], start: Any) -> Callable[[Asked], Values | None]:
    def values(asked: Asked) -> Values | None:
        value = asked.value(0)
        if value is None or (axes := asked.axes(1, value.ndim)) is None or (start is None and not value.size):
            return None
        for axis in sorted(set(axes), reverse=True):
            rows = np.moveaxis(value, axis, 0)
            whole = rows[0] if start is None else np.full(rows.shape[1:], start, object)
            for row in rows[1:] if start is None else rows:
                whole = array(np.frompyfunc(function, 2, 1)(whole, row))
            value = np.expand_dims(array(whole), axis) if asked.view.flag("keep_dims", False) else array(whole)
        return value

    return values


def _expand_dims(asked: Asked) -> Values | None:
    value, axis = asked.value(0), asked.number(1)
    if value is None or axis is None or not -value.ndim - 1 <= axis <= value.ndim:
        return None
    return array(np.expand_dims(value, axis))


def _squeeze(asked: Asked) -> Values | None:
    value, axes = asked.value(0), asked.view.numbers("squeeze_dims")
    if value is None or any(not -value.ndim <= n < value.ndim or value.shape[n] != 1 for n in axes):
        return None
    return array(np.squeeze(value, axes or None))


def _reshape(asked: Asked) -> Values | None:
    value, dims = asked.value(0), asked.ints(1)
    if value is None or dims is None or dims.count(-1) > 1:
        return None
    try:
        return array(value.reshape(dims))
    except ValueError:
        return None


def _range(asked: Asked) -> Values | None:
    bounds = [asked.number(i) for i in range(3)]
    if None in bounds or not bounds[2]:
        return None
    numbers = range(*(bound for bound in bounds if bound is not None))
    return array(list(numbers)) if len(numbers) <= MOST else None


def _fill(asked: Asked) -> Values | None:
    dims, value = asked.ints(0), asked.value(1)
    if dims is None or value is None or value.ndim or min(dims, default=0) < 0 or int(np.prod(dims)) > MOST:
        return None
    return np.full(dims, value.item(), object)


def _tile(asked: Asked) -> Values | None:
    value, times = asked.value(0), asked.ints(1)
    if value is None or times is None or min(times, default=0) < 0 or value.size * int(np.prod(times)) > MOST:
        return None
    return array(np.tile(value, times))


def _broadcast_to(asked: Asked) -> Values | None:
    value, dims = asked.value(0), asked.ints(1)
    if value is None or dims is None or int(np.prod(dims)) > MOST:
        return None
    try:
        return array(np.broadcast_to(value, dims))
    except ValueError:
        return None


def _transpose(asked: Asked) -> Values | None:
    value = asked.value(0)
    order = None if value is None else asked.axes(1, value.ndim)
    return None if value is None or order is None else value.transpose(order)


def _unpack(asked: Asked) -> list[Values] | None:
    value, axis = asked.value(0), asked.view.number("axis", 0)
    return None if value is None else [array(part) for part in np.moveaxis(value, axis, 0)]


def _split(asked: Asked) -> list[Values] | None:
    value, axis, parts = asked.value(1), asked.number(0), asked.view.number("num_split", 1)
    if value is None or axis is None or value.shape[axis] % parts:
        return None
    return list(np.split(value, parts, axis))


def _split_v(asked: Asked) -> list[Values] | None:
    value, sizes, axis = asked.value(0), asked.ints(1), asked.number(2)
    if value is None or sizes is None or axis is None or -1 in sizes:
        return None
    return list(np.split(value, np.cumsum(sizes)[:-1], axis))


def _same(asked: Asked) -> Values | None:
    return asked.value(0)


VALUES: Table = {
    "Abs": _elementwise(_absolute),
    "Add": _elementwise(size.add),
    "AddV2": _elementwise(size.add),
    "BroadcastTo": _broadcast_to,
    "Cast": _cast,
    "ConcatV2": _concat,
    "Div": _elementwise(_truncated),
    "Equal": _elementwise(_equal),
    "ExpandDims": _expand_dims,
    "Fill": _fill,
    "FloorDiv": _elementwise(size.floor_divide),
    "FloorMod": _elementwise(size.modulo),
    "GatherV2": _gather,
    "Greater": _elementwise(lambda a, b: _less(b, a)),
    "GreaterEqual": _elementwise(lambda a, b: _not(_less(a, b))),
    "Identity": _same,
    "Less": _elementwise(_less),
    "LessEqual": _elementwise(lambda a, b: _not(_less(b, a))),
    "LogicalAnd": _elementwise(_and),
    "LogicalNot": _elementwise(_not),
    "LogicalOr": _elementwise(_or),
    "Max": _reduction(size.larger, None),
    "Maximum": _elementwise(size.larger),
    "Min": _reduction(size.smaller, None),
    "Minimum": _elementwise(size.smaller),
    "Mul": _elementwise(size.multiply),
    "Neg": _elementwise(size.negative),
    "NotEqual": _elementwise(lambda a, b: _not(_equal(a, b))),
    "Pack": _pack,
    "Prod": _reduction(size.multiply, 1),
    "Range": _range,
    "Rank": _rank,
    "Reshape": _reshape,
    "SelectV2": _elementwise(_chosen),
    "Shape": _shape,
    "Size": _size,
    "Slice": _slice,
    "Snapshot": _same,
    "Split": _split,
    "SplitV": _split_v,
    "Square": _elementwise(lambda a: size.multiply(a, a)),
    "Squeeze": _squeeze,
    "StopGradient": _same,
    "StridedSlice": _strided_slice,
    "Sub": _elementwise(size.subtract),
    "Sum": _reduction(size.add, 0),
    "Tile": _tile,
    "Transpose": _transpose,
    "TruncateDiv": _elementwise(_truncated),
    "Unpack": _unpack,
}
"""By op."""

RECKONING = frozenset(VALUES) - {"Identity", "Snapshot", "Split", "SplitV", "StopGradient", "Unpack"}
"""The ops of one result that compute what they give."""
