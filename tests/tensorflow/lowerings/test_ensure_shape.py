"""Checks of shapes: what they tell is kept, the check falls away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, rewritten, shapes

from tfjsci.graph.graph import ShapeAttr

NAME = "ensure_shape"


def ensured(shape: tuple[int, ...], wanted: tuple[int | None, ...] | None, unknown: tuple[int, ...] = ()) -> Example:
    made = one_op("EnsureShape", floats(*shape), unknown={0: unknown}, shape=())
    attrs = {**made.graph["op"].attrs, "shape": ShapeAttr(wanted)}
    nodes = tuple(replace(node, attrs=attrs) if node.name == "op" else node for node in made.graph)
    return replace(made, graph=replace(made.graph, nodes=nodes), text=f"EnsureShape {wanted} unknown={unknown}")


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(0, 4))
    axes = range(len(shape))
    wanted = tuple(None if draw(st.booleans()) else n for n in shape)
    return ensured(shape, wanted, tuple(axis for axis in axes if draw(st.booleans())))


EXAMPLES = examples()
CORNERS = (
    ensured((2, 3), (2, 3)),
    ensured((2, 3), (None, 3), (0, 1)),
    ensured((2, 3), (None, None), (0, 1)),
    ensured((), ()),
    ensured((2, 0), (None, 0), (0, 1)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_keeps_the_size_that_was_told() -> None:
    after = rewritten(ensured((2, 3), (None, 3), (0, 1))).graph
    known = after.type_of(after.outputs[0])
    assert known is not None
    assert known.shape == (None, 3)
