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
from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.packed import MOST
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.rules.mean_as_product import MOST_WITH_BIAS, RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)

WANTED: tuple[Backend, ...] = ("webgl", "cpu")


def reduced(
    shape: Shape = (64, 128),
    axes: object = -1,
    *,
    op: str = "Mean",
    keep_dims: bool = True,
    added: object = None,
    swapped: bool = False,
    dtype: str = "float32",
) -> Graph:
    draft = Draft(dtype)
    x, over = draft.input("x", shape), draft.const("axes", np.array(axes, np.int32))
    y = draft.typed(op, "y", x, over, keep_dims=keep_dims, Tidx=DType("int32"))
    if added is None:
        return draft.graph(y)
    e = draft.const("e", np.array(added, np.float32))
    return draft.graph(draft.typed("AddV2", "z", *((e, y) if swapped else (y, e))))


def norm(shape: Shape, *, mean: bool = True, scale: bool = False) -> Graph:
    """A layer's, or a root mean square's, along the last dimension."""
    draft = Draft()
    x, over = draft.input("x", shape), draft.const("axes", np.array([-1], np.int32))
    attrs = {"keep_dims": True, "Tidx": DType("int32")}
    if mean:
        x = draft.typed("Sub", "centred", x, draft.typed("Mean", "mean", x, over, **attrs))
    spread = draft.typed("Mean", "spread", draft.typed("Square", "square", x), over, **attrs)
    root = draft.typed("Rsqrt", "root", draft.typed("AddV2", "lifted", spread, draft.const("e", np.float32(1e-3))))
    if scale:
        root = draft.typed("Mul", "factor", root, draft.const("c", np.linspace(0.5, 2, 16, dtype=np.float32)))
    return draft.graph(draft.typed("Mul", "y", x, root))


EXAMPLES = {
    "a matrix and a number": reduced(added=1e-3),
    "a matrix": reduced(),
    "a sum": reduced(op="Sum"),
    "rows of two": reduced((7, 2)),
    "one row": reduced((1, 128), added=[[0.5]]),
    "in four dimensions": reduced((2, 3, 5, 8), 3, added=1e-3),
    "a sequence's steps": reduced((2, 6, 5), 1, keep_dims=False),
    "steps of an open batch, kept": reduced((None, 4, 8), 1),
    "a layer norm": norm((5, 16)),
    "a layer norm of sequences, scaled": norm((2, 5, 16), scale=True),
    "a root mean square norm": norm((5, 16), mean=False),
}


def test_a_number_that_is_added_is_the_bias() -> None:
    result = after(reduced(added=1e-3))
    assert show(result) == "x = Placeholder()\ny = MatMul(x, z/const)\nz = BiasAdd(y, e)\n-> z"
    assert result.constants["e"].value.tolist() == [np.float32(1e-3)]
    column = result.constants["z/const"].value
    assert column.shape == (128, 1)
    assert (column == np.float32(1 / 128)).all()


def test_more_than_two_dimensions_are_products_of_batches() -> None:
    result = after(reduced((2, 3, 8)))
    assert show(result) == "x = Placeholder()\ny = BatchMatMulV2(x, y/const)\n-> y"


def test_steps_are_summed_from_the_left() -> None:
    result = after(reduced((None, 6, 5), 1, keep_dims=False))
    assert show(result) == (
        "x = Placeholder()\ny/batchmatmulv2 = BatchMatMulV2(y/const, x)\ny = Squeeze(y/batchmatmulv2)\n-> y"
    )
    assert result.constants["y/const"].value.shape == (1, 6)


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_keeps_the_numbers(before: Graph) -> None:
    shape = before["x"].attrs["shape"].shape  # type: ignore[union-attr]
    assert shape is not None
    x = np.random.default_rng(0).normal(1, 1, [size or 3 for size in shape]).astype(np.float32)
    assert_same_numbers(before, after(before), rtol=1e-5, x=x)


class TestLeavesAlone:
    def test_an_odd_number(self) -> None:
        """webgl's textures hold two columns: what is beside the last one may be NaN, times 0."""
        assert "texels" in refused(reduced((64, 127)))
        assert "texels" in refused(reduced((64, 127), added=1e-3))
        assert "texels" in refused(reduced((2, 7, 64), 1))

    def test_a_single_one(self) -> None:
        assert "texels" in refused(reduced((64, 1)))

    def test_many(self) -> None:
        assert "too many" in refused(reduced((4, MOST + 2)))
        assert after(reduced((4, MOST)))
        assert "too many" in refused(reduced((4, MOST_WITH_BIAS + 2), added=1e-3))
        assert after(reduced((4, MOST_WITH_BIAS), added=1e-3))

    def test_how_many_is_known_to_the_run(self) -> None:
        assert "run alone" in refused(reduced((4, None)))
        assert "run alone" in refused(reduced((None, None, 8), 1))
        assert after(reduced((None, 8)))

    def test_a_dimension_that_is_dropped(self) -> None:
        assert "dropped" in refused(reduced(keep_dims=False))
        assert refused(reduced(keep_dims=False, added=1e-3)) != ""

    def test_several_axes_or_others(self) -> None:
        assert refused(reduced((4, 6, 8, 2), (1, 2))) != ""
        assert refused(reduced((4, 6), 0)) != ""
        assert refused(reduced((4, 6, 8, 2), 1)) != ""

    def test_a_vector_or_an_unknown_rank(self) -> None:
        assert refused(reduced((8,))) != ""
        assert "known rank" in refused(reduced(None))

    def test_whole_numbers(self) -> None:
        assert "float32" in refused(reduced(dtype="int32"))


def test_several_numbers_that_are_added_stay_a_sum() -> None:
    result = after(reduced((3, 8), added=[1, 2, 3, 4]))
    assert show(result) == "x = Placeholder()\ny = MatMul(x, y/const)\nz = AddV2(y, e)\n-> z"


def test_the_sum_may_be_told_the_other_way_round() -> None:
    before = reduced((3, 8), added=2, swapped=True)
    assert show(after(before)) == "x = Placeholder()\ny = MatMul(x, z/const)\nz = BiasAdd(y, e)\n-> z"


@pytest.mark.parametrize(
    ("backends", "applied"),
    [
        (("webgl",), 1),
        (("cpu", "webgl"), 1),
        (("webgl", "webgpu"), 0),
        (("webgl", "wasm"), 0),
        (("cpu",), 0),
        (None, 0),
    ],
)
def test_only_where_webgl_alone_is_wanted(backends: tuple[Backend, ...] | None, applied: int) -> None:
    done = rewrite_with(inferred(reduced()), replace(PLAIN, backends=backends))
    assert done.applied.get("mean_as_product", 0) == applied


def test_where_others_are_wanted_it_is_told() -> None:
    done = rewrite_with(inferred(reduced(added=1e-3)), replace(PLAIN, backends=("webgl", "webgpu")))
    said = [each.reason for each in done.refusals if each.rule == "mean_as_product_with_bias"]
    assert said == ["it is to run on webgpu, too, where a reduction is one kernel and a fast one"]


def test_a_norm_is_four_kernels() -> None:
    done = rewrite_with(inferred(norm((64, 16), mean=False)), replace(PLAIN, backends=("webgl",)))
    ops = [node.op for node in done.graph if node.op not in {"Const", "Placeholder"}]
    assert ops == ["Mul", "_FusedMatMul", "Sqrt", "RealDiv"]
