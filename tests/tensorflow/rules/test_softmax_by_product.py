from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all, inferred
from fused_reference import assert_same_numbers, outputs_of
from graph_draft import Draft
from keeps_numbers import PLAIN

from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.packed import MOST
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.rules.softmax_by_product import RULE

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])

WANTED: tuple[Backend, ...] = ("webgl", "cpu")


def softmax(shape: Shape = (2, 3, 4, 6), *, masked: bool = False, dtype: str = "float32") -> Graph:
    draft = Draft(dtype)
    x = draft.input("x", shape)
    if masked:  # the third row wholly
        mask = np.where(np.arange(24).reshape(4, 6) % 5 > 1, 0, -1e9)
        mask[2] = -1e9
        x = draft.typed("AddV2", "masked", x, draft.const("mask", mask))
    return draft.graph(draft.typed("Softmax", "y", x))


EXAMPLES = {
    "heads": softmax(),
    "a matrix": softmax((5, 20)),
    "one row": softmax((1, 1000)),
    "masked": softmax(masked=True),
    "an open batch": softmax((None, 3, 64)),
}


def test_the_sum_is_a_product() -> None:
    result = after(softmax((5, 20)))
    assert show(result) == (
        "x = Placeholder()\n"
        "y/max = Max(x, y/const)\n"
        "y/sub = Sub(x, y/max)\n"
        "y/exp = Exp(y/sub)\n"
        "y/sum = MatMul(y/exp, y/const_1)\n"
        "y = RealDiv(y/exp, y/sum)\n"
        "-> y"
    )
    assert result.constants["y/const_1"].value.tolist() == [[1.0]] * 20


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_keeps_the_numbers(before: Graph) -> None:
    shape = before["x"].attrs["shape"].shape  # type: ignore[union-attr]
    x = np.random.default_rng(0).normal(0, 5, [size or 2 for size in shape]).astype(np.float32)
    assert_same_numbers(before, after(before), rtol=1e-5, x=x)


@pytest.mark.parametrize(
    "row",
    [
        [1e4, 1e4, -1e9, 0],
        [-1e9] * 4,
        [-3e38, 3e38, 0, 0],
        [-np.inf, 1, 2, -np.inf],
        [-np.inf] * 4,
        [np.inf, 1, 2, 3],
        [np.nan, 1, 2, 3],
    ],
)
def test_large_infinite_and_no_numbers_come_out_as_they_did(row: list[float]) -> None:
    before = softmax((2, 4))
    x = np.array([row, [1, 2, 3, 4]], np.float32)
    (wanted,), (found,) = outputs_of(before, x=x), outputs_of(after(before), x=x)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


class TestLeavesAlone:
    def test_odd_rows(self) -> None:
        """webgl's textures hold two columns: what is beside the last one may be infinite, times 0."""
        assert "texels" in refused(softmax((4, 7)))

    def test_many(self) -> None:
        assert "too many" in refused(softmax((4, MOST + 2)))

    def test_how_many_is_known_to_the_run(self) -> None:
        assert "run alone" in refused(softmax((4, None)))

    def test_a_vector_and_an_unknown_rank(self) -> None:
        assert "with rows" in refused(softmax((8,)))
        assert "with rows" in refused(softmax(None))

    def test_another_dtype(self) -> None:
        assert "float32" in refused(softmax((4, 8), dtype="float64"))


@pytest.mark.parametrize(
    ("backends", "applied"),
    [(("webgl",), 1), (("cpu", "webgl"), 1), (("webgl", "webgpu"), 0), (None, 0), (("cpu",), 0)],
)
def test_only_where_webgl_alone_is_wanted(backends: tuple[Backend, ...] | None, applied: int) -> None:
    done = rewrite_with(inferred(softmax()), replace(PLAIN, backends=backends))
    assert done.applied.get("softmax_by_product", 0) == applied
