"""Numbers that a shape is made of, from the sizes of an input that the run alone knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from graph_draft import Draft
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import (
    FEW,
    Example,
    assert_right_in_tensorflow,
    floats,
    ints,
    lowered_by,
    one_op,
    refused,
    rewritten,
)

from tfjsci.catalog.catalog import load_catalog
from tfjsci.converter import convert
from tfjsci.graph.graph import Array, DType
from tfjsci.load.loaded import LoadedGraph
from tfjsci.signature import TensorSpec

NAME = "sizes_on_cpu"
INT, BOOL = DType("int32"), DType("bool")


class Sizes(Draft):
    """``n`` and ``m`` are the first two sizes of ``x``, ``both`` its whole shape."""

    def __init__(self) -> None:
        super().__init__()
        x = self.input("x", (None, None, 2))
        self.both = self.op("Shape", "both", x, T=DType("float32"), out_type=INT)
        at = [self.number(f"at{i}", [i]) for i in range(3)]
        masks = {f"{mask}_mask": 0 for mask in ("begin", "end", "ellipsis", "new_axis")}
        self.n, self.m = (
            self.op(
                "StridedSlice", name, self.both, at[i], at[i + 1], at[1], T=INT, Index=INT, shrink_axis_mask=1, **masks
            )
            for i, name in enumerate("nm")
        )

    def number(self, name: str, value: int | list[int]) -> str:
        return self.const(name, np.array(value, np.int32))

    def larger(self, name: str, x: str, y: str) -> str:
        return self.op("Greater", name, x, y, T=INT)


def remainder(s: Sizes) -> str:
    return s.op("FloorMod", "of", s.op("Neg", "less", s.n, T=INT), s.number("three", 3), T=INT)


def square(s: Sizes) -> str:
    return s.op("Square", "of", s.m, T=INT)


def squared_difference(s: Sizes) -> str:
    return s.op("SquaredDifference", "of", s.n, s.m, T=INT)


def several(s: Sizes) -> str:
    return s.op("AddN", "of", s.n, s.m, s.n, T=INT, N=3)


def least(s: Sizes) -> str:
    return s.op("Min", "of", s.both, s.number("axis", [0]), T=INT, Tidx=INT, keep_dims=False)


def chosen(s: Sizes) -> str:
    return s.op("SelectV2", "of", s.larger("more", s.n, s.m), s.n, s.number("three", 3), T=INT)


def chosen_by_all(s: Sizes) -> str:
    more, less = s.larger("more", s.n, s.m), s.larger("less", s.m, s.number("three", 3))
    either = s.op("LogicalOr", "either", more, s.op("LogicalNot", "not", less))
    return s.op("Select", "of", s.op("LogicalAnd", "and", either, more), s.n, s.m, T=INT)


MADE = (remainder, square, squared_difference, several, least, chosen, chosen_by_all)


def counted(make: Callable[[Sizes], str], n: int, m: int) -> Example:
    """As many numbers as ``make`` says."""
    s = Sizes()
    end = make(s)
    s.op("Range", "op", s.number("zero", 0), end, s.number("one", 1), Tidx=INT)
    return Example(graph=s.graph("op"), inputs={"x": floats(n, m, 2)}, text=f"{make.__name__} of {n} and {m}")


EXAMPLES = st.builds(counted, st.sampled_from(MADE), st.integers(1, 7), st.integers(1, 7))
CORNERS = (*(counted(make, 7, 4) for make in MADE), counted(chosen, 2, 4), counted(chosen_by_all, 5, 5))


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_numbers_that_no_size_is_made_of_stay() -> None:
    x, y = ints(3, 4), ints(3, 4, seed=2, low=1)
    assert lowered_by(one_op("FloorMod", x, y)) == []
    assert lowered_by(one_op("Square", x)) == []


def test_without_webgpu_they_stay() -> None:
    example = replace(counted(remainder, 7, 4), backends=("webgl", "wasm", "cpu"))
    assert NAME not in [each.by for each in rewritten(example).lowered]


def test_what_only_the_gpu_computes_is_named() -> None:
    def place(s: Sizes) -> str:
        flat = s.op("Reshape", "flat", "x", s.number("all", [-1]), T=DType("float32"), Tshape=INT)
        zero = s.number("first", 0)
        return s.op("ArgMax", "of", flat, zero, T=DType("float32"), Tidx=INT, output_type=INT)

    assert "can't read it back" in refused(counted(place, 3, 2))


def test_what_a_size_is_made_of_is_told_by_the_release_of_the_run() -> None:
    """Pow is computed on the GPU; where a kernel does it that computes small numbers on the CPU, a size comes through it."""

    def raised(s: Sizes) -> str:
        return s.op("Pow", "raised", remainder(s), s.number("exponent", 3), T=INT)

    def original(arrays: Mapping[str, Array]) -> dict[str, Array]:
        raise AssertionError("nothing is run")

    spec = TensorSpec(name="x", tensor="x:0", dtype="float32", shape=(None, None, 2))
    loaded = LoadedGraph(
        graph=counted(raised, 7, 4).graph,
        inputs=(spec,),
        outputs=(TensorSpec(name="y", tensor="op:0", dtype="int32", shape=(None,)),),
        format="keras",
        signature=None,
        original=original,
    )
    shipped = load_catalog()
    other = replace(shipped, ops={**shipped.ops, "Pow": replace(shipped.ops["Pow"], kernels=("Multiply",))})
    here, there = (convert(loaded, backends=["webgpu"], catalog=catalog).check for catalog in (shipped, other))
    assert ([each.op for each in here.unsupported], here.lowered) == (["Pow"], ())
    assert (there.unsupported, [(each.op, each.by) for each in there.lowered]) == ((), [("FloorMod", NAME)])
