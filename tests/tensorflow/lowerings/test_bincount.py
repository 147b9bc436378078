"""Counts of numbers: by integers, with weights, in rows, of entries of a sparse matrix or of ragged rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

NAME = "bincount"


def counted(
    op: str,
    shape: tuple[int, ...],
    size: int,
    dtype: str = "int32",
    *,
    weighted: bool = False,
    binary: bool = False,
    unknown: tuple[int, ...] = (),
    of: str = "int32",
) -> Example:
    numbers = ints(*shape, low=0, high=size + 2).astype("int32" if op == "Bincount" else of)
    weights = (floats(*shape) if dtype == "float32" else ints(*shape).astype(dtype)) if weighted else np.zeros(0, dtype)
    attrs = {} if op == "Bincount" else {"binary_output": binary}
    constant = [1] if weighted else [1, 2]
    width = numbers.dtype.type(size)
    open_axes = {0: unknown, 2: unknown} if weighted else {0: unknown}
    return one_op(op, numbers, width, weights, constant=constant, unknown=open_axes, **attrs)


def of_entries(
    rows: int | None,
    entries: int,
    size: int,
    dtype: str = "float32",
    *,
    weighted: bool = False,
    binary: bool = False,
    unknown: bool = False,
    seed: int = 0,
) -> Example:
    """The entries of a sparse matrix, or of a sparse vector (``rows`` is None)."""
    numbers = ints(entries, seed=seed, low=0, high=size + 2)
    at = np.stack([np.sort(ints(entries, seed=seed, low=0, high=rows or 9)), np.arange(entries)], 1).astype(np.int64)
    whole = np.array([9] if rows is None else [rows, entries], np.int64)
    weights = (floats(entries) if dtype == "float32" else ints(entries)) if weighted else np.zeros(0, dtype)
    many = [0] if unknown else []
    return one_op(
        "SparseBincount",
        at[:, : whole.size],
        numbers,
        whole,
        np.int32(size),
        weights,
        constant=[2, 3] if weighted else [2, 3, 4],
        unknown={0: many, 1: many, 4: many if weighted else []},
        binary_output=binary,
    )


def in_rows(
    lengths: list[int],
    size: int,
    dtype: str = "int64",
    *,
    weighted: bool = False,
    binary: bool = False,
    unknown: bool = False,
    seed: int = 0,
) -> Example:
    """Numbers in rows of these lengths."""
    entries = sum(lengths)
    numbers = ints(entries, seed=seed, low=0, high=size + 2).astype(np.int64)
    weights = (
        (floats(entries) if dtype == "float32" else ints(entries)).astype(dtype) if weighted else np.zeros(0, dtype)
    )
    many = [0] if unknown else []
    return one_op(
        "RaggedBincount",
        np.cumsum([0, *lengths]).astype(np.int64),
        numbers,
        np.int64(size),
        weights,
        constant=[2] if weighted else [2, 3],
        unknown={0: many, 1: many, 3: many if weighted else []},
        binary_output=binary,
    )


@st.composite
def examples(draw: st.DrawFn) -> Example:
    weighted, unknown = draw(st.booleans()), draw(st.sampled_from([(), (0,)]))
    size, dtype = draw(st.integers(1, 5)), draw(st.sampled_from(["float32", "int32", "int64"]))
    binary = draw(st.booleans())
    if draw(st.booleans()):
        rows = draw(st.sampled_from([None, 2, 3]))
        dtype, seed = draw(st.sampled_from(["float32", "int32"])), draw(st.integers(0, 99))
        return of_entries(
            rows,
            draw(st.integers(1, 6)),
            size,
            dtype,
            weighted=weighted,
            binary=binary,
            unknown=bool(unknown),
            seed=seed,
        )
    if draw(st.booleans()):
        lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4).filter(any))
        return in_rows(lengths, size, dtype, weighted=weighted, binary=binary, unknown=bool(unknown))
    op = draw(st.sampled_from(["Bincount", "DenseBincount"]))
    shape = draw(shapes(1, 3 if op == "Bincount" else 2))
    of = draw(st.sampled_from(["int32", "int64"]))
    return counted(op, shape, size, dtype, weighted=weighted, binary=binary, unknown=unknown, of=of)


EXAMPLES = examples().filter(lambda example: lowered_by(example) != [])
CORNERS = (
    counted("Bincount", (5,), 4),
    counted("Bincount", (2, 3), 4, weighted=True),
    counted("Bincount", (2, 3), 4, "float32", weighted=True, unknown=(0,)),
    counted("DenseBincount", (5,), 4, weighted=True),
    counted("DenseBincount", (2, 5), 4, binary=True),
    counted("DenseBincount", (5,), 4, "float32", binary=True, unknown=(0,)),
    counted("DenseBincount", (2, 5), 4, "int64", of="int64"),
    of_entries(3, 5, 4),
    of_entries(3, 5, 4, "int32", weighted=True, unknown=True),
    of_entries(3, 5, 4, binary=True),
    of_entries(None, 5, 4, weighted=True),
    in_rows([2, 0, 3], 4),
    in_rows([0, 2, 0], 4, "float32", weighted=True, unknown=True),
    in_rows([3, 1], 3, "int32", binary=True, unknown=True),
    in_rows([0, 0], 2, "float32", unknown=True),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_counts_in_floats_alone() -> None:
    assert lowered_by(counted("DenseBincount", (2, 4), 4, "float32", weighted=True)) == []
    assert lowered_by(counted("Bincount", (5,), 4, "float32")) == []
