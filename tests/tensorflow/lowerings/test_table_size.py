from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st
from lowering_cases import Example, assert_right_in_tensorflow, lowered_by
from table_draft import look_up, sized, texts

EXAMPLES = st.builds(lambda n: sized(np.arange(n, dtype=np.int64), np.zeros(n, np.float32)), st.integers(1, 5))
CORNERS = (sized(texts("a", "b"), np.int64([1, 2])), sized(np.int64([4]), texts("a")))


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "table_size")


def test_leaves_a_look_up_alone() -> None:
    assert lowered_by(look_up(texts("a"), np.int64([4]), texts("a"), 0)) == []
