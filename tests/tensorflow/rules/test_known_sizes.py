from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import values
from shape_draft import INT, ShapeDraft

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.known_sizes import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)


def scaled(axis: int = 1, shape: Shape = (None, 4, 3)) -> Graph:
    """x plus twice one of its sizes."""
    draft = ShapeDraft()
    x = draft.input("x", shape)
    twice = draft.whole("Mul", draft.size(x, axis), draft.ints(2, scalar=True), name="twice")
    draft.op("Cast", "float", twice, SrcT=INT, DstT=DType("float32"), Truncate=False)
    return inferred(draft.graph(draft.typed("AddV2", "y", x, "float")))


def tensordot_sizes() -> Graph:
    """The product of gathered sizes, all of them known but the batch."""
    draft = ShapeDraft()
    x = draft.input("x", (None, 4, 3))
    zero, places = draft.ints(0, scalar=True), draft.ints(1, 2)
    gathered = draft.op(
        "GatherV2", "g", draft.shape_of(x), places, zero, Tparams=INT, Tindices=INT, Taxis=INT, batch_dims=0
    )
    product = draft.whole("Prod", gathered, draft.ints(0), name="p", Tidx=INT, keep_dims=False)
    draft.op("Cast", "float", product, SrcT=INT, DstT=DType("float32"), Truncate=False)
    return inferred(draft.graph(draft.typed("AddV2", "y", x, "float")))


EXAMPLES = {"a size that is doubled": scaled(), "a tensordot's product": tensordot_sizes()}


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_what_is_reckoned_with_sizes_is_a_constant(before: Graph) -> None:
    result = apply_rules(before, [RULE]).graph
    assert {"Shape", "Mul", "Prod"}.isdisjoint(node.op for node in result.nodes)
    assert_same_numbers(before, result, x=np.ones((2, 4, 3), np.float32))


def test_the_constant_has_the_dtype_of_what_it_was() -> None:
    result = after(scaled())
    assert [c.value.dtype for name, c in result.constants.items() if c.value.tolist() == 8] == [np.dtype("int32")]


def test_with_a_pinned_batch_that_is_one_too() -> None:
    result = after(scaled(0, (5, 4, 3)))
    assert 10 in values(result).values()


class TestLeavesAlone:
    def test_the_batch_that_is_open(self) -> None:
        assert "only a run tells 2·x[0]" in refused(scaled(0))

    def test_floats(self) -> None:
        draft = ShapeDraft()
        graph = inferred(draft.graph(draft.typed("Mul", "y", draft.input("x", (2,)), draft.const("two", 2.0))))
        assert refused(graph) == "it isn't a small tensor of whole numbers"

    def test_what_an_input_holds(self) -> None:
        draft = ShapeDraft("int32")
        n = draft.input("n", ())
        graph = inferred(draft.graph(draft.typed("Mul", "y", n, draft.ints(2, scalar=True))))
        assert "only a run tells 2·n{0}" in refused(graph)

    def test_numbers_that_do_not_fit(self) -> None:
        """They wrap, in TensorFlow as in the runtime."""
        draft = ShapeDraft()
        x = draft.input("x", (None, 70000))
        size = draft.size(x, 1)
        graph = inferred(draft.graph(draft.whole("Mul", size, size, name="y"), x))
        result = apply_rules(graph, [RULE]).graph
        assert result["y"].op == "Mul"
