"""Functions that make, join, cut, turn and repeat tensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case
from feeds import normal, whole, yes_or_no
from op_case import op

_CUBE = normal(3, 4, 5)
_PLANE = normal(3, 4)
_ROW = normal(5)
_INTS = whole(-9, 9, 3, 4)


def _made() -> Iterator[Case]:
    """Shapes come from a tensor's open size, else all of it would be a constant."""
    rows = _PLANE.open(0)

    def sized(name: str, *args: Any, **kwargs: Any) -> Any:
        return lambda o, x: getattr(o, name)((o.shape(x)[0], 2), *args, **kwargs)

    yield from op("zeros", rows, call=sized("zeros"))
    yield from op("zeros", rows, call=sized("zeros", dtype="int32"), case="int32")
    yield from op("ones", rows, call=sized("ones"))
    yield from op("full", rows, call=sized("full", 7.0))
    yield from op("empty", rows, call=sized("empty"))
    yield from op("arange", rows, call=lambda o, x: o.arange(o.shape(x)[0]))
    yield from op("arange", rows, call=lambda o, x: o.arange(0.5, o.shape(x)[0], 0.5, dtype="float32"), case="float32")
    yield from op("eye", rows, call=lambda o, x: o.eye(o.shape(x)[0], 5))
    yield from op("eye", _PLANE, call=lambda o, x: o.eye(3, 4, k=1) * x, case="fixed")
    yield from op("identity", rows, call=lambda o, x: o.identity(o.shape(x)[0]))
    yield from op("tri", rows, call=lambda o, x: o.tri(o.shape(x)[0], 4, k=1))
    yield from op("tri", _PLANE, call=lambda o, x: o.tri(3, 4) * x, case="fixed")
    yield from op("linspace", normal(), normal(), num=7)
    yield from op("linspace", _ROW, normal(5), num=4, endpoint=False, case="rows")
    yield from op("logspace", normal(), normal(), num=5)
    yield from op("geomspace", normal(), normal(), num=5, call=lambda o, a, b: o.geomspace(o.exp(a), o.exp(b), 5))
    yield from op("bartlett", _ROW, call=lambda o, x: o.bartlett(5) * x)
    for name in ("blackman", "hamming", "hanning"):
        yield from op(name, _ROW.open(0), call=lambda o, x, name=name: getattr(o, name)(o.shape(x)[0]))
    yield from op("kaiser", _ROW.open(0), call=lambda o, x: o.kaiser(o.shape(x)[0], 3.0))
    yield from op("array", _PLANE)
    yield from op("convert_to_tensor", _PLANE, dtype="float32")
    yield from op("shape", _PLANE.open(0), call=lambda o, x: o.shape(x)[0])
    yield from op("size", _PLANE.open(0))


def _joined() -> Iterator[Case]:
    pair, wide = (_PLANE, normal(2, 4)), (_PLANE, normal(3, 2))
    yield from op("append", *pair, axis=0)
    yield from op("append", *pair, case="flat")
    yield from op("concatenate", *pair, call=lambda o, *x: o.concatenate(x, axis=0))
    yield from op("concatenate", *wide, call=lambda o, *x: o.concatenate(x, axis=-1), case="last", opened=True)
    yield from op("concatenate", *[_INTS] * 3, call=lambda o, *x: o.concatenate(x, axis=1), case="int32")
    yield from op("concatenate", _PLANE, _INTS, call=lambda o, *x: o.concatenate(x, axis=1), case="mixed")
    yield from op("stack", _PLANE, _PLANE, call=lambda o, *x: o.stack(x, axis=1), opened=True)
    yield from op("stack", *[yes_or_no(3)] * 2, call=lambda o, *x: o.stack(x), case="bool")
    yield from op("dstack", _PLANE, _PLANE, call=lambda o, *x: o.dstack(x))
    yield from op("hstack", *wide, call=lambda o, *x: o.hstack(x))
    yield from op("vstack", *pair, call=lambda o, *x: o.vstack(x))
    yield from op("meshgrid", _ROW, normal(3))
    yield from op("meshgrid", _ROW, normal(3), indexing="ij", case="ij")
    yield from op("broadcast_to", normal(4), shape=(3, 4))
    yield from op("broadcast_to", _INTS, shape=(2, 3, 4), case="int32")
    yield from op("broadcast_to", yes_or_no(4), shape=(3, 4), case="bool")


