"""Which weights a quantisation takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_draft import weights

from tfjsci.artifact.quantize import SMALL_ELEMENTS, Quantization, quantized_weights, stays_float, unmatched
from tfjsci.graph.graph import Constant

KERNEL = Constant(value=weights(8, 8).astype(np.float32), sources=("model/conv/kernel", "model/bn/gamma"))


def reason(name: str = "conv/kernel", value: Any = None, **patterns: Any) -> str | None:
    """Why a weight stays as it is; the value is as :data:`KERNEL`'s unless given."""
    constant = KERNEL if value is None else Constant(value=value, sources=KERNEL.sources)
    return stays_float(name, constant, Quantization(dtype="uint8", **patterns))


class TestWithoutPatterns:
    def test_takes_a_matrix(self) -> None:
        assert reason() is None

    def test_leaves_a_vector(self) -> None:
        assert reason(value=np.ones(1000, np.float32)) == "it is a vector: a bias or a scale"

    def test_leaves_a_scalar(self) -> None:
        assert reason(value=np.ones((), np.float32)) == "it is a vector: a bias or a scale"

    def test_leaves_what_is_small_and_takes_what_is_just_not(self) -> None:
        assert reason(value=np.ones((1, SMALL_ELEMENTS - 1), np.float32)) == "it has 63 elements"
        assert reason(value=np.ones((1, SMALL_ELEMENTS), np.float32)) is None

    def test_leaves_an_empty_one(self) -> None:
        assert reason(value=np.ones((0, 100), np.float32)) is not None


class TestPatterns:
    @pytest.mark.parametrize(
        "pattern", ["conv/kernel", "*kernel", "model/conv/*", "model/bn/gamma", "*", "conv/k?rnel", "*/[ck]*"]
    )
    def test_an_include_matches_the_artifacts_name_and_every_variable_it_was_made_of(self, pattern: str) -> None:
        assert reason(include=(pattern,)) is None
        assert reason(exclude=(pattern,)) == "it is excluded"

    @pytest.mark.parametrize("pattern", ["kernel", "conv", "*KERNEL", "model/*/beta", ""])
    def test_a_pattern_is_held_against_the_whole_name_in_its_own_case(self, pattern: str) -> None:
        assert reason(include=(pattern,)) == "no pattern includes it"
        assert reason(exclude=(pattern,)) is None

    def test_what_is_both_stays_float(self) -> None:
        assert reason(include=("*",), exclude=("*kernel",)) == "it is excluded"

    def test_an_include_takes_vectors_and_small_ones_too(self) -> None:
        assert reason(value=np.ones(3, np.float32), include=("*",)) is None
        assert reason(value=np.ones((), np.float32), include=("*",)) is None

    def test_but_never_an_empty_one(self) -> None:
        assert reason(value=np.ones((0,), np.float32), include=("*",)) == "it is empty"


class TestWhatCannotBeQuantised:
    @pytest.mark.parametrize("dtype", ["int32", "int64", "bool", "complex64"])
    def test_stays_whatever_the_patterns_say(self, dtype: str) -> None:
        assert reason(value=np.ones((8, 8), dtype), include=("*",)) == f"it is {dtype}"

    def test_text_stays(self) -> None:
        assert reason(value=np.full((8, 8), b"a", dtype=object), include=("*",)) == "it is string"

    @pytest.mark.parametrize("dtype", ["float16", "float64"])
    def test_other_floats_are_stored_as_float32_and_taken(self, dtype: str) -> None:
        assert reason(value=np.ones((8, 8), dtype)) is None

    @pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
    def test_what_is_not_finite_stays(self, number: float) -> None:
        value = np.ones((8, 8), np.float32)
        value[3, 3] = number
        assert reason(value=value, include=("*",)) == "it has values that aren't finite"


def test_the_weights_that_are_taken_by_name() -> None:
    constants = {"a": KERNEL, "bias": Constant(value=np.ones(8, np.float32)), "b": KERNEL}
    assert quantized_weights(constants, Quantization(dtype="float16")) == ("a", "b")


class TestUnmatched:
    CONSTANTS = {"conv/kernel": KERNEL, "axes": Constant(value=np.array([1]))}  # noqa: RUF012

    def found(self, **patterns: Any) -> tuple[str, ...]:
        return unmatched(self.CONSTANTS, Quantization(dtype="uint8", **patterns))

    def test_a_slip_of_the_pen_is_told(self) -> None:
        assert self.found(include=("*kernel", "*kernal*"), exclude=("*dense*",)) == ("*kernal*", "*dense*")

    def test_a_source_is_a_match(self) -> None:
        assert self.found(include=("model/bn/gamma",), exclude=("axes",)) == ()

    def test_no_patterns_none_unmatched(self) -> None:
        assert self.found() == ()
