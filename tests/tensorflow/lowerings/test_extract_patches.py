from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, refused, rewritten


def images(
    k: tuple[int, int],
    strides: tuple[int, int],
    rates: tuple[int, int] = (1, 1),
    *,
    padding: str = "SAME",
    size: tuple[int, int] = (7, 6),
    whole: bool = False,
    **more: Any,
) -> Example:
    make = ints if whole else floats
    attrs = {"ksizes": (1, *k, 1), "strides": (1, *strides, 1), "rates": (1, *rates, 1), "padding": padding}
    return one_op("ExtractImagePatches", make(2, *size, 3), **attrs, **more)


def volumes(k: tuple[int, int, int], strides: tuple[int, int, int], *, padding: str = "SAME", **more: Any) -> Example:
    attrs = {"ksizes": (1, *k, 1), "strides": (1, *strides, 1), "padding": padding}
    return one_op("ExtractVolumePatches", floats(2, 4, 5, 4, 2), **attrs, **more)


PAIR = st.tuples(st.integers(1, 3), st.integers(1, 3))
TRIPLE = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
PADDINGS = st.sampled_from(["SAME", "VALID"])
EXAMPLES = st.one_of(
    st.builds(images, PAIR, PAIR, PAIR, padding=PADDINGS, whole=st.booleans()),
    st.builds(volumes, TRIPLE, TRIPLE, padding=PADDINGS),
)
CORNERS = (
    images((2, 3), (2, 3), padding="VALID", unknown={0: [0]}),  # side by side
    images((3, 3), (1, 1), unknown={0: [0]}),
    images((1, 1), (2, 2)),
    images((2, 2), (3, 3), padding="VALID"),
    images((3, 3), (2, 1), (2, 1)),
    images((3, 2), (2, 2), whole=True),
    volumes((2, 2, 2), (2, 2, 2), padding="VALID"),
    volumes((3, 2, 2), (1, 2, 1), unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_what_the_window_sees_is_laid_side_by_side(example: Example) -> None:
    assert_right_in_tensorflow(example, "extract_patches")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_sizes_strides_and_rates(example: Example) -> None:
    assert_right_in_tensorflow(example, "extract_patches")


def test_patches_side_by_side_gather_nothing() -> None:
    graph = rewritten(images((2, 3), (2, 3), padding="VALID", size=(6, 6))).graph
    ops = [node.op for node in graph if node.op not in ("Const", "Placeholder")]
    assert ops == ["Reshape", "Transpose", "Reshape"]


def test_declines_open_sizes() -> None:
    assert "no such op" in refused(images((3, 3), (1, 1), unknown={0: [1]}))