def _cut() -> Iterator[Case]:
    yield from op("split", normal(6, 4), indices_or_sections=3, opened=True)
    yield from op("split", normal(3, 7), indices_or_sections=[2, 5], axis=1, case="places", opened=True)
    yield from op("array_split", normal(3, 7), indices_or_sections=3, axis=1)
    yield from op("dsplit", normal(3, 4, 6), indices_or_sections=2)
    yield from op("hsplit", normal(3, 4), indices_or_sections=2)
    yield from op("vsplit", normal(4, 3), indices_or_sections=2)
    yield from op("unstack", _CUBE, axis=1, opened=True)
    yield from op("slice", _CUBE, start_indices=(0, 1, 2), shape=(2, 3, 1))
    yield from op("slice", _CUBE, whole(0, 2, 3), shape=(1, 2, 3), case="computed")
    yield from op("slice_update", _CUBE, normal(2, 3, 1), call=lambda o, x, y: o.slice_update(x, (0, 1, 2), y))
    yield from op(
        "get_item", _CUBE, call=lambda o, x: o.get_item(x, (slice(None), 1, slice(None, None, 2))), opened=True
    )
    yield from op("get_item", _CUBE, call=lambda _, x: x[..., ::-1], case="reversed")
    yield from op("get_item", _CUBE, call=lambda _, x: x[:, None, -2:], case="new_axis")
    yield from op("diag", _ROW, k=1)
    yield from op("diag", normal(4, 5), k=-1, case="of_matrix")
    yield from op("diagflat", _PLANE)
    yield from op("diagonal", normal(4, 5))
    yield from op("diagonal", _CUBE, offset=1, axis1=1, axis2=2, case="offset", opened=True)
    yield from op("tril", _PLANE, k=1)
    yield from op("tril", _CUBE, case="batch", opened=True)
    yield from op("triu", _PLANE, k=-1)
    yield from op("triu", _INTS, case="int32")


def _turned() -> Iterator[Case]:
    yield from op("reshape", _CUBE, newshape=(5, -1))
    yield from op("reshape", _CUBE, newshape=(-1, 20), case="flatter", opened=True)
    yield from op("ravel", _CUBE, opened=True)
    yield from op("squeeze", normal(3, 1, 4, 1), axis=(1, 3))
    yield from op("squeeze", normal(3, 1, 4, 1), case="all")
    yield from op("expand_dims", _PLANE, axis=1, opened=True)
    yield from op("expand_dims", _PLANE, axis=(0, -1), case="axes")
    yield from op("transpose", _CUBE)
    yield from op("transpose", _CUBE, axes=(0, 2, 1), case="axes", opened=True)
    yield from op("swapaxes", _CUBE, axis1=0, axis2=2)
    yield from op("moveaxis", _CUBE, source=0, destination=-1)
    yield from op("rot90", _CUBE, k=1)
    yield from op("rot90", _CUBE, k=3, axes=(1, 2), case="axes")
    yield from op("flip", _CUBE, axis=1)
    yield from op("flip", _CUBE, case="all")
    yield from op("flip", _INTS, axis=0, case="int32")
    yield from op("fliplr", _PLANE)
    yield from op("flipud", _PLANE)
    yield from op("roll", _CUBE, shift=2, axis=1, opened=True)
    yield from op("roll", _CUBE, shift=3, case="flat")
    yield from op("roll", _CUBE, shift=(1, 2), axis=(0, 2), case="axes")
    yield from op("rearrange", _CUBE, call=lambda o, x: o.rearrange(x, "a b c -> (a c) b"))
    yield from op("rearrange", normal(3, 8), call=lambda o, x: o.rearrange(x, "a (b c) -> a c b", b=2), case="split")


def _repeated() -> Iterator[Case]:
    yield from op("tile", _PLANE, repeats=(2, 3))
    yield from op("tile", _INTS, repeats=2, case="int32")
    yield from op("repeat", _PLANE, repeats=3)
    yield from op("repeat", _PLANE, repeats=2, axis=1, case="axis", opened=True)
    yield from op("repeat", _PLANE, repeats=[1, 0, 3], axis=0, case="each")
    yield from op("pad", _PLANE, pad_width=((1, 2), (0, 3)))
    for mode in ("reflect", "symmetric"):
        yield from op("pad", _PLANE, pad_width=((1, 2), (0, 3)), mode=mode, case=mode)
    yield from op("pad", _PLANE, pad_width=((1, 1), (1, 2)), constant_values=0.5, case="value", opened=True)
    yield from op("pad", _INTS, pad_width=((1, 0), (0, 2)), case="int32")
    yield from op("kron", _PLANE, normal(2, 5))
    yield from op("vander", _ROW)
    yield from op("vander", _ROW, N=3, increasing=True, case="increasing")


SHAPE: tuple[Case, ...] = (*_made(), *_joined(), *_cut(), *_turned(), *_repeated())
