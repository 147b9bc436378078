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
from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.rules.wrapped_index import RULE

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])

WANTED: tuple[Backend, ...] = ("webgl", "webgpu", "cpu")


def wrapped(
    select: str = "SelectV2", *, below: object = 0, count: object = 10, swapped: bool = False, dtype: str = "int32"
) -> Graph:
    draft = Draft(dtype)
    i = draft.input("i", (2, 5))
    flags = draft.typed("Less", "less", i, draft.const("zero", np.array(below, dtype)))
    n = draft.const("n", np.array(count, dtype))
    more = draft.typed("AddV2", "more", *((n, i) if swapped else (i, n)))
    return draft.graph(draft.typed(select, "y", flags, more, i))


EXAMPLES = {
    "as Keras has it": wrapped(),
    "by the older op": wrapped("Select"),
    "the other way round": wrapped(swapped=True),
}


def test_what_is_below_gets_the_count() -> None:
    assert show(after(wrapped())) == (
        "i = Placeholder()\nless = Less(i, zero)\ny/cast = Cast(less)\ny/mul = Mul(y/cast, n)\ny = AddV2(i, y/mul)\n-> y"
    )


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_keeps_the_numbers(before: Graph) -> None:
    assert_same_numbers(before, after(before), i=np.array([[0, -1, -10, 9, 3], [-11, 10, 2, -5, 0]], np.int32))


class TestLeavesAlone:
    def test_another_limit(self) -> None:
        assert "isn't 0" in refused(wrapped(below=1))

    def test_a_count_for_each(self) -> None:
        assert "one number" in refused(wrapped(count=[1, 2, 3, 4, 5]))

    @pytest.mark.parametrize("dtype", ["float32", "int64"])
    def test_other_numbers(self, dtype: str) -> None:
        """Of floats 0 times infinity is NaN."""
        assert "isn't int32" in refused(wrapped(dtype=dtype))

    def test_another_tensor_where_it_isnt_below(self) -> None:
        draft = Draft("int32")
        i, j = draft.input("i", (2, 5)), draft.input("j", (2, 5))
        flags = draft.typed("Less", "less", i, draft.const("zero", np.int32(0)))
        more = draft.typed("AddV2", "more", i, draft.const("n", np.int32(10)))
        assert refused(draft.graph(draft.typed("SelectV2", "y", flags, more, j))) == ""


@pytest.mark.parametrize(
    ("backends", "applied"),
    [(("webgl",), 1), (("webgl", "webgpu"), 1), (("cpu",), 0), (("webgl", "wasm"), 0), (None, 0)],
)
def test_only_where_wasm_isnt_wanted(backends: tuple[Backend, ...] | None, applied: int) -> None:
    done = rewrite_with(inferred(wrapped()), replace(PLAIN, backends=backends))
    assert done.applied.get("wrapped_index", 0) == applied
