from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import outputs_of
from graph_draft import Draft
from hypothesis import given, settings
from hypothesis import strategies as st

from tfjsci.graph.graph import Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.bounds_as_clip import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)

Step = tuple[Any, ...]


def bounded(*steps: Step, shape: Shape = (2, 5), swapped: bool = False, dtype: str = "float32") -> Graph:
    """Each step an op and its constants; the nodes are y0, y1 …"""
    draft = Draft(dtype)
    y = draft.input("x", shape)
    for i, (op, *numbers) in enumerate(steps):
        given = [draft.const(f"c{i}_{j}", np.array(number, dtype)) for j, number in enumerate(numbers)]
        y = draft.typed(op, f"y{i}", *([*given, y] if swapped and len(given) == 1 else [y, *given]))
    return draft.graph(y)


EXAMPLES = {
    "Maximum of Minimum": bounded(("Minimum", 1.5), ("Maximum", -0.5)),
    "Minimum of Maximum": bounded(("Maximum", -0.5), ("Minimum", 1.5)),
    "constants first": bounded(("Maximum", -0.5), ("Minimum", 1.5), swapped=True),
    "Relu6 spelled out": bounded(("Minimum", 6.0), ("Maximum", 0.0)),
    "Minimum of Relu": bounded(("Relu",), ("Minimum", 6.0)),
    "ReLU with a maximum": bounded(("Relu",), ("Minimum", 3.0), ("Maximum", 0.0)),
    "Relu spelled out": bounded(("Maximum", 0.0)),
    "twice": bounded(("Relu6",), ("Relu6",)),
    "a constant of shape [1, 1]": bounded(("Minimum", [[1.5]]), ("Maximum", [[-0.5]])),
}
X = np.array([[-np.inf, -7, -0.5, -0.0, 0], [0.3, 1.5, 6, 7, np.inf]], np.float32)


def test_two_bounds_are_one_clip() -> None:
    result = after(bounded(("Minimum", 1.5), ("Maximum", -0.5)))
    assert show(result) == "x = Placeholder()\ny1 = ClipByValue(x, y1/low, y1/high)\n-> y1"
    assert (result.constants["y1/low"].value, result.constants["y1/high"].value) == (-0.5, 1.5)


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        ([("Minimum", 6.0), ("Maximum", 0.0)], "y1 = Relu6(x)"),
        ([("Relu",), ("Minimum", 6.0)], "y1 = Relu6(x)"),
        ([("Minimum", 6.0), ("Relu",)], "y1 = Relu6(x)"),
        ([("ClipByValue", 0.0, 6.0)], "y0 = Relu6(x)"),
        ([("Maximum", 0.0)], "y0 = Relu(x)"),
        ([("Maximum", -1.0), ("Relu",)], "y1 = Relu(x)"),
        ([("Relu",), ("Relu6",)], "y1 = Relu6(x)"),
        ([("Relu",), ("Minimum", 3.0), ("Maximum", 0.0)], "y2 = ClipByValue(x, y2/low, y2/high)"),
        ([("ClipByValue", -1.0, 3.0), ("ClipByValue", 0.0, 9.0)], "y1 = ClipByValue(x, y1/low, y1/high)"),
    ],
)
def test_what_comes_of_it(steps: list[Step], wanted: str) -> None:
    result = after(bounded(*steps))
    assert show(result).split("\n")[1:-1] == [wanted]
    assert not apply_rules(result, RULES).applied


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_keeps_each_bit(before: Graph) -> None:
    (was,), (now,) = outputs_of(before, x=X), outputs_of(after(before), x=X)
    np.testing.assert_array_equal(now, was)


STEPS = st.one_of(
    st.tuples(st.sampled_from(["Minimum", "Maximum"]), st.sampled_from([-2.0, 0.0, 1.0, 6.0])),
    st.tuples(st.sampled_from(["Relu", "Relu6"])),
    st.sampled_from([("ClipByValue", -1.0, 2.0), ("ClipByValue", 0.0, 6.0), ("ClipByValue", 3.0, 5.0)]),
)


@given(st.lists(STEPS, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_whatever_stands_after_one_another(steps: list[Step]) -> None:
    before = bounded(*steps)
    result = apply_rules(before, RULES).graph
    np.testing.assert_array_equal(outputs_of(result, x=X)[0], outputs_of(before, x=X)[0])


class TestLeavesAlone:
    @pytest.mark.parametrize(
        "steps", [[("Maximum", 0.5)], [("Minimum", 6.0)], [("Minimum", 0.0)], [("Relu",), ("Maximum", 2.0)]]
    )
    def test_one_bound_that_is_not_0(self, steps: list[Step]) -> None:
        assert refused(bounded(*steps)) == "it is bounded on one side only, and not by 0"

    @pytest.mark.parametrize("low", [1.5, 2.0])
    def test_bounds_that_cross(self, low: float) -> None:
        assert f"the lower bound {low:g} isn't below the upper one, 1.5" in refused(
            bounded(("Minimum", 1.5), ("Maximum", low))
        )

    @pytest.mark.parametrize("step", [("Relu",), ("Relu6",)])
    def test_a_rectifier(self, step: Step) -> None:
        assert refused(bounded(step)) == ""

    def test_a_clip(self) -> None:
        assert refused(bounded(("ClipByValue", -1.0, 2.0))) == "it is that already"

    def test_bounds_for_each_channel(self) -> None:
        assert "aren't single numbers" in refused(bounded(("Minimum", [6.0] * 5), ("Maximum", 0.5)))

    def test_a_bound_that_lifts_the_result(self) -> None:
        assert "aren't single numbers" in refused(bounded(("Minimum", [[[6.0]]]), ("Maximum", [[[0.5]]])))

    @pytest.mark.parametrize("dtype", ["int32", "float64"])
    def test_other_dtypes(self, dtype: str) -> None:
        assert refused(bounded(("Minimum", 6), ("Maximum", 0), dtype=dtype)) == "the bounds aren't float32"

    def test_no_number(self) -> None:
        assert not apply_rules(bounded(("Minimum", np.nan), ("Maximum", 0.5)), RULES).applied

    def test_a_bound_that_somebody_else_reads(self) -> None:
        graph = bounded(("Minimum", 6.0), ("Maximum", 0.5))
        assert "one side only" in refused(Graph(nodes=graph.nodes, outputs=("y1", "y0"), constants=graph.constants))
