"""webgpu's sums and searches of integers over other dimensions than the last."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op, shapes

NAME = "reduce_integers"
SUMMING = ("Sum", "Max", "Min", "Prod")
LOGICAL = ("All", "Any")
SEARCHING = ("ArgMax", "ArgMin")


def reduced(
    op: str,
    shape: tuple[int, ...],
    axes: tuple[int, ...],
    *,
    keep: bool = False,
    dtype: str = "int32",
    unknown: tuple[int, ...] = (),
) -> Example:
    x = ints(*shape, low=-3, high=4)
    which = np.array(axes, np.int32)
    if op in LOGICAL:
        return one_op(op, x > (-2 if op == "All" else 2), which, constant=[1], unknown={0: unknown}, keep_dims=keep)
    if op in SEARCHING:  # no two alike: of equal numbers webgpu may take another than the first
        x = np.random.default_rng(shape).permutation(x.size).reshape(shape).astype(np.int32)
        search = which.reshape(())
        return one_op(
            op, x.astype(dtype), search, constant=[1], unknown={0: unknown}, output_type="int32" if keep else "int64"
        )
    return one_op(op, x.astype(dtype), which, constant=[1], unknown={0: unknown}, keep_dims=keep)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    op = draw(st.sampled_from((*SUMMING, *LOGICAL, *SEARCHING)))
    shape = draw(shapes(3, 4))
    rank = len(shape)
    count = 1 if op in SEARCHING else draw(st.integers(1, rank - 1))
    axes = draw(st.permutations(range(rank)))[:count]
    if sorted(axes) == list(range(rank - count, rank)):
        axes = list(range(count))
    axes = [axis - rank if draw(st.booleans()) else axis for axis in axes]
    unknown = draw(st.sampled_from([(), (), (0,), (1,)]))
    dtype = draw(st.sampled_from(["int32", "int64"]))
    return reduced(op, shape, tuple(axes), keep=draw(st.booleans()), dtype=dtype, unknown=unknown)


EXAMPLES = examples()
CORNERS = (
    *(reduced(op, (2, 3, 4), (0,)) for op in SUMMING),
    *(reduced(op, (2, 3, 4), (-2,), keep=True) for op in (*LOGICAL, "Sum")),
    *(reduced(op, (2, 3, 4), (1,)) for op in SEARCHING),
    reduced("Sum", (2, 3, 4), (0, 2), unknown=(0,)),
    reduced("Max", (2, 3, 4), (2, 1, 0)),
    reduced("Any", (2, 3, 4), (0, 1), unknown=(1,)),
)


@FEW
@given(EXAMPLES)
def test_reduces_as_tensorflow_does(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_floats_matrices_and_the_last_dimensions_alone() -> None:
    first = np.array([0], np.int32)
    assert lowered_by(one_op("Sum", ints(2, 3, 4).astype(np.float32), first, constant=[1])) == []
    assert lowered_by(one_op("Sum", ints(2, 3), first, constant=[1])) == []
    assert lowered_by(one_op("Sum", ints(2, 3, 4), np.array([1, 2], np.int32), constant=[1])) == []
    assert lowered_by(one_op("Sum", ints(2, 3, 4), first, constant=[1], backends=("webgl", "wasm", "cpu"))) == []
