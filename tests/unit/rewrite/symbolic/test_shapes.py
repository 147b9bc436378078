"""Chains of ops on data: the shapes that are told of them are those that numpy makes, at every size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shape_chains import MASKS
from shape_draft import INT, ShapeDraft

from tfjsci.graph.graph import Graph, TensorType
from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.size import Atom, Dimension, Number, of
from tfjsci.rewrite.symbolic.sizes import Sizes


class Data:
    """Float tensors by name, as nodes and as numpy's zeros; nothing is inferred."""

    def __init__(self, *shapes: tuple[int, ...], open_axes: tuple[int, ...]) -> None:
        self.draft = ShapeDraft()
        self.values: dict[str, Any] = {}
        self.atoms: dict[Atom, int] = {}
        for i, shape in enumerate(shapes):
            name = self.draft.input(f"x{i}", tuple(None if a in open_axes else n for a, n in enumerate(shape)))
            self.values[name] = np.zeros(shape, np.float32)
            self.atoms |= {Dimension(name, axis): n for axis, n in enumerate(shape)}

    def add(self, op: str, *inputs: str, value: Any, **attrs: Any) -> str:
        name = self.draft.typed(op, f"t{len(self.draft.nodes)}", *inputs, **attrs)
        self.values[name] = value
        return name

    def graph(self) -> Graph:
        floats = {name: TensorType(dtype="float32", shape=None) for name in self.values if not name.startswith("x")}
        return self.draft.graph(*self.values, types=floats)

    def told(self) -> dict[str, tuple[Number, ...] | None]:
        sizes = Sizes(self.graph())
        return {name: sizes.shape(name) for name in self.values}


@st.composite
def data(draw: st.DrawFn) -> Data:
    rank = draw(st.integers(2, 4))
    shape = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    made = Data(shape, shape, open_axes=tuple(draw(st.sets(st.integers(0, rank - 1)))))
    for _ in range(draw(st.integers(1, 7))):
        step(draw, made)
    return made


def step(draw: st.DrawFn, made: Data) -> None:
    draft, values = made.draft, made.values
    x = draw(st.sampled_from(sorted(values)))
    value = values[x]
    if not 1 <= value.ndim <= 5 or not 0 < value.size < 4000:  # -1 isn't said of an empty tensor
        return
    axis = draw(st.integers(0, value.ndim - 1))
    kind = draw(
        st.sampled_from(
            [
                "transpose",
                "rows",
                "join",
                "tile",
                "pad",
                "cut",
                "slice",
                "add",
                "expand",
                "reduce",
                "like",
                "heads",
                "pick",
            ]
        )
    )
    match kind:
        case "transpose":
            order = draw(st.permutations(range(value.ndim)))
            made.add("Transpose", x, draft.ints(*order), value=value.transpose(order), Tperm=INT)
        case "rows":
            last = draft.size(x, value.ndim - 1)
            shape = draft.pack(draft.ints(-1, scalar=True), last)
            made.add("Reshape", x, shape, value=value.reshape(-1, value.shape[-1]), Tshape=INT)
        case "heads":
            sizes = [draft.size(x, i) for i in range(value.ndim)]
            one = draft.ints(1, scalar=True)
            shape = draft.pack(*sizes[:axis], one, *sizes[axis:])
            made.add("Reshape", x, shape, value=np.expand_dims(value, axis), Tshape=INT)
        case "join":
            ints = draft.ints(axis, scalar=True)
            made.add("ConcatV2", x, x, ints, value=np.concatenate([value, value], axis), N=2)
        case "tile":
            times = [draw(st.integers(1, 2)) for _ in value.shape]
            made.add("Tile", x, draft.ints(*times), value=np.tile(value, times), Tmultiples=INT)
        case "pad":
            around = [(draw(st.integers(0, 2)), draw(st.integers(0, 1))) for _ in value.shape]
            pads = draft.const(f"p{len(draft.nodes)}", np.array(around, np.int32))
            made.add("Pad", x, pads, value=np.pad(value, around), Tpaddings=INT)
        case "cut":
            n = value.shape[axis]
            low, high = draw(st.integers(-n - 1, n + 1)), draw(st.integers(-n - 1, n + 1))
            by = draw(st.sampled_from([1, 1, 2, -1]))
            bounds = [[0] * value.ndim, [0] * value.ndim, [1] * value.ndim]
            for vector, at in zip(bounds, (low, high, by), strict=True):
                vector[axis] = at
            others = sum(1 << i for i in range(value.ndim) if i != axis)
            masks = {**MASKS, "begin_mask": others, "end_mask": others}
            index = tuple(slice(low, high, by) if i == axis else slice(None) for i in range(value.ndim))
            made.add("StridedSlice", x, *(draft.ints(*v) for v in bounds), value=value[index], Index=INT, **masks)
        case "slice":
            low = draw(st.integers(0, value.shape[axis]))
            begin = [low if i == axis else 0 for i in range(value.ndim)]
            index = tuple(slice(low, None) if i == axis else slice(None) for i in range(value.ndim))
            rest = draft.ints(*([-1] * value.ndim))
            made.add("Slice", x, draft.ints(*begin), rest, value=value[index], Index=INT)
        case "add":
            other = draw(st.sampled_from(sorted(values)))
            try:
                total = value + values[other]
            except ValueError:
                return
            made.add("AddV2", x, other, value=total)
        case "expand":
            place = draw(st.integers(-value.ndim - 1, value.ndim))
            where = draft.ints(place, scalar=True)
            made.add("ExpandDims", x, where, value=np.expand_dims(value, place), Tdim=INT)
        case "reduce":
            keep = draw(st.booleans())
            made.add("Sum", x, draft.ints(axis), value=value.sum(axis, keepdims=keep), keep_dims=keep, Tidx=INT)
        case "like":
            made.add("Fill", draft.shape_of(x), draft.const(f"o{len(draft.nodes)}", 1.0), value=value)
        case "pick":
            places = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
            inputs = (x, draft.ints(*places), draft.ints(axis, scalar=True))
            made.add("GatherV2", *inputs, value=np.take(value, [0] * len(places), axis), batch_dims=0)


