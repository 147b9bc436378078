"""Outputs that can't be compared say why; all others get their numbers over all samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from tfjsci.compare.compare import compare_outputs
from tfjsci.compare.comparison import OutputComparison


def one(reference: Any, candidate: Any, *, topk: bool = False) -> OutputComparison:
    (found,) = compare_outputs([{"y": reference}], [{"y": candidate}], topk=topk)
    return found


def problem(reference: Any, candidate: Any) -> str | None:
    return one(reference, candidate).problem


def test_equal_outputs() -> None:
    values = np.float32([[1, 2], [3, 4], [5, 6]])
    assert one(values, values.copy()) == OutputComparison(
        output="y",
        shape=(3, 2),
        dtype="float32",
        exact=True,
        max_abs=0.0,
        max_relative=0.0,
        rmse=0.0,
        cosine=pytest.approx(1.0),
        samples=3,
        mismatch=0.0,
        atol=0.0,
        rtol=1e-3,
    )


def test_calls_are_one_set_of_samples() -> None:
    rng = np.random.default_rng(0)
    reference = rng.random((40, 10), dtype=np.float32)
    candidate = reference + rng.normal(size=(40, 10)).astype(np.float32) / 100
    whole = one(reference, candidate, topk=True)

    def calls(values: Any) -> Sequence[Mapping[str, Any]]:
        return [{"y": values[:32]}, {"y": values[32:]}]

    (parts,) = compare_outputs(calls(reference), calls(candidate), topk=True)
    assert (parts.shape, parts.samples, whole.samples) == ((32, 10), 40, 40)
    assert (parts.max_abs, parts.top1, parts.top5) == (whole.max_abs, whole.top1, whole.top5)
    assert parts.sqnr_db == pytest.approx(whole.sqnr_db)


def test_one_bad_sample_of_many_is_seen() -> None:
    reference = np.eye(10, dtype=np.float32)
    candidate = reference.copy()
    candidate[3] = np.roll(candidate[3], 1)
    found = one(reference, candidate, topk=True)
    assert (found.top1, found.max_abs) == (0.9, 1.0)


def test_outputs_come_in_the_references_order_and_extra_ones_last() -> None:
    values = np.float32([1.0])
    found = compare_outputs([{"b": values, "a": values}], [{"z": values, "a": values, "b": values}], topk=False)
    assert [(output.output, output.problem) for output in found] == [
        ("b", None),
        ("a", None),
        ("z", "the reference has no such output"),
    ]


def test_a_missing_output_is_a_problem() -> None:
    values = np.float32([1.0])
    found = compare_outputs([{"a": values, "b": values}], [{"a": values}], topk=False)
    assert [output.problem for output in found] == [None, "the output is missing"]
    (found_once,) = compare_outputs([{"a": values}] * 2, [{"a": values}, {}], topk=False)
    assert found_once.problem == "the output is missing in 1 calls"


def test_different_numbers_of_calls_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="2 calls of the reference, 1 of the candidate"):
        compare_outputs([{}, {}], [{}], topk=False)


@pytest.mark.parametrize(
    ("reference", "candidate"),
    [
        ("float16", "float32"),
        ("float32", "float32"),
        ("float64", "float32"),
        ("int64", "int32"),
        ("uint8", "int32"),
        ("bool", "bool"),
        ("complex128", "complex64"),
    ],
)
def test_dtypes_are_held_as_the_runtime_holds_them(reference: str, candidate: str) -> None:
    found = one(np.ones(3, reference), np.ones(3, candidate))
    assert (found.problem, found.exact, found.dtype) == (None, True, reference)


@pytest.mark.parametrize(
    ("reference", "candidate", "expected"),
    [
        ("float32", "int32", "the dtype is int32, should be float32"),
        ("int64", "float32", "the dtype is float32, should be int32"),
        ("bool", "int32", "the dtype is int32, should be bool"),
        ("float64", "float64", "the dtype is float64, should be float32"),
        ("uint32", "int32", "the reference's dtype uint32 has no counterpart in TensorFlow.js"),
    ],
)
def test_other_dtypes_are_a_problem(reference: str, candidate: str, expected: str) -> None:
    found = one(np.ones(3, reference), np.ones(3, candidate))
    assert found.problem == expected
    assert (found.exact, found.max_abs, found.sqnr_db) == (False, None, None)


def test_another_shape_is_a_problem_though_the_values_are_the_same() -> None:
    values = np.arange(6, dtype=np.float32)
    assert problem(values.reshape(2, 3), values.reshape(3, 2)) == "the shape is [3, 2], should be [2, 3]"
    assert problem(values.reshape(1, 6), values) == "the shape is [6], should be [1, 6]"


def test_nan_on_both_sides_is_equal_and_counted() -> None:
    values = np.float32([1, np.nan, np.inf])
    found = one(values, values.copy())
    assert (found.problem, found.exact, found.nan, found.inf) == (None, True, 1, 1)


def test_nan_on_one_side_is_a_problem_without_numbers() -> None:
    found = one(np.float32([1, 2, 3]), np.float32([1, np.nan, np.inf]))
    assert found.problem == "NaN or infinite on one side alone, or differently, at 2 places"
    assert (found.nan, found.inf, found.max_abs, found.exact) == (1, 1, None, False)
    assert problem(np.float32([np.nan]), np.float32([0])) is not None


def test_nothing_but_nan_on_both_sides_is_exact() -> None:
    found = one(np.float32([np.nan]), np.float32([np.nan]))
    assert (found.exact, found.max_abs, found.nan) == (True, None, 1)


def test_empty_outputs_are_exact_if_their_shapes_agree() -> None:
    empty = np.zeros((0, 4), np.float32)
    found = one(empty, empty, topk=True)
    assert (found.problem, found.exact, found.samples, found.top1) == (None, True, 0, None)
    assert problem(empty, np.zeros((0, 5), np.float32)) is not None


def test_a_float64_beyond_float32_is_infinite_in_the_browser() -> None:
    assert problem(np.array([1e39]), np.float32([np.inf])) is not None


def test_strings_are_equal_or_not() -> None:
    found = one(np.array([b"a", b"\xc3\xa9"], dtype=object), np.array(["a", "é"]))
    assert (found.problem, found.exact, found.dtype, found.max_abs) == (None, True, "string", None)
    other = one(np.array([b"a", b"b"], dtype=object), np.array(["a", "c"]))
    assert (other.problem, other.exact) == ("1 of 2 strings are different", False)


def test_topk_is_off_unless_asked_for() -> None:
    scores = np.eye(10, dtype=np.float32)
    assert (one(scores, scores).top1, one(scores, scores).top5) == (None, None)
    found = one(scores, scores, topk=True)
    assert (found.top1, found.top5) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("values", "top1", "top5"),
    [
        (np.ones((3, 1), np.float32), None, None),
        (np.ones((3, 2), np.float32), 1.0, None),
        (np.ones((3, 5), np.float32), 1.0, None),
        (np.ones((3, 6), np.float32), 1.0, 1.0),
        (np.ones(6, np.float32), None, None),
        (np.ones((3, 6), np.int32), None, None),
    ],
)
def test_topk_is_left_out_where_it_means_nothing(values: Any, top1: float | None, top5: float | None) -> None:
    found = one(values, values.copy(), topk=True)
    assert (found.top1, found.top5) == (top1, top5)


def test_a_scalar_output_is_one_sample_a_call() -> None:
    (found,) = compare_outputs([{"y": np.float32(1)}] * 3, [{"y": np.float32(1)}] * 3, topk=True)
    assert (found.shape, found.samples, found.exact) == ((), 3, True)
