"""Which weights a quantisation takes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from graph_draft import weights

from tfjsci.artifact.quantize import (
    SMALL_ELEMENTS,
    Quantization,
    names_of,
    quantized_weights,
    require_matched,
    selection_notes,
    stays_float,
)
from tfjsci.errors import UsageError
from tfjsci.graph.graph import Constant
from tfjsci.quantize.scheme import Scheme

KERNEL = Constant(value=weights(8, 8).astype(np.float32), sources=("model/conv/kernel", "model/bn/gamma"))


def reason(name: str = "conv/kernel", value: Any = None, **patterns: Any) -> str | None:
    """Why a weight stays as it is; the value is as :data:`KERNEL`'s unless given."""
    constant = KERNEL if value is None else Constant(value=value, sources=KERNEL.sources)
    return stays_float(name, constant, Quantization(scheme=Scheme(name="uint8"), **patterns))


class TestWithoutPatterns:
    def test_takes_a_matrix(self) -> None:
        assert reason() is None

    def test_leaves_a_vector(self) -> None:
        assert reason(value=np.ones(1000, np.float32)) == "it is a vector: a bias or a scale"
        assert reason(value=np.ones((1, 1, 1000), np.float32)) == "it is a vector: a bias or a scale"
        assert reason(value=np.ones((1000, 1), np.float32)) is None

    def test_leaves_a_scalar(self) -> None:
        assert reason(value=np.ones((), np.float32)) == "it is a vector: a bias or a scale"

    def test_leaves_what_is_small_and_takes_what_is_just_not(self) -> None:
        assert reason(value=np.ones((3, SMALL_ELEMENTS // 3), np.float32)) == "it has 63 elements"
        assert reason(value=np.ones((2, SMALL_ELEMENTS // 2), np.float32)) is None

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
    assert quantized_weights(constants, Quantization(scheme=Scheme(name="float16"))) == ("a", "b")


class TestWhatSuffers:
    """Left alone by ``*``, taken by a pattern that says more."""

    @pytest.mark.parametrize("source", ["bn/moving_variance", "bn/running_var", "bn/variance:0", "norm_var_1"])
    def test_a_variance(self, source: str) -> None:
        constant = Constant(value=np.ones(64, np.float32), sources=(source,))
        uint8 = Scheme(name="uint8")
        assert stays_float("x", constant, Quantization(scheme=uint8, include=("*",))) == "it is a variance"
        assert stays_float("x", constant, Quantization(scheme=uint8, include=("*var*",))) is None

    def test_but_not_what_is_made_of_one_or_is_no_vector(self) -> None:
        uint8 = Quantization(scheme=Scheme(name="uint8"), include=("*",))
        folded = Constant(value=np.ones(64, np.float32), sources=("bn/beta", "bn/moving_variance"))
        assert stays_float("conv/bias", folded, uint8) is None
        assert stays_float("x", Constant(value=np.ones((8, 8), np.float32), sources=("my_var",)), uint8) is None

    @pytest.mark.parametrize(
        ("number", "why"),
        [(-1e9, r"it reaches 1e\+09, beyond float16"), (1e-6, "it reaches 1e-06, too little for float16")],
    )
    def test_what_float16_hardly_holds(self, number: float, why: str) -> None:
        mask = Constant(value=np.triu(np.full((8, 8), number, np.float32)), sources=("mask",))
        float16, uint8 = Scheme(name="float16"), Scheme(name="uint8")
        assert re.fullmatch(why, str(stays_float("mask", mask, Quantization(scheme=float16))))
        assert stays_float("mask", mask, Quantization(scheme=float16, include=("mas*",))) is None
        assert stays_float("mask", mask, Quantization(scheme=uint8)) is None

    def test_a_span_that_float32_steps_cant_cross(self) -> None:
        ends = Constant(value=np.tile(np.array([-3e38, 3e38], np.float32), (32, 1)))
        by_name = {"include": ("ends",)}
        assert "span more" in str(stays_float("ends", ends, Quantization(scheme=Scheme(name="int4"), **by_name)))
        assert stays_float("ends", ends, Quantization(scheme=Scheme(name="uint8"), **by_name)) is None


class TestWhatRewritingSumsBy:
    """A mean as a product with 1/n: in float16, or in steps, each norm would be off by as much."""

    @pytest.mark.parametrize("shape", [(768, 1), (1, 768)])
    @pytest.mark.parametrize("scheme", ["float16", "uint8", "uint8-per-channel"])
    @pytest.mark.parametrize("include", [(), ("*",)])
    def test_stays(self, shape: tuple[int, int], scheme: Any, include: tuple[str, ...]) -> None:
        column = Constant(value=np.full(shape, 1 / 768, np.float32))
        wanted = Quantization(scheme=Scheme(name=scheme), include=include)
        reasons = ("it sums what it is multiplied with", "it is a vector: a bias or a scale")
        assert stays_float("norm/mean/const", column, wanted) in reasons

    def test_but_not_a_layers_own(self) -> None:
        assert reason(value=np.full((768, 1), 1 / 768, np.float32)) is None

    def test_nor_one_of_several_numbers_or_columns(self) -> None:
        wanted = Quantization(scheme=Scheme(name="uint8"))
        several = np.full((768, 1), 1 / 768, np.float32)
        several[5] = 0
        assert stays_float("c", Constant(value=several), wanted) is None
        assert stays_float("c", Constant(value=np.full((384, 2), 1 / 768, np.float32)), wanted) is None


class TestUnmatched:
    CONSTANTS = {"conv/kernel": KERNEL, "axes": Constant(value=np.array([1]))}  # noqa: RUF012

    def hold(self, **patterns: Any) -> None:
        require_matched(names_of(self.CONSTANTS), [Quantization(scheme=Scheme(name="uint8"), **patterns)])

    @pytest.mark.parametrize(
        ("patterns", "words"),
        [
            (
                {"include": ("*kernel", "*kernal*")},
                r"'\*kernal\*' that uint8 is to include .*\n.*nearest names are conv/kernel",
            ),
            (
                {"exclude": ("*dense*",)},
                r"'\*dense\*' that uint8 is to exclude .*\n.*Weights are named conv/kernel, model",
            ),
        ],
    )
    def test_a_slip_of_the_pen_is_an_error_with_what_is_near(self, patterns: dict[str, Any], words: str) -> None:
        with pytest.raises(UsageError, match=words):
            self.hold(**patterns)

    def test_a_source_is_a_match(self) -> None:
        self.hold(include=("model/bn/gamma",), exclude=("axes",))

    def test_no_patterns_none_unmatched(self) -> None:
        self.hold()


def spread(**larger: float) -> Any:
    """A matrix of normal weights, one of them as large as asked."""
    value = weights(64, 64).astype(np.float32)
    if larger:
        value[3, 3] = larger["one"]
    return value


class TestWhatTheReaderIsTold:
    """Of weights that the patterns take: which stay as they are all the same, and which come out of it badly."""

    def notes(self, values: dict[str, Any], scheme: Any = "uint8", **options: Any) -> tuple[str, ...]:
        patterns = {key: options.pop(key) for key in ("include", "exclude") if key in options}
        constants = {name: Constant(value=value) for name, value in values.items()}
        return selection_notes(constants.items(), Quantization(scheme=Scheme(name=scheme, **options), **patterns))

    def test_plain_weights_are_no_news_nor_is_what_nobody_asked_for(self) -> None:
        vectors = {"bias": np.ones(64, np.float32), "counts": np.ones((8, 8), np.int32)}
        assert self.notes({"kernel": spread(), "zeros": np.zeros((8, 8), np.float32), **vectors}) == ()
        assert self.notes({"kernel": spread(one=np.nan)}, exclude=("kernel",)) == ()
        assert self.notes({"kernel": spread(one=np.nan)}, include=("other",)) == ()

    def test_what_cannot_be_is_named_with_its_reason(self) -> None:
        odd = {"a": spread(one=np.nan), "b": spread(one=np.inf), "none": np.zeros((0, 9), np.float32), "w": spread()}
        assert self.notes(odd, include=("*",)) == (
            "not quantised: a, b (it has values that aren't finite)",
            "not quantised: none (it is empty)",
        )
        mask = {"mask": np.full((8, 8), -1e9, np.float32)}
        assert self.notes(mask, "float16") == ("not quantised: mask (it reaches 1e+09, beyond float16)",)

    def test_a_scheme_that_holds_it_is_enough(self) -> None:
        mask = Constant(value=np.full((8, 8), -1e9, np.float32))
        both = tuple(Quantization(scheme=Scheme(name=name), include=("*",)) for name in ("float16", "uint8"))
        assert selection_notes([("mask", mask)], both) == ()

    def test_one_value_that_is_far_larger_spoils_the_others(self) -> None:
        (told,) = self.notes({"w": spread(one=1e30)})
        assert told.startswith("w as uint8: it reaches from ")
        assert "to 1e+30, and next to all of its other values come out as 0; ranges: least-error" in told

    @pytest.mark.parametrize(
        ("scheme", "options", "one"),
        [
            ("uint8", {}, 20.0),  # an outlier as trained weights have them
            ("uint8", {"ranges": "least-error"}, 1e30),
            ("uint8-per-channel", {"ranges": "min-max"}, 1e30),  # its own channel alone
            ("uint8", {"levels": 4}, 20.0),  # few codes, as asked
        ],
    )
    def test_but_not_these(self, scheme: str, options: dict[str, Any], one: float) -> None:
        assert self.notes({"w": spread(one=one)}, scheme, **options) == ()

    def test_float16_by_name_is_told_what_it_does(self) -> None:
        (told,) = self.notes({"mask": np.full((8, 8), -1e9, np.float32)}, "float16", include=("mask",))
        assert told == "mask as float16: it reaches 1e+09, beyond float16; exclude: would keep it"
        assert self.notes({"w": spread()}, "float16", include=("w",)) == ()
