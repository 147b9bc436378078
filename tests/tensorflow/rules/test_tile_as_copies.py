from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft
from keeps_numbers import PLAIN

from tfjsci.dtypes import Backend
from tfjsci.graph.graph import DType, Graph, Shape, ShapeAttr
from tfjsci.graph.show import show
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.rules.tile_as_copies import MOST, RULE

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])


def tiled(shape: Shape, *times: int, dtype: str = "float32") -> Graph:
    draft = Draft(dtype)
    x = draft.input("x", shape)
    return draft.graph(draft.typed("Tile", "y", x, draft.const("times", np.int32(times)), Tmultiples=DType("int32")))


def numbers(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


WANTED: tuple[Backend, ...] = ("wasm", "cpu")
EXAMPLES = {
    "one place": tiled((1, 16, 1, 8), 1, 1, 3, 1),
    "the last one": tiled((2, 9, 8), 1, 1, 2),
    "an open batch": tiled((None, 1, 64), 1, 5, 1),
    "in six dimensions": tiled((1, 2, 1, 3, 4, 6), 1, 1, 2, 1, 1, 1),
    "whole numbers": tiled((1, 1, 64), 1, 2, 1, dtype="int32"),
}


def test_copies_are_joined() -> None:
    before = tiled((None, 16, 1, 8), 1, 1, 3, 1)
    result = after(before)
    assert show(result) == "x = Placeholder()\ny = ConcatV2(x, x, x, y/const)\n-> y"
    assert result.constants["y/const"].value.tolist() == 2
    assert_same_numbers(before, result, x=numbers(2, 16, 1, 8))


@pytest.mark.parametrize("axis", [0, 1, 2, 3])
def test_along_each_dimension(axis: int) -> None:
    times = [4 if each == axis else 1 for each in range(4)]
    before = tiled((2, 3, 5, 8), *times)
    assert_same_numbers(before, after(before), x=numbers(2, 3, 5, 8))


class TestLeavesAlone:
    def test_several_dimensions(self) -> None:
        assert "more than one dimension" in refused(tiled((1, 16, 16, 8), 1, 2, 2, 1))
        assert "more than one dimension" in refused(tiled((1, 16, 16, 8), 1, 0, 2, 1))

    def test_many_copies(self) -> None:
        assert "too many" in refused(tiled((1, 1, 8), 1, MOST + 1, 1))
        assert after(tiled((1, 1, 8), 1, MOST, 1))

    def test_none_at_all(self) -> None:
        assert "or none" in refused(tiled((1, 1, 800), 1, 0, 1))

    def test_small_pieces(self) -> None:
        assert "side by side" in refused(tiled((1, 400, 1, 3), 1, 1, 2, 1))
        assert after(tiled((1, 400, 1, 4), 1, 1, 2, 1))
        assert "side by side" in refused(tiled((1, 1, None), 1, 2, 1)), "nobody knows how large they are"
        assert after(tiled((None, None, 1, 64), 1, 1, 2, 1)), "how many they are is all the same"

    def test_small_results(self) -> None:
        assert "too small" in refused(tiled((1, 1, 63), 1, 2, 1))
        assert after(tiled((1, 1, 64), 1, 2, 1))

    @pytest.mark.parametrize("dtype", ["bool", "complex64", "string"])
    def test_what_isnt_numbers(self, dtype: str) -> None:
        assert "isn't of numbers" in refused(tiled((1, 1, 64), 1, 2, 1, dtype=dtype))

    def test_an_unknown_shape(self) -> None:
        assert "known shape" in refused(tiled(None, 1, 2, 1))

    def test_times_that_are_computed(self) -> None:
        draft = Draft()
        x = draft.input("x", (1, 1, 64))
        times = draft.op("Placeholder", "times", dtype=DType("int32"), shape=ShapeAttr((3,)))
        graph = draft.graph(draft.typed("Tile", "y", x, times, Tmultiples=DType("int32")))
        assert refused(graph) == ""


@pytest.mark.parametrize(
    ("backends", "applied"),
    [(("wasm",), 1), (("cpu", "wasm"), 1), (("cpu",), 1), (("wasm", "webgl"), 0), (("webgpu", "cpu"), 0), (None, 0)],
)
def test_only_where_no_gpu_is_wanted(backends: tuple[Backend, ...] | None, applied: int) -> None:
    done = rewrite_with(inferred(tiled((1, 16, 1, 8), 1, 1, 3, 1)), replace(PLAIN, backends=backends))
    assert done.applied.get("tile_as_copies", 0) == applied


def test_where_one_is_wanted_it_is_told() -> None:
    done = rewrite_with(inferred(tiled((1, 16, 1, 8), 1, 1, 3, 1)), replace(PLAIN, backends=("wasm", "webgl")))
    said = [each.reason for each in done.refusals if each.rule == "tile_as_copies"]
    assert said == ["it is to run on webgl, too, where a Tile is the faster one"]
