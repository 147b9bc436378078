from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, one_op, refused, shapes


def empty(shape: tuple[int, ...], dtype: str = "float32", *, constant: bool = True) -> Example:
    """``init`` makes TensorFlow's own zero, too: then there is something to compare."""
    sizes = np.array(shape, np.int32)
    return one_op("Empty", sizes, constant=(0,) if constant else (), dtype=dtype, init=True)


EXAMPLES = st.builds(empty, shapes(0, 4), st.sampled_from(["float32", "int32", "bool"]), constant=st.booleans())
CORNERS = (empty(()), empty((2, 0)), empty((2, 3), "int32", constant=False), empty((40, 50)))


@FEW
@given(EXAMPLES)
def test_it_is_zero(example: Example) -> None:
    assert_right_in_tensorflow(example, "empty")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "empty")


def test_leaves_fill_alone() -> None:
    assert lowered_by(one_op("Fill", np.array([2, 3], np.int32), np.float32(1), constant=(0,))) == []


def test_declines_strings() -> None:
    assert "no such op" in refused(one_op("Empty", np.array([2], np.int32), dtype="string", init=True))