@settings(deadline=None, max_examples=100)
@given(data())
def test_shapes_are_those_that_are_made(made: Data) -> None:
    for name, shape in made.told().items():
        assert shape is not None, name
        atoms = {**made.atoms}
        for axis, n in enumerate(shape):  # a size of its own is any size
            if isinstance(n, size.Size) and (atom := n.only) is not None and atom not in atoms:
                atoms[atom] = made.values[name].shape[axis]
        inner = {a for n in shape if isinstance(n, size.Size) for a in n.atoms if isinstance(a, Dimension)}
        for atom in inner - set(atoms):
            atoms[atom] = made.values[atom.tensor].shape[atom.axis]
        assert tuple(size.at(n, atoms) for n in shape) == made.values[name].shape, name


H, W = of(Dimension("x0", 1)), of(Dimension("x0", 2))


@pytest.mark.parametrize("n", range(3, 9))
@pytest.mark.parametrize(
    ("padding", "stride", "dilation", "places"),
    [
        (b"SAME", 2, 1, lambda n: -(-n // 2)),
        (b"VALID", 1, 1, lambda n: n - 2),
        (b"VALID", 2, 1, lambda n: (n - 3) // 2 + 1),
        (b"VALID", 1, 2, lambda n: max(n - 4, 0)),
    ],
)
def test_a_convolutions_places(n: int, padding: bytes, stride: int, dilation: int, places: Any) -> None:
    made = Data((1, n, n, 3), open_axes=(0, 1, 2))
    kernel = made.draft.const("w", np.zeros((3, 3, 3, 5)))
    attrs = {"strides": (1, stride, stride, 1), "dilations": (1, dilation, dilation, 1), "padding": padding}
    conv = made.add("Conv2D", "x0", kernel, value=np.zeros((1, places(n), places(n), 5)), data_format=b"NHWC", **attrs)
    shape = made.told()[conv]
    assert shape is not None
    assert tuple(size.at(s, made.atoms) for s in shape) == made.values[conv].shape


def test_a_pool_of_an_open_image_keeps_what_it_can() -> None:
    made = Data((1, 8, 8, 3), open_axes=(0, 1, 2))
    attrs = {"ksize": (1, 2, 2, 1), "strides": (1, 2, 2, 1), "padding": b"SAME", "data_format": b"NHWC"}
    pool = made.add("MaxPool", "x0", value=np.zeros((1, 4, 4, 3)), **attrs)
    assert str(made.told()[pool][1]) == "floordiv(1 + x0[1], 2)"  # type: ignore[index]


def test_products_and_equations() -> None:
    made = Data((2, 3, 4), open_axes=(0, 1))
    w = made.draft.const("w", np.zeros((4, 5)))
    product = made.add("BatchMatMulV2", "x0", w, value=np.zeros((2, 3, 5)), adj_x=False, adj_y=False)
    scores = made.add("BatchMatMulV2", "x0", "x0", value=np.zeros((2, 3, 3)), adj_x=False, adj_y=True)
    equation = made.add("Einsum", "x0", w, value=np.zeros((2, 5, 3)), equation=b"bsc,cd->bds", N=2)
    told = made.told()
    batch, rows = of(Dimension("x0", 0)), of(Dimension("x0", 1))
    assert told[product] == (batch, rows, 5)
    assert told[scores] == (batch, rows, rows)
    assert told[equation] == (batch, 5, rows)


def test_two_open_sizes_that_are_spread_over_one_another_may_be_either() -> None:
    made = Data((2, 3), (2, 3), open_axes=(0,))
    total = made.add("AddV2", "x0", "x1", value=np.zeros((2, 3)))
    assert made.told()[total] == (of(Dimension(total, 0)), 3)
