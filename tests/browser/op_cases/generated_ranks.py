"""Ops on tensors of 1 to 7 dimensions: where a backend's shaders and loops end.

Elementwise ops are made of their plain examples; the others have a line each that says what they do with a tensor ``x``.
Candidates like those of :mod:`generated_dtypes`: TensorFlow itself refuses some ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from tfjsci.catalog.restrictions.axes import BINARY, UNARY
from tfjsci.graph.graph import Array, Constant, DType

from .case import FLOAT, INT, OpCase, case, f32, i32, wave

SIZES = (2, 1, 2, 3, 1, 2, 2)
"""The first so many are the shape of a rank."""

ELEMENTWISE = (BINARY | UNARY | {"AddN", "DivNoNan", "OnesLike", "ZerosLike"}) - {"BiasAdd", "Cast", "Prelu"}
HIGH = (4, 5, 6, 7)


def in_other_ranks(cases: Sequence[OpCase]) -> Iterator[OpCase]:
    """``Op/rank-5`` and so on, but for those that are among the cases already."""
    there = {each.name for each in cases}
    made = (*_elementwise(cases), *_others())
    yield from (each for each in made if each.name not in there)


def _elementwise(cases: Sequence[OpCase]) -> Iterator[OpCase]:
    for plain in cases:
        if plain.name != plain.op or plain.op not in ELEMENTWISE:
            continue
        data = [name for name in plain.node.inputs if plain.graph.constants[name].value.ndim]
        for rank in (1, 3, *HIGH):
            shape = SIZES[:rank]
            yield _reshaped(plain, f"rank-{rank}", dict.fromkeys(data, shape))
            if plain.op in BINARY and rank > 1:
                first, second = data
                along = tuple(1 if axis % 2 else n for axis, n in enumerate(shape))
                yield _reshaped(plain, f"rank-{rank}-spread", {first: shape, second: along})


def _reshaped(plain: OpCase, name: str, shapes: dict[str, tuple[int, ...]]) -> OpCase:
    """The example's numbers over and over, in other shapes."""
    constants = {
        key: Constant(value=np.resize(constant.value, shapes[key])) if key in shapes else constant
        for key, constant in plain.graph.constants.items()
    }
    return replace(plain, name=f"{plain.op}/{name}", graph=replace(plain.graph, constants=constants))


def _others() -> Iterator[OpCase]:
    for rank in (1, 3, *HIGH):
        for op, make in _OF_ANY.items():
            for suffix, made in make(f"{op}/rank-{rank}", wave(*SIZES[:rank]), rank).items():
                yield replace(made, name=f"{op}/rank-{rank}{suffix}")


Made = dict[str, OpCase]
"""What is put behind the name -> the case."""


def _same(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, T=FLOAT)}


def _reduced(name: str, x: Array, rank: int) -> Made:
    x, attrs = (x > 0, {}) if name.startswith(("All", "Any")) else (x, {"T": FLOAT})
    return {
        f"-{place}": case(name, x, i32([axis]), Tidx=INT, keep_dims=False, **attrs)
        for place, axis in (("first", 0), ("last", rank - 1))
    }


def _searched(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, i32(rank // 2), T=FLOAT, Tidx=INT, output_type=INT)}


def _scanned(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, i32(rank // 2), T=FLOAT, Tidx=INT, exclusive=False, reverse=False)}


def _transposed(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, i32(range(rank)[::-1]), T=FLOAT, Tperm=INT)}


def _selected(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x > 0, x, wave(*x.shape, seed=3), T=FLOAT)}


def _selected_spread(name: str, x: Array, rank: int) -> Made:
    return {**_selected(name, x, rank), "-scalars": case(name, x > 0, f32(1.5), f32(-1.5), T=FLOAT)}


def _padded(name: str, x: Array, rank: int) -> Made:
    pairs = [[n > 1, 0] for n in x.shape]
    match name.partition("/")[0]:
        case "Pad":
            return {"": case(name, x, i32(pairs), T=FLOAT)}
        case "PadV2":
            return {"": case(name, x, i32(pairs), f32(1.5), T=FLOAT)}
    return {"": case(name, x, i32(pairs), T=FLOAT, mode=b"REFLECT")}


def _sliced(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, i32([n - 1 for n in x.shape]), i32([-1] * rank), T=FLOAT)}


def _stepped(name: str, x: Array, rank: int) -> Made:
    ends, ones = i32(x.shape), [1] * (rank - 1)
    return {
        "-plain": case(name, x, i32([0] * rank), ends, i32([1] * rank), T=FLOAT, begin_mask=0, end_mask=0),
        "": case(name, x, i32([0] * rank), ends, i32([2, *ones]), T=FLOAT, begin_mask=0, end_mask=0),
    }


def _split(name: str, x: Array, rank: int) -> Made:
    if name.startswith("SplitV"):
        return {"": case(name, x, i32([1, 1]), i32(0), outputs=2, T=FLOAT, num_split=2)}
    return {"": case(name, i32(0), x, outputs=2, T=FLOAT, num_split=2)}


def _unpacked(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, outputs=2, T=FLOAT, num=2, axis=0)}


