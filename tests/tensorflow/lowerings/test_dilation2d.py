from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused


def dilation(
    k: tuple[int, int],
    strides: tuple[int, int],
    rates: tuple[int, int],
    padding: str,
    *,
    seed: int = 0,
    constant: bool = True,
    unknown: tuple[int, ...] = (),
) -> Example:
    return one_op(
        "Dilation2D", floats(2, 7, 6, 3, seed=seed, low=-5, high=-1), floats(*k, 3, seed=seed), constant=[1] if constant else [],
        unknown={0: unknown}, strides=(1, *strides, 1), rates=(1, *rates, 1), padding=padding,
    )  # fmt: skip


PAIR = st.tuples(st.integers(1, 3), st.integers(1, 3))
EXAMPLES = st.builds(
    dilation, PAIR, PAIR, PAIR, st.sampled_from(["SAME", "VALID"]), seed=st.integers(0, 99), constant=st.booleans()
)
CORNERS = (
    dilation((3, 3), (1, 1), (1, 1), "SAME", unknown=(0,)),
    dilation((2, 3), (2, 1), (2, 2), "VALID", constant=False),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_largest_sum_over_the_taps(example: Example) -> None:
    assert_right_in_tensorflow(example, "dilation2d")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_kernels_of_the_run_and_an_open_batch(example: Example) -> None:
    assert_right_in_tensorflow(example, "dilation2d")


def test_leaves_it_to_backends_that_do_it_right() -> None:
    x, w = floats(1, 5, 5, 3), floats(2, 2, 3)
    attrs = {"strides": (1, 1, 1, 1), "rates": (1, 1, 1, 1), "padding": "SAME"}
    assert lowered_by(one_op("Dilation2D", x, w, constant=[1], backends=("webgl", "cpu"), **attrs)) == []  # type: ignore[arg-type]


def test_declines_open_sizes() -> None:
    assert "least positive float" in refused(dilation((3, 3), (1, 1), (1, 1), "SAME", unknown=(1,)))
