"""Sequences reversed up to their own lengths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, shapes

from tfjsci.graph.graph import Array

NAME = "reverse_sequence"
DTYPES = ("float32", "int32", "bool")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    if dtype == "float32":
        return floats(*shape, seed=seed)
    return ints(*shape, seed=seed) % 2 == 0 if dtype == "bool" else ints(*shape, seed=seed).astype(dtype)


def reversed_sequences(
    shape: tuple[int, ...],
    time: int,
    batch: int,
    dtype: str = "float32",
    *,
    unknown: tuple[int, ...] = (),
    constant: bool = False,
    lengths: Array | None = None,
) -> Example:
    x = values(shape, dtype)
    given_lengths = ints(shape[batch], low=0, high=shape[time] + 1) if lengths is None else lengths
    return one_op(
        "ReverseSequence",
        x,
        given_lengths,
        constant=[1] if constant else [],
        unknown={0: unknown, 1: [0] if batch in unknown else []},
        seq_dim=time,
        batch_dim=batch,
    )


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(2, 4))
    time, batch, *_ = draw(st.permutations(range(len(shape))))
    unknown = draw(st.sampled_from([(), (), (0,), (0, 1)]))
    dtype = draw(st.sampled_from(DTYPES))
    return reversed_sequences(shape, time, batch, dtype, unknown=unknown, constant=draw(st.booleans()))


EXAMPLES = examples()
CORNERS = (
    *(reversed_sequences((3, 4, 2), 1, 0, dtype) for dtype in DTYPES),
    reversed_sequences((3, 4, 2), 1, 0, unknown=(0, 1)),
    reversed_sequences((4, 3, 2), 0, 1, unknown=(0, 1)),
    reversed_sequences((2, 3, 4, 2), 3, 1, constant=True),
    reversed_sequences((3, 4), 1, 0, lengths=np.array([0, 1, 4], np.int64)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)
