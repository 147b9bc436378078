from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes


def first(shape: tuple[int, ...], seed: int, *, whole: bool = False, constant: bool = True) -> Example:
    make = ints if whole else floats
    x, b = make(*shape, seed=seed), make(shape[1], seed=seed + 1)
    return one_op(
        "BiasAdd", x, b, constant=[1] if constant else [], data_format="NCHW", unknown={0: [0]},
        expected=[np.moveaxis(np.moveaxis(x, 1, -1) + b, -1, 1)],
    )  # fmt: skip


EXAMPLES = st.builds(first, shapes(3, 6), st.integers(0, 99), whole=st.booleans(), constant=st.booleans())
CORNERS = (
    first((2, 3, 4, 5), 0),
    first((2, 3, 1), 0, constant=False),
    first((2, 3, 4), 0),
    first((1, 3, 2, 2, 2), 0),
    one_op("BiasAddV1", floats(2, 4, 3), floats(3), constant=[1]),
)


@FEW
@given(EXAMPLES)
def test_it_adds_along_the_second_dimension(example: Example) -> None:
    assert_right_in_tensorflow(example, "bias_add")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_any_rank_and_the_old_op(example: Example) -> None:
    assert_right_in_tensorflow(example, "bias_add")


def test_leaves_a_bias_along_the_last_dimension_alone() -> None:
    assert lowered_by(one_op("BiasAdd", floats(2, 4, 4, 3), floats(3), constant=[1])) == []
