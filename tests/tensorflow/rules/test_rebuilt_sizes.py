from __future__ import annotations

from collections import Counter
from functools import partial

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import weights
from shape_draft import INT, ShapeDraft

from tfjsci.graph.graph import DType, Graph, ShapeAttr
from tfjsci.graph.graphdef import infer_types
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.pipeline import rewrite
from tfjsci.rewrite.rules.rebuilt_sizes import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)
OPEN = (None, None, 4)
X = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)


def rows_back(*, outputs: tuple[str, ...] = ()) -> Graph:
    """Rows of a tensor of two open sizes, made that tensor again by the sizes of another layer's result."""
    draft = ShapeDraft()
    x = draft.input("x", OPEN)
    far = draft.typed("Tanh", "far", draft.typed("Tanh", "near", x))
    rows = draft.reshape(x, draft.ints(-1, 4), "rows")
    sizes = draft.join(draft.pack(draft.size(far, 0), draft.size(far, 1)), draft.ints(4), name="sizes")
    return inferred(draft.graph(draft.reshape(rows, sizes, "y"), *outputs))


def halved(*, by: int = 2) -> Graph:
    """A size that is multiplied, and divided again."""
    draft = ShapeDraft()
    x = draft.input("x", OPEN)
    twice = draft.whole("Mul", draft.size(x, 1), draft.ints(2, scalar=True))
    once = draft.whole("FloorDiv", twice, draft.ints(by, scalar=True))
    return inferred(draft.graph(draft.reshape(x, draft.pack(draft.size(x, 0), once, draft.ints(-1, scalar=True)), "y")))


def size_of_transposed() -> Graph:
    """A transposed convolution asks what it was given for the batch, channels first as it was."""
    draft = ShapeDraft()
    x = draft.input("x", (None, 3, 3, 2))
    batch = draft.size(draft.moved(draft.moved(x, (0, 3, 1, 2)), (0, 2, 3, 1)), 0)
    sizes = draft.pack(batch, *(draft.ints(n, scalar=True) for n in (6, 6, 5)), name="sizes")
    kernel = draft.const("w", weights(3, 3, 5, 2))
    attrs = {"strides": (1, 2, 2, 1), "dilations": (1, 1, 1, 1), "padding": b"SAME", "data_format": b"NHWC"}
    y = draft.typed("Conv2DBackpropInput", "y", sizes, kernel, x, explicit_paddings=(), **attrs)
    return inferred(draft.graph(y))


EXAMPLES = {"rows back": rows_back(), "halved": halved(), "size of transposed": size_of_transposed()}
INPUTS = {"size of transposed": np.random.default_rng(1).normal(size=(2, 3, 3, 2)).astype(np.float32)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_sizes_are_read_from_the_input_in_fewer_steps(name: str) -> None:
    before = EXAMPLES[name]
    result = after(before)
    assert {node.inputs[0] for node in result if node.op == "Shape"} == {"x"}
    assert len(result.nodes) < len(before.nodes)
    assert_same_numbers(before, result, x=INPUTS.get(name, X))


def test_a_layer_that_was_asked_for_its_size_alone_goes() -> None:
    assert Counter(node.op for node in after(rows_back())) == Counter(Placeholder=1, Reshape=2, Shape=1, Const=1)


def test_what_takes_as_many_steps_is_made_as_everywhere() -> None:
    draft = ShapeDraft()
    x = draft.input("x", OPEN)
    y = draft.reshape(x, draft.join(draft.cut(draft.shape_of(x), 0, 2), draft.ints(2, 2)), "y")
    before = inferred(draft.graph(y))
    result = after(before)
    assert [node.op for node in result if node.op not in ("Const", "Placeholder")] == [
        "Shape",
        "Slice",
        "ConcatV2",
        "Reshape",
    ]
    assert_same_numbers(before, result, x=X)


def test_it_is_done_once() -> None:
    assert apply_rules(after(halved()), [RULE]).applied == {}


def test_the_whole_shape_is_the_shape() -> None:
    draft = ShapeDraft()
    x = draft.input("x", OPEN)
    sizes = draft.pack(*(draft.size(x, axis) for axis in range(3)))
    graph = inferred(
        draft.graph(draft.op("Fill", "y", sizes, draft.const("one", 1.0), T=DType("float32"), index_type=INT))
    )
    result = after(graph)
    assert [node.op for node in result if node.op not in ("Const", "Placeholder", "Identity")] == ["Shape", "Fill"]
    assert_same_numbers(graph, result, x=X)


class TestLeavesAlone:
    def test_what_has_no_shorter_way(self) -> None:
        draft = ShapeDraft()
        x = draft.input("x", OPEN)
        first = draft.whole("Slice", draft.shape_of(x), draft.ints(0), draft.ints(2), Index=INT)
        graph = inferred(draft.graph(draft.reshape(x, draft.join(first, draft.ints(2, 2)), "y")))
        assert "there is no shorter way to it" in refused(graph)

    def test_a_quotient_that_is_rounded(self) -> None:
        result = after(halved(by=3))  # for the size that is read twice, not for the quotient
        assert "FloorDiv" in [node.op for node in result]
        assert_same_numbers(halved(by=3), result, x=np.zeros((2, 3, 4), np.float32))

    def test_what_an_input_holds_from_an_unknown_op(self) -> None:
        draft = ShapeDraft()
        x = draft.input("x", OPEN)
        found = draft.op(
            "ArgMax", "found", x, draft.ints(0, scalar=True), T=DType("float32"), Tidx=INT, output_type=INT
        )
        first = draft.whole(
            "Max",
            draft.whole("Reshape", found, draft.ints(-1), Tshape=INT),
            draft.ints(0),
            name="y",
            keep_dims=False,
            Tidx=INT,
        )
        assert "come from nowhere else" in refused(inferred(draft.graph(first)))

    def test_a_number_that_int32_cannot_hold(self) -> None:
        draft = ShapeDraft()
        x = draft.input("x", OPEN)
        large = draft.whole("Mul", draft.size(x, 0), draft.ints(65536, scalar=True))
        assert "doesn't fit in int32" in refused(
            inferred(draft.graph(draft.whole("Mul", large, draft.ints(65536, scalar=True), name="y")))
        )

    def test_constants(self) -> None:
        draft = ShapeDraft()
        x = draft.input("x", (2, 3))
        assert "it is a constant" in refused(inferred(draft.graph(draft.size(x, 0))))


def test_a_vector_of_one_number_is_taken_as_it_is() -> None:
    """Not cut out of itself, which the next rule would undo, for ever."""
    draft = ShapeDraft()
    a, b = (draft.op("Placeholder", name, dtype=INT, shape=ShapeAttr((1,))) for name in ("a", "b"))
    graph = draft.graph(draft.whole("Mul", draft.cut(a, 0, 1), draft.cut(b, 0, 1)))
    result = rewrite(graph, evaluate=evaluate_in_tensorflow, infer=infer_types).graph
    assert [node.op for node in result] == ["Placeholder", "Placeholder", "Mul"]
    assert_same_numbers(graph, result, a=np.int32([2]), b=np.int32([3]))
