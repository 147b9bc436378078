"""Functions that make fewer values of many: sums, extremes, order statistics, and those that run along an axis."""

from __future__ import annotations

from collections.abc import Iterator

from case import Case
from feeds import Feed, ascending, between, gappy, normal, whole, yes_or_no
from op_case import op

_CUBE = normal(3, 4, 5)
_INTS = whole(-9, 9, 3, 4, 5)
_GAPS = gappy(3, 4, 5)

_AXES = ("amax", "amin", "max", "mean", "min", "prod", "std", "sum", "var", "logsumexp", "median", "ptp")
_INTEGER_TOO = ("amax", "amin", "max", "mean", "min", "prod", "sum", "var")
_NAN = ("nanmax", "nanmean", "nanmedian", "nanmin", "nanprod", "nanstd", "nansum", "nanvar")
_INDICES = ("argmax", "argmin", "nanargmax", "nanargmin")


def _reductions() -> Iterator[Case]:
    for name in _AXES:
        yield from op(name, _CUBE)
        yield from op(name, _CUBE, axis=1, case="axis", opened=True)
        yield from op(name, _CUBE, axis=-1, keepdims=True, case="kept", opened=True)
        if name not in {"median"}:
            yield from op(name, _CUBE, axis=(0, 2), case="axes")
    for name in _INTEGER_TOO:
        yield from op(name, whole(-3, 4, 3, 4), axis=1, case="int32")
    for name in ("all", "any"):
        yield from op(name, yes_or_no(3, 4))
        yield from op(name, yes_or_no(3, 4), axis=1, keepdims=True, case="axis", opened=True)
        yield from op(name, whole(0, 2, 3, 4), axis=0, case="int32")
    for name in _NAN:
        yield from op(name, _GAPS)
        yield from op(name, _GAPS, axis=1, case="axis", opened=True)
    for name in _INDICES:
        feed = _GAPS if name.startswith("nan") else _CUBE
        yield from op(name, feed)
        yield from op(name, feed, axis=1, case="axis", opened=True)
        yield from op(name, feed, axis=-1, keepdims=True, case="kept")
    yield from op("argmax", _INTS, axis=1, case="int32")
    for name, feed in (("quantile", _CUBE), ("nanquantile", _GAPS), ("percentile", _CUBE), ("nanpercentile", _GAPS)):
        q = 30 if "percentile" in name else 0.3
        yield from op(name, feed, q=q)
        yield from op(name, feed, q=q, axis=1, case="axis", opened=True)
    for method in ("lower", "higher", "nearest", "midpoint"):
        yield from op("quantile", _CUBE, q=[0.25, 0.6], axis=-1, method=method, case=method)
    yield from op("count_nonzero", whole(0, 2, 3, 4, dtype="float32"))
    yield from op("count_nonzero", whole(0, 2, 3, 4), axis=1, case="int32")
    yield from op("average", _CUBE, axis=1)
    yield from op("average", normal(3, 4), between(0.1, 1, 4), call=lambda o, x, w: o.average(x, 1, w), case="weighted")
    yield from op("max", _CUBE, axis=1, initial=0.5, case="initial")
    yield from op("moments", _CUBE, axes=[1], opened=True)
    yield from op("moments", _CUBE, axes=[0, 2], keepdims=True, case="kept")
    yield from op("trace", normal(4, 5))
    yield from op("trace", normal(3, 4, 5), axis1=1, axis2=2, offset=1, case="offset", opened=True)
    yield from op("trapezoid", _CUBE, axis=1)
    yield from op("trapezoid", normal(3, 5), ascending(5), case="spaced")


def _running() -> Iterator[Case]:
    for name in ("cumsum", "cumprod"):
        yield from op(name, _CUBE)
        yield from op(name, _CUBE, axis=1, case="axis", opened=True)
        yield from op(name, _INTS, axis=-1, case="int32") if name == "cumsum" else ()
    for name in ("nancumsum", "nancumprod"):
        yield from op(name, _GAPS, axis=1)
    yield from op("diff", _CUBE, opened=True)
    yield from op("diff", _CUBE, n=2, axis=1, case="second")
    yield from op("diff", _INTS, case="int32")


def _ordering() -> Iterator[Case]:
    yield from op("sort", _CUBE, opened=True)
    yield from op("sort", _CUBE, axis=1, case="axis")
    yield from op("sort", _distinct(3, 7), case="int32")
    yield from op("argsort", _CUBE, opened=True)
    yield from op("argsort", _CUBE, axis=1, case="axis")
    yield from op("argsort", _CUBE, axis=None, case="flat")
    yield from op("argpartition", normal(3, 7), kth=2)
    yield from op("top_k", normal(3, 7), k=3, opened=True)
    yield from op("top_k", normal(3, 7), call=_unsorted, case="unsorted")
    yield from op("top_k", _distinct(3, 7), k=2, case="int32")
    yield from op("in_top_k", whole(0, 7, 3), normal(3, 7), k=3)
    yield from op("unique", whole(0, 4, 9))
    yield from op("unique", whole(0, 4, 9), return_inverse=True, return_counts=True, case="counts")
    yield from op("unique", whole(0, 4, 9), size=5, fill_value=0, case="sized")
    yield from op("searchsorted", ascending(7), normal(5))
    yield from op("searchsorted", ascending(7), normal(5), side="right", case="right")
    yield from op("digitize", normal(3, 4), bins=[-1.0, 0.0, 0.5])
    yield from op("histogram", normal(40), bins=5)
    yield from op("histogram", normal(40), bins=5, range=(-1.0, 1.0), case="range")
    yield from op("bincount", whole(0, 5, 9))
    yield from op("bincount", whole(0, 5, 9), minlength=7, case="longer")
    yield from op("bincount", whole(0, 5, 3, 6), minlength=5, case="rank_2")
    yield from op("bincount", whole(0, 5, 9), normal(9), call=lambda o, x, w: o.bincount(x, w, 6), case="weighted")
    yield from op("isin", whole(0, 9, 3, 4), whole(0, 9, 5))
    yield from op("isin", normal(3, 4), normal(5), invert=True, case="inverted")


def _unsorted(ops: object, x: object) -> object:
    """Which comes first is left open, so they are sorted after all."""
    return ops.sort(ops.top_k(x, 3, sorted=False)[0])  # type: ignore[attr-defined]


def _distinct(*shape: int) -> Feed:
    """Integers that are apart: among equals the runtime may choose otherwise."""
    return Feed(shape=shape, dtype="int32", draw=lambda rng, size: rng.permuted(_rows(size), axis=-1))


def _rows(size: tuple[int, ...]) -> list[list[int]]:
    return [[3 * i - 5 for i in range(size[1])] for _ in range(size[0])]


def _segments() -> Iterator[Case]:
    ids = whole(0, 4, 6)
    ordered = Feed(shape=(6,), dtype="int32", draw=lambda _rng, _size: [0, 0, 1, 2, 2, 2])
    for name in ("segment_max", "segment_min", "segment_prod", "segment_sum"):
        yield from op(name, normal(6, 3), ids, num_segments=4)
        yield from op(name, normal(6, 3), ordered, sorted=True, case="sorted")
        yield from op(name, normal(6, 3), ordered, case="unknown_number")
        yield from op(name, whole(-9, 9, 6), ids, num_segments=5, case="int32")


REDUCE: tuple[Case, ...] = (*_reductions(), *_running(), *_ordering(), *_segments())
