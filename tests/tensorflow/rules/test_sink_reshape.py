from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from applying import inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, values, weights

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import Rewritten, apply_rules
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.pipeline import rewrite
from tfjsci.rewrite.rules.sink_reshape import RULES

INT = DType("int32")
X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
PIXELS = np.random.default_rng(1).normal(size=(2, 4, 4, 3)).astype(np.float32)


def result(graph: Graph) -> Rewritten:
    return apply_rules(inferred(graph), RULES)


def projected(addend: Any, shape: tuple[int, ...] = (-1, 3, 2, 5), *, op: str = "AddV2", then: str = "") -> Graph:
    """A product of 10 channels, reshaped, and something added."""
    draft = Draft()
    y = draft.matmul("linear", draft.input("x", (None, 4)), draft.const("w", weights(4, 10)))
    y = draft.typed("Reshape", "r", y, draft.const("s", np.array(shape, np.int32)), Tshape=INT)
    c = draft.const("c", addend)
    y = draft.bias_add("y", y, c) if op == "BiasAdd" else draft.typed(op, "y", y, c)
    return draft.graph(draft.typed(then, "z", y) if then else y)


def activated(*, biased: bool) -> Graph:
    """Relu of a product of 10 channels, reshaped."""
    draft = Draft()
    y = draft.matmul("linear", draft.input("x", (None, 4)), draft.const("w", weights(4, 10)))
    y = draft.bias_add("b", y, draft.const("c", weights(10))) if biased else y
    y = draft.typed("Reshape", "r", y, draft.const("s", np.array((-1, 2, 10), np.int32)), Tshape=INT)
    return draft.graph(draft.typed("Relu", "y", y))


def scaled_after_bias() -> Graph:
    """The product of 10 channels has a bias before it is reshaped, and a factor after."""
    draft = Draft()
    y = draft.matmul("linear", draft.input("x", (None, 4)), draft.const("w", weights(4, 10)))
    y = draft.bias_add("b", y, draft.const("c", weights(10)))
    y = draft.typed("Reshape", "r", y, draft.const("s", np.array((-1, 2, 10), np.int32)), Tshape=INT)
    return draft.graph(draft.typed("Mul", "y", y, draft.const("m", weights(10, seed=1))))


def pixels(
    shape: tuple[int, ...] = (-1, 16, 6),
    *,
    then: str = "Mul",
    depthwise: bool = False,
    biased: bool = True,
    **attrs: Any,
) -> Graph:
    """A convolution of 6 channels whose 4 × 4 pixels become rows, and what follows on it."""
    draft = Draft()
    x = draft.input("x", (None, 4, 4, 3))
    if depthwise:
        y = draft.depthwise("linear", x, draft.const("w", weights(3, 3, 3, 2)), **attrs)
    else:
        y = draft.conv("linear", x, draft.const("w", weights(3, 3, 3, 6)), **attrs)
    y = draft.bias_add("b", y, draft.const("c", weights(6))) if biased else y
    y = draft.typed("Reshape", "r", y, draft.const("s", np.array(shape, np.int32)), Tshape=INT)
    if "Mul" not in then:
        return draft.graph(draft.typed(then, "y", y))
    y = draft.typed("Mul", "scaled" if "AddV2" in then else "y", y, draft.const("m", weights(6, seed=1)))
    return draft.graph(draft.typed("AddV2", "y", y, draft.const("t", weights(6, seed=2))) if "AddV2" in then else y)


EXAMPLES = {
    "pixels as rows, and a batch norm of them": pixels(then="Mul, AddV2"),
    "an activation of pixels": pixels(then="Relu"),
    "pixels of a depthwise convolution": pixels(depthwise=True, biased=False),
    "a bias of heads": projected(weights(2, 5), (-1, 2, 2, 5)),
    "a factor for each head": projected(weights(2, 1), (-1, 2, 2, 5), op="Mul"),
    "an activation": activated(biased=False),
    "an activation after a bias": activated(biased=True),
    "a factor after a bias": scaled_after_bias(),
}


def test_a_bias_of_heads_goes_before_the_reshape() -> None:
    before = projected(weights(2, 5))
    after = result(before).graph
    assert (
        show(after)
        == "x = Placeholder()\nlinear = MatMul(x, w)\ny/addv2 = AddV2(linear, c)\ny = Reshape(y/addv2, s)\n-> y"
    )
    assert values(after)["c"] == pytest.approx(weights(2, 5).reshape(-1).tolist())
    assert_same_numbers(before, after, x=X)


@pytest.mark.parametrize("op", ["AddV2", "Mul"])
@pytest.mark.parametrize(
    "addend",
    [weights(2, 5), weights(1, 2, 5), weights(1, 1, 2, 5), weights(5), weights(2, 1), weights(1), np.array(2.0)],
)
def test_what_is_spread_over_the_channels_is_written_out(addend: Any, op: str) -> None:
    before = projected(addend, op=op)
    after = result(before).graph
    assert after["y"].op == "Reshape"
    assert_same_numbers(before, after, x=X)


def test_a_dense_on_sequences_with_bias_and_activation() -> None:
    before = projected(weights(10), (-1, 3, 10), op="BiasAdd", then="Relu")
    after = result(before).graph
    assert [node.op for node in after.nodes if node.op != "Const"] == [
        "Placeholder",
        "MatMul",
        "BiasAdd",
        "Relu",
        "Reshape",
    ]
    assert_same_numbers(before, after, x=X)


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize(("shape", "then"), [((-1, 16, 6), "Mul"), ((-1, 2, 8, 6), "Relu"), ((-1, 6), "Mul")])
def test_what_follows_on_the_pixels_of_a_convolution_goes_before_their_reshape(
    shape: tuple[int, ...], then: str, biased: bool, depthwise: bool
) -> None:
    before = pixels(shape, then=then, biased=biased, depthwise=depthwise)
    after = result(before).graph
    assert [node.op for node in after.nodes if node.op not in ("Const", "Placeholder")][-2:] == [then, "Reshape"]
    assert_same_numbers(before, after, x=PIXELS)


def test_so_a_batch_norm_of_rows_ends_in_the_convolution() -> None:
    before = pixels(then="Mul, AddV2")
    after = rewrite(before, evaluate=evaluate_in_tensorflow, infer=infer_types).graph
    assert [node.op for node in after.nodes if node.op not in ("Const", "Placeholder")] == ["_FusedConv2D", "Reshape"]
    assert_same_numbers(before, after, x=PIXELS)


def test_leaves_alone_channels_that_come_first() -> None:
    done = apply_rules(pixels(data_format=b"NCHW"), RULES)
    assert "the channels aren't last" in [each.reason for each in done.refusals]


@pytest.mark.parametrize(
    ("addend", "shape"),
    [
        (weights(3, 2, 5), (-1, 3, 2, 5)),  # another one for each row
        (weights(3, 1, 1), (-1, 3, 2, 5)),
        (weights(4), (-1, 3, 5, 4)),  # the last dimensions cut through the channels
        (weights(20), (-1, 20)),
        (weights(1, 1, 1, 1, 5), (-1, 3, 2, 5)),  # the sum has more dimensions
    ],
)
def test_leaves_alone_what_is_not_one_number_for_each_channel(addend: Any, shape: tuple[int, ...]) -> None:
    done = result(projected(addend, shape))
    assert not done.applied
    assert "isn't one number for each channel" in done.refusals[0].reason


def test_leaves_alone_a_reshape_that_others_read() -> None:
    graph = projected(weights(2, 5))
    assert not result(Graph(nodes=graph.nodes, outputs=("y", "r"), constants=graph.constants)).applied