def _packed(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, wave(*x.shape, seed=3), T=FLOAT, N=2, axis=rank // 2)}


def _joined(name: str, x: Array, rank: int) -> Made:
    other, axis = wave(*x.shape, seed=3), i32(rank // 2)
    inputs = (axis, x, other) if name.startswith("Concat/") else (x, other, axis)
    return {"": case(name, *inputs, T=FLOAT, N=2)}


def _reversed(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, i32([0, rank - 1] if rank > 1 else [0]), T=FLOAT)}


def _gathered(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, i32([0, 0, 0]), i32(rank // 2), Tparams=FLOAT, batch_dims=0)}


def _tiled(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, i32([1 + (axis % 2 == 0) for axis in range(rank)]), T=FLOAT)}


def _spread(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, wave(*(1 if axis % 2 else n for axis, n in enumerate(x.shape))), i32(x.shape), T=FLOAT)}


def _filled(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, i32(x.shape), *([f32(1.5)] if name.startswith("Fill") else []), T=FLOAT)}


def _normed(name: str, x: Array, rank: int) -> Made:
    return {"": case(name, x, i32([rank - 1]), T=FLOAT, keep_dims=False)}


def _cast(name: str, x: Array, rank: int) -> Made:
    kinds: dict[str, tuple[Array, str, str]] = {
        "-int32": (x * 3, "float32", "int32"),
        "-bool": (x, "float32", "bool"),
        "-float": (np.round(x * 3).astype(np.int32), "int32", "float32"),
    }
    return {
        suffix: case(name, value, types=(source,), SrcT=DType(source), DstT=DType(target), Truncate=False)
        for suffix, (value, source, target) in kinds.items()
    }


def _space_to_batch(name: str, x: Array, rank: int) -> Made:
    if rank < 3:
        return {}
    made = {"": case(name, wave(1, *[2] * (rank - 1)), i32([2]), i32([[0, 0]]), T=FLOAT)}
    if rank == 4:
        made["-three"] = case(name, wave(1, 2, 2, 2), i32([2, 2, 2]), i32([[0, 0]] * 3), T=FLOAT)
    return made


def _batch_to_space(name: str, x: Array, rank: int) -> Made:
    if rank < 3:
        return {}
    made = {"": case(name, wave(2, *[2] * (rank - 2), 1), i32([2]), i32([[0, 0]]), T=FLOAT)}
    if rank == 4:
        made["-three"] = case(name, wave(8, 1, 1, 1), i32([2, 2, 2]), i32([[0, 0]] * 3), T=FLOAT)
    return made


_OF_ANY: dict[str, Callable[[str, Array, int], Made]] = {
    **dict.fromkeys(("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"), _reduced),
    **dict.fromkeys(("ArgMax", "ArgMin"), _searched),
    **dict.fromkeys(("Cumprod", "Cumsum"), _scanned),
    **dict.fromkeys(("Concat", "ConcatV2"), _joined),
    **dict.fromkeys(("MirrorPad", "Pad", "PadV2"), _padded),
    **dict.fromkeys(("Fill", "Ones", "Zeros"), _filled),
    **dict.fromkeys(("LogSoftmax", "Softmax"), _same),
    **dict.fromkeys(("Split", "SplitV"), _split),
    "BatchToSpaceND": _batch_to_space,
    "BroadcastTo": _spread,
    "Cast": _cast,
    "EuclideanNorm": _normed,
    "GatherV2": _gathered,
    "Pack": _packed,
    "ReverseV2": _reversed,
    "Select": _selected,
    "SelectV2": _selected_spread,
    "Slice": _sliced,
    "SpaceToBatchND": _space_to_batch,
    "StridedSlice": _stepped,
    "Tile": _tiled,
    "Transpose": _transposed,
    "Unpack": _unpacked,
}
"""Op -> its cases on a tensor of some rank."""
