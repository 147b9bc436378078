"""Cases of tensor lists and tensor arrays: each op between one that fills and one that reads."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfjsci.graph.graph import Array, AttrValue, Node, ShapeAttr

from .case import FLOAT, INT, OpCase, i32, wave
from .chains import chain, node

_X = wave(3, 2)
_ELEMENT: dict[str, Any] = {"element_dtype": FLOAT, "shape_type": INT}
_FROM = node("list", "TensorListFromTensor", "x", "shape", **_ELEMENT)
_SHAPE = i32([2])
_ROW = wave(2, seed=4)


def _stack(of: str, **attrs: AttrValue) -> Node:
    return node("stack", "TensorListStack", of, "shape", element_dtype=FLOAT, num_elements=-1, **attrs)


TENSOR_LISTS: tuple[OpCase, ...] = (
    chain(
        "TensorListFromTensor",
        _X,
        node("op", "TensorListFromTensor", "x", "shape", **_ELEMENT),
        _stack("op"),
        out="stack",
        x=_X,
        shape=_SHAPE,
    ),
    chain(
        "TensorListStack",
        _X,
        _FROM,
        node("op", "TensorListStack", "list", "shape", element_dtype=FLOAT, num_elements=3),
        x=_X,
        shape=_SHAPE,
    ),
    chain(
        "TensorListGather",
        _X[[2, 0]],
        _FROM,
        node("op", "TensorListGather", "list", "which", "shape", element_dtype=FLOAT),
        x=_X,
        shape=_SHAPE,
        which=i32([2, 0]),
    ),
    chain(
        "TensorListGetItem",
        _X[1],
        _FROM,
        node("op", "TensorListGetItem", "list", "at", "shape", element_dtype=FLOAT),
        x=_X,
        shape=_SHAPE,
        at=i32(1),
    ),
    chain("TensorListLength", i32(3), _FROM, node("op", "TensorListLength", "list"), x=_X, shape=_SHAPE),
    chain(
        "TensorListResize",
        i32(5),
        _FROM,
        node("op", "TensorListResize", "list", "size"),
        node("length", "TensorListLength", "op"),
        out="length",
        x=_X,
        shape=_SHAPE,
        size=i32(5),
    ),
    chain(
        "TensorListSetItem",
        np.stack([_X[0], _ROW, _X[2]]),
        _FROM,
        node("op", "TensorListSetItem", "list", "at", "row", element_dtype=FLOAT),
        _stack("op"),
        out="stack",
        x=_X,
        shape=_SHAPE,
        at=i32(1),
        row=_ROW,
    ),
    chain(
        "TensorListPushBack",
        np.stack([*_X, _ROW]),
        _FROM,
        node("op", "TensorListPushBack", "list", "row", element_dtype=FLOAT),
        _stack("op"),
        out="stack",
        x=_X,
        shape=_SHAPE,
        row=_ROW,
    ),
    chain(
        "TensorListPopBack",
        _X[2],
        _FROM,
        node("op", "TensorListPopBack", "list", "shape", element_dtype=FLOAT),
        out="op:1",
        x=_X,
        shape=_SHAPE,
    ),
    chain(
        "TensorListScatter",
        _X[[1, 0, 2]],
        node("op", "TensorListScatter", "x", "which", "shape", **_ELEMENT),
        _stack("op"),
        out="stack",
        x=_X,
        which=i32([1, 0, 2]),
        shape=_SHAPE,
    ),
    chain(
        "TensorListScatterV2",
        _X[[1, 0, 2]],
        node("op", "TensorListScatterV2", "x", "which", "shape", "count", **_ELEMENT),
        _stack("op"),
        out="stack",
        x=_X,
        which=i32([1, 0, 2]),
        shape=_SHAPE,
        count=i32(3),
    ),
    chain(
        "TensorListSplit",
        _X[1:],
        node("op", "TensorListSplit", "x", "element", "lengths", **_ELEMENT),
        node("item", "TensorListGetItem", "op", "at", "element", element_dtype=FLOAT),
        out="item",
        x=_X,
        element=i32(-1),
        lengths=i32([1, 2]),
        at=i32(1),
    ),
    chain(
        "TensorListSplit/ones",
        _X[1:2],
        node("op", "TensorListSplit", "x", "element", "lengths", **_ELEMENT),
        node("item", "TensorListGetItem", "op", "at", "element", element_dtype=FLOAT),
        out="item",
        x=_X,
        element=i32(-1),
        lengths=i32([1, 1, 1]),
        at=i32(1),
    ),
    chain(
        "TensorListConcat",
        _X.reshape(-1),
        _FROM,
        node("op", "TensorListConcat", "list", element_dtype=FLOAT, element_shape=ShapeAttr((2,))),
        x=_X,
        shape=_SHAPE,
    ),
    chain(
        "TensorListConcatV2",
        _X.reshape(-1),
        _FROM,
        node("op", "TensorListConcatV2", "list", "shape", "leading", element_dtype=FLOAT, shape_type=INT),
        x=_X,
        shape=_SHAPE,
        leading=i32([]),
    ),
    chain(
        "TensorListReserve",
        np.stack([_ROW]),
        node("op", "TensorListReserve", "shape", "count", **_ELEMENT),
        node("set", "TensorListSetItem", "op", "at", "row", element_dtype=FLOAT),
        _stack("set"),
        out="stack",
        shape=_SHAPE,
        count=i32(1),
        at=i32(0),
        row=_ROW,
    ),
    chain(
        "EmptyTensorList",
        np.stack([_ROW]),
        node("op", "EmptyTensorList", "shape", "count", **_ELEMENT),
        node("push", "TensorListPushBack", "op", "row", element_dtype=FLOAT),
        _stack("push"),
        out="stack",
        shape=_SHAPE,
        count=i32(-1),
        row=_ROW,
    ),
)


def _new_array(name: str, shape: tuple[int | None, ...] | None) -> Node:
    return node(
        name, "TensorArrayV3", "size", dtype=FLOAT, element_shape=ShapeAttr(shape), dynamic_size=False,
        clear_after_read=False, identical_element_shapes=shape is not None, tensor_array_name=b"rows",
    )  # fmt: skip


def _gathered(name: str, array: str, indices: str, flow: str, shape: tuple[int | None, ...] | None = (2,)) -> Node:
    return node(name, "TensorArrayGatherV3", array, indices, flow, dtype=FLOAT, element_shape=ShapeAttr(shape))


def _array(
    name: str,
    expected: Array,
    *nodes: Node,
    out: str = "op",
    shape: tuple[int | None, ...] | None = (2,),
    **constants: Array,
) -> OpCase:
    """With a TensorArray ``array`` of three rows, filled by ``filled``; the one that the case is about is ``op``."""
    op = name.partition("/")[0]
    made = _new_array("op" if op == "TensorArrayV3" else "array", shape)
    scatter = "op" if op == "TensorArrayScatterV3" else "filled"
    fill = node(scatter, "TensorArrayScatterV3", made.name, "all", "x", f"{made.name}:1", T=FLOAT)
    return chain(name, expected, made, fill, *nodes, out=out, size=i32(3), all=i32([0, 1, 2]), x=_X, **constants)


def _split(name: str, lengths: list[int], shape: tuple[int | None, ...] | None) -> OpCase:
    return chain(
        name,
        _X[lengths[0] : lengths[0] + lengths[1]],
        _new_array("array", shape),
        node("op", "TensorArraySplitV3", "array", "x", "lengths", "array:1", T=FLOAT),
        node("read", "TensorArrayReadV3", "array", "at", "op", dtype=FLOAT),
        out="read",
        size=i32(len(lengths)),
        at=i32(1),
        x=_X,
        lengths=i32(lengths),
    )


TENSOR_ARRAYS: tuple[OpCase, ...] = (
    _array("TensorArrayV3", _X, _gathered("gathered", "op", "all", "filled"), out="gathered"),
    _array(
        "TensorArrayV3/unknown-shape",
        _X,
        _gathered("gathered", "op", "all", "filled", None),
        out="gathered",
        shape=None,
    ),
    _array("TensorArrayScatterV3", _X, _gathered("gathered", "array", "all", "op"), out="gathered"),
    _array("TensorArrayGatherV3", _X[[2, 0]], _gathered("op", "array", "which", "filled"), which=i32([2, 0])),
    _array(
        "TensorArrayReadV3", _X[1], node("op", "TensorArrayReadV3", "array", "at", "filled", dtype=FLOAT), at=i32(1)
    ),
    _array("TensorArrayConcatV3", _X.reshape(-1), node("op", "TensorArrayConcatV3", "array", "filled", dtype=FLOAT)),
    _array("TensorArraySizeV3", i32(3), node("op", "TensorArraySizeV3", "array", "filled")),
    chain(
        "TensorArrayWriteV3",
        _ROW,
        _new_array("array", (2,)),
        node("op", "TensorArrayWriteV3", "array", "at", "row", "array:1", T=FLOAT),
        node("read", "TensorArrayReadV3", "array", "at", "op", dtype=FLOAT),
        out="read",
        size=i32(2),
        at=i32(1),
        row=_ROW,
    ),
    chain(
        "TensorArrayWriteV3/unknown-shape",
        _ROW,
        _new_array("array", None),
        node("op", "TensorArrayWriteV3", "array", "at", "row", "array:1", T=FLOAT),
        node("read", "TensorArrayReadV3", "array", "at", "op", dtype=FLOAT),
        out="read",
        size=i32(2),
        at=i32(1),
        row=_ROW,
    ),
    _split("TensorArraySplitV3", [1, 1, 1], (1, 2)),
    _split("TensorArraySplitV3/open-shape", [1, 2], (None, 2)),
    _split("TensorArraySplitV3/unknown-shape", [1, 2], None),
)
