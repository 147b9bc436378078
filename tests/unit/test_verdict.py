"""Each gate beside its near miss: on the limit is held, a hair beyond it is a miss, and the reason has the numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.report.fixtures import (
    ENVIRONMENTS,
    GPU,
    artifact,
    benchmark,
    comparison,
    limits,
    model_spec,
    output,
    thresholds,
)

from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.compare.comparison import Comparison, MetricValue, OutputComparison
from tfjsci.dtypes import SCHEME_NAMES, Backend
from tfjsci.errors import ExitCode
from tfjsci.manifest.resolved import (
    Budget,
    CompareSpec,
    Limit,
    Limits,
    MetricSpec,
    ModelSpec,
    QuantizeSpec,
    Thresholds,
)
from tfjsci.metrics import limit_text
from tfjsci.verdict import Judgement, exit_code_of, judge, outcome_of, worst
from tfjsci.verdict.judgement import apart
from tfjsci.verdict.tolerances import (
    CONVERSION,
    CONVERSION_ON_GPU,
    FLOAT16,
    QUANTIZED,
    UINT8,
    Tolerances,
    conversion_tolerances,
    quantized_tolerances,
)


def held(*facts: Comparison, spec: ModelSpec | None = None, random_inputs: bool = True) -> list[Judgement]:
    return list(judge(spec or model_spec(), (), facts, (), random_inputs))


def one(gate: str, judgements: list[Judgement]) -> Judgement:
    (found,) = [each for each in judgements if each.gate == gate]
    return found


def with_quantized(dtype: str, level: dict[str, Any] | None = None, **limit: float) -> ModelSpec:
    """One variant of ``dtype`` with these thresholds."""
    return model_spec(
        quantize=(QuantizeSpec(name=dtype, scheme=dtype),),  # type: ignore[arg-type]
        compare=CompareSpec(
            conversion=Thresholds(), quantized={dtype: thresholds(f"compare.quantized.{dtype}", **limit)}
        ),
        level={"default": "error", **(level or {})},
    )


class TestDefaultFidelity:
    """What holds when the manifest says nothing: bounds by dtype and backend, each with its own for warning."""

    @pytest.mark.parametrize(
        ("variant", "backend", "sqnr_db", "outcome"),
        [
            ("float", "wasm", 80.0, "pass"),
            ("float", "wasm", 79.9, "warn"),
            ("float", "wasm", 60.0, "warn"),
            ("float", "wasm", 59.9, "fail"),
            ("float", "webgl", 60.0, "pass"),
            ("float", "webgl", 59.9, "warn"),
            ("float", "webgl", 49.9, "fail"),
            ("float16", "wasm", 55.0, "pass"),
            ("float16", "wasm", 54.9, "warn"),
            ("float16", "wasm", 44.9, "fail"),
            ("uint16", "wasm", 60.0, "pass"),
            ("uint16", "wasm", 59.9, "warn"),
            ("uint16", "wasm", 49.9, "fail"),
            ("uint8", "wasm", 25.0, "pass"),
            ("uint8", "wasm", 24.9, "warn"),
            ("uint8", "wasm", 19.9, "fail"),
        ],
    )
    def test_sqnr(self, variant: str, backend: Any, sqnr_db: float, outcome: str) -> None:
        dtype: Any = variant
        spec = model_spec() if variant == "float" else model_spec(quantize=(QuantizeSpec(name=variant, scheme=dtype),))
        judgement = one("sqnr_db", held(comparison(variant, backend, output(sqnr_db)), spec=spec))
        assert judgement.outcome == outcome
        assert judgement.key.endswith(".sqnr_db (default)")
        assert judgement.value == sqnr_db
        assert judgement.unit == "dB"

    @pytest.mark.parametrize(
        ("narrow", "backend", "sqnr_db", "outcome"),
        [
            ("float16", "wasm", 55.0, "pass"),
            ("float16", "webgl", 54.9, "warn"),
            ("float16", "wasm", 44.9, "fail"),
            ("bfloat16", "wasm", 40.0, "pass"),
            ("bfloat16", "wasm", 39.9, "warn"),
            ("bfloat16", "webgl", 29.9, "fail"),
            (None, "wasm", 55.0, "fail"),
        ],
    )
    def test_sqnr_of_an_original_that_computes_in_few_digits(
        self, narrow: Any, backend: Any, sqnr_db: float, outcome: str
    ) -> None:
        """It is off by its own rounding; what computes in float32 is held to more."""
        compared = replace(comparison("float", backend, output(sqnr_db)), narrow=narrow)
        judgement = one("sqnr_db", held(compared))
        assert judgement.outcome == outcome
        if outcome == "warn":
            assert judgement.reason.endswith(f"normally gets of a model that computes in {narrow}")

    @pytest.mark.parametrize(
        ("cosine", "outcome"), [(0.997, "pass"), (0.9969, "warn"), (0.99, "warn"), (0.9899, "fail")]
    )
    def test_cosine_of_uint8(self, cosine: float, outcome: str) -> None:
        assert one("cosine", held(comparison("uint8", "wasm", output(30.0, cosine=cosine)))).outcome == outcome

    def test_cosine_of_a_conversion_has_no_bound_for_warning(self) -> None:
        outcomes = [
            one("cosine", held(comparison("float", "wasm", output(90.0, cosine=cosine)))).outcome
            for cosine in (0.99999, 0.999989)
        ]
        assert outcomes == ["pass", "fail"]

    def test_reasons_have_the_numbers(self) -> None:
        facts = (comparison("float", "wasm", output(70.0)), comparison("uint8", "wasm", output(12.34)))
        reasons = [each.reason for each in held(*facts) if each.gate == "sqnr_db"]
        assert reasons == [
            "SQNR of output 'logits' of float on wasm against TensorFlow is 70 dB, "
            "below the 80 dB that a right conversion normally gets",
            "SQNR of output 'logits' of uint8 on wasm against float is 12.3 dB, the default limit is 20 dB",
        ]

    @pytest.mark.parametrize(
        ("flags", "outcome"),
        [
            ({"WEBGL_RENDER_FLOAT32_ENABLED": "false"}, "warn"),
            ({"WEBGL_FORCE_F16_TEXTURES": "true"}, "warn"),
            ({"WEBGL_RENDER_FLOAT32_ENABLED": "true"}, "fail"),
        ],
    )
    def test_16_bit_textures_are_held_to_what_they_can_hold(self, flags: dict[str, str], outcome: str) -> None:
        environment = replace(ENVIRONMENTS["webgl"], flags=flags)
        fact = replace(comparison("float", "webgl", output(47.0)), environment=environment)
        assert one("sqnr_db", held(fact)).outcome == outcome

    def test_16_bit_textures_never_make_a_limit_stricter(self) -> None:
        half = {"WEBGL_FORCE_F16_TEXTURES": "true"}
        assert quantized_tolerances("uint16", "webgl", half).sqnr_db.error == 45
        assert quantized_tolerances("uint8", "webgl", half) == quantized_tolerances("uint8", "webgl", {})
        assert conversion_tolerances("wasm", half).sqnr_db.error == 60  # the flag is webgl's

    @pytest.mark.parametrize(
        ("top1", "samples", "outcome"),
        [
            (1.0, 20, "pass"),
            (0.95, 20, "warn"),  # 19 of 20: the 95 % interval reaches to 0.991
            (0.85, 20, "fail"),
            (0.995, 1000, "pass"),
            (0.97, 1000, "fail"),
        ],
    )
    def test_top1_fails_only_when_enough_samples_prove_it(self, top1: float, samples: int, outcome: str) -> None:
        fact = comparison("float16", "wasm", output(70.0, top1=top1, samples=samples))
        judgement = one("top1", held(fact, random_inputs=False))
        assert judgement.outcome == outcome
        assert f"({samples} samples, 95 % interval " in judgement.reason

    def test_top1_is_not_judged_by_default_on_random_inputs(self) -> None:
        gates = {each.gate for each in held(comparison("uint8", "wasm", output(30.0, top1=0.1)), random_inputs=True)}
        assert gates == {"sqnr_db", "cosine"}


class TestExplicitFidelity:
    def test_replaces_the_default_of_its_metric_and_has_no_bound_for_warning(self) -> None:
        spec = with_quantized("uint8", sqnr_db=15)
        for sqnr_db, outcome in ((15.0, "pass"), (14.99, "fail")):
            judgement = one("sqnr_db", held(comparison("uint8", "wasm", output(sqnr_db, cosine=1.0)), spec=spec))
            assert (judgement.outcome, judgement.key, judgement.limit) == (
                outcome, "compare.quantized.uint8.sqnr_db", 15,
            )  # fmt: skip

    def test_leaves_only_sqnr_and_cosine_of_the_defaults(self) -> None:
        fact = comparison("uint8", "wasm", output(30.0, top1=0.1))
        assert {each.gate for each in held(fact, random_inputs=False)} == {"sqnr_db", "cosine", "top1"}
        explicit = held(fact, spec=with_quantized("uint8", rmse=100.0), random_inputs=False)
        assert [(each.gate, each.key.endswith("(default)")) for each in explicit] == [
            ("sqnr_db", True), ("cosine", True), ("rmse", False),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("gate", "right", "wrong"),
        [
            ("sqnr_db", 30.0, 29.9),
            ("cosine", 0.98, 0.9799),
            ("top1", 0.9, 0.89),
            ("top5", 0.9, 0.89),
            ("max_abs", 0.5, 0.51),
            ("max_relative", 0.05, 0.051),
            ("rmse", 0.1, 0.11),
            ("psnr_db", 40.0, 39.9),
            ("kl", 0.01, 0.011),
            ("mismatch", 0.02, 0.021),
            ("accuracy", 0.9, 0.89),
        ],
    )
    def test_each_metric_is_right_on_its_limit_and_wrong_beyond(self, gate: str, right: float, wrong: float) -> None:
        spec = with_quantized("uint8", **{gate: right})
        outcomes = [
            one(gate, held(comparison("uint8", "wasm", fact), spec=spec, random_inputs=False))
            for fact in (replace(output(40.0), **{gate: value}) for value in (right, wrong))
        ]
        assert [each.outcome for each in outcomes] == ["pass", "fail"]

    def test_a_limit_by_backend_holds_there_alone(self) -> None:
        named = Thresholds(sqnr_db=limits("compare.conversion.sqnr_db", wasm=120))
        spec = model_spec(compare=CompareSpec(conversion=named, quantized={}))
        facts = (comparison("float", "wasm", output(110.0)), comparison("float", "webgl", output(110.0)))
        found = [each for each in held(*facts, spec=spec) if each.gate == "sqnr_db"]
        assert [(each.outcome, each.key) for each in found] == [
            ("fail", "compare.conversion.sqnr_db.wasm"),
            ("pass", "compare.conversion.sqnr_db (default)"),
        ]

    def test_top1_on_random_inputs_is_a_warning_at_most(self) -> None:
        spec = with_quantized("uint8", top1=0.98)
        fact = comparison("uint8", "wasm", output(40.0, top1=0.5))
        random, real = (one("top1", held(fact, spec=spec, random_inputs=random)) for random in (True, False))
        assert (random.outcome, random.level, real.outcome) == ("warn", "warn", "fail")
        assert "near ties make top-1 agreement meaningless; give real samples under inputs:" in random.reason
        assert "random" not in real.reason

    def test_a_limit_that_nothing_was_held_against_is_told(self) -> None:
        spec = with_quantized("uint8", top1=0.98)
        judgement = one("top1", held(comparison("uint8", "wasm", output(40.0, top1=None)), spec=spec))
        assert (judgement.outcome, judgement.value) == ("warn", None)

    def test_but_not_for_an_output_beside_one_that_has_it(self) -> None:
        spec = with_quantized("uint8", top1=0.98)
        fact = comparison("uint8", "wasm", output(40.0), output(40.0, name="boxes", top1=None))
        assert one("top1", held(fact, spec=spec)).output == "logits"

    def test_accuracy_is_held_to_also_where_nothing_differs(self) -> None:
        spec = with_quantized("uint8", accuracy=0.9, accuracy_drop=0.01)
        same = output(None, exact=True, cosine=1.0, accuracy=0.8, reference_accuracy=0.8, labels=50)
        found = held(comparison("uint8", "wasm", same), spec=spec, random_inputs=False)
        assert one("accuracy", found).outcome == "fail"
        assert "is 0.8 (50 samples, 95 % interval 0.67 to 0.888), the limit is 0.9" in one("accuracy", found).reason
        assert one("accuracy_drop", found).outcome == "pass"
        worse = replace(same, exact=False, accuracy=0.78)
        assert one("accuracy_drop", held(comparison("uint8", "wasm", worse), spec=spec)).outcome == "fail"

    def test_a_share_that_so_few_samples_do_not_prove_says_how_many_would(self) -> None:
        spec = with_quantized("uint8", top1=0.99)
        few, many = (
            one(
                "top1", held(comparison("uint8", "wasm", output(40.0, samples=samples)), spec=spec, random_inputs=False)
            )
            for samples in (380, 381)
        )
        assert (few.outcome, many.outcome) == ("pass", "pass")
        assert few.reason.endswith("the limit is 0.99, which it takes 381 samples that all agree to prove")
        assert many.reason.endswith("the limit is 0.99")

    def test_a_limit_may_have_a_level_of_its_own(self) -> None:
        key = "compare.quantized.uint8.sqnr_db"
        by_key = {
            "default": Limit(value=50, key=key, level="warn"),
            "webgl": Limit(value=50, key=f"{key}.webgl"),
            "cpu": Limit(value=50, key=f"{key}.cpu", level="off"),
        }
        spec = model_spec(
            quantize=(QuantizeSpec(name="uint8", scheme="uint8"),),
            compare=CompareSpec(
                conversion=Thresholds(), quantized={"uint8": Thresholds(sqnr_db=Limits(by_key=by_key))}
            ),
        )
        backends: tuple[Backend, ...] = ("wasm", "webgl", "cpu")
        found = held(*(comparison("uint8", backend, output(40.0)) for backend in backends), spec=spec)
        assert [(each.backend, each.outcome, each.level) for each in found if each.gate == "sqnr_db"] == [
            ("wasm", "warn", "warn"),
            ("webgl", "fail", "error"),
        ]

    def test_an_outputs_own_limit_goes_before_that_of_all_and_leaves_the_rest(self) -> None:
        named = replace(
            thresholds("compare.quantized.uint8", sqnr_db=30, rmse=10),
            outputs={"boxes": thresholds("compare.quantized.uint8.outputs.boxes", sqnr_db=15, top1=0.5)},
        )
        spec = model_spec(
            quantize=(QuantizeSpec(name="uint8", scheme="uint8"),),
            compare=CompareSpec(conversion=Thresholds(), quantized={"uint8": named}),
        )
        fact = comparison("uint8", "wasm", output(20.0), output(20.0, name="boxes", top1=None))
        found = [(each.output, each.gate, each.outcome, each.limit) for each in held(fact, spec=spec)]
        assert [each for each in found if each[1] != "cosine"] == [
            ("logits", "sqnr_db", "fail", 30),
            ("logits", "rmse", "pass", 10),
            ("boxes", "sqnr_db", "pass", 15),
            ("boxes", "top1", "warn", None),  # it has no classes, and its limit must not look kept
            ("boxes", "rmse", "pass", 10),
        ]

    @pytest.mark.parametrize(("better", "right", "wrong"), [("higher", 0.9, 0.89), ("lower", 0.9, 0.91)])
    def test_the_users_own_metric_says_which_values_are_better(self, better: Any, right: float, wrong: float) -> None:
        named = replace(Thresholds(), metric={"iou": limits("compare.conversion.metric.iou", default=0.9)})
        metric = MetricSpec(name="iou", path=Path("m.py"), function="iou", text="m:iou", better=better)
        spec = model_spec(compare=CompareSpec(conversion=named, quantized={}, metrics=(metric,)))
        facts = [
            comparison("float", "wasm", output(90.0, metrics=(MetricValue(name="iou", value=value),)))
            for value in (right, wrong)
        ]
        found = [one("metric", held(fact, spec=spec)) for fact in facts]
        assert [each.outcome for each in found] == ["pass", "fail"]
        assert (found[0].metric, found[0].key) == ("iou", "compare.conversion.metric.iou")

    def test_backends_are_held_to_nothing_unasked(self) -> None:
        fact = replace(comparison("float", "wasm", output(3.0)), kind="backends", against="cpu")
        broken = replace(fact, outputs=(replace(output(None), problem="NaN"),))
        told = model_spec(compare=CompareSpec(conversion=Thresholds(), quantized={}, backends=Thresholds()))
        assert held(fact, broken, spec=told) == []
        asked = replace(told, compare=replace(told.compare, backends=thresholds("compare.backends", sqnr_db=60)))
        (judgement,) = held(fact, spec=asked)
        assert (judgement.outcome, judgement.between_backends) == ("fail", True)
        assert "of float on wasm against float on cpu is 3 dB" in judgement.reason
        assert one("problem", held(broken, spec=asked)).between_backends


class TestOutputsWithoutNumbers:
    @pytest.mark.parametrize("problem", ["missing", "shape [2] instead of [3]", "3 NaN on one side"])
    def test_a_problem_always_fails(self, problem: str) -> None:
        bad = OutputComparison(output="logits", shape=(1,), dtype="float32", problem=problem)
        spec = model_spec(level={"default": "off"})
        (judgement,) = held(comparison("uint8", "wasm", bad), spec=spec)
        assert (judgement.gate, judgement.outcome, judgement.level) == ("problem", "fail", "error")
        assert judgement.reason.endswith(problem)

    def test_no_difference_at_all_passes_whatever_the_limit(self) -> None:
        same = output(None, exact=True, cosine=0.9999999)
        judgements = held(comparison("uint8", "wasm", same), spec=with_quantized("uint8", sqnr_db=500, cosine=1.0))
        assert [each.outcome for each in judgements] == ["pass", "pass"]

    @pytest.mark.parametrize("odd", [{"nan": 8}, {"inf": 8}, {"nan": 4, "inf": 4}])
    def test_nan_alone_on_both_sides_is_no_proof(self, odd: dict[str, int]) -> None:
        nothing = OutputComparison(output="logits", shape=(1, 8), dtype="float32", exact=True, samples=1, **odd)
        spec = with_quantized("uint8", sqnr_db=20, cosine=0.9)
        (judgement,) = held(comparison("uint8", "wasm", nothing), spec=spec)
        assert (judgement.gate, judgement.outcome, judgement.key) == (
            "sqnr_db",
            "warn",
            "compare.quantized.uint8.sqnr_db",
        )
        assert "NaN or infinity alone" in judgement.reason
        (judgement,) = held(comparison("float", "wasm", replace(nothing)))
        assert (judgement.outcome, judgement.key) == ("warn", "compare.conversion.sqnr_db (default)")
        assert (
            held(comparison("float", "wasm", nothing), spec=model_spec(level={"default": "error", "sqnr_db": "off"}))
            == []
        )

    def test_but_a_nan_beside_numbers_that_agree_is(self) -> None:
        some = output(None, exact=True, max_abs=0.0, cosine=1.0, nan=1)
        assert {each.outcome for each in held(comparison("float", "wasm", some))} == {"pass"}

    @pytest.mark.parametrize(("max_abs", "outcome"), [(1e-6, "pass"), (1.1e-6, "fail")])
    def test_a_reference_of_zeros_is_judged_by_the_largest_difference(self, max_abs: float, outcome: str) -> None:
        zeros = output(None, max_abs=max_abs, max_relative=None, cosine=None)
        judgements = held(comparison("uint8", "wasm", zeros), spec=with_quantized("uint8", sqnr_db=20))
        assert [(each.gate, each.outcome, each.limit, each.unit) for each in judgements] == [
            ("sqnr_db", outcome, 1e-6, "")
        ]
        assert "the reference is all zero" in judgements[0].reason


class TestLevels:
    def test_warn_lowers_a_miss_and_off_is_not_listed(self) -> None:
        fact = comparison("uint8", "wasm", output(3.0))
        for level, outcome in (("error", "fail"), ("warn", "warn")):
            spec = with_quantized("uint8", level={"sqnr_db": level}, sqnr_db=20)
            assert one("sqnr_db", held(fact, spec=spec)).outcome == outcome
        assert {each.gate for each in held(fact, spec=with_quantized("uint8", level={"sqnr_db": "off"}))} == {"cosine"}
        assert held(fact, spec=model_spec(level={"default": "off"})) == []


class TestSizes:
    @pytest.mark.parametrize(("raw", "outcome"), [(2_000_000, "pass"), (2_000_001, "fail")])
    def test_download(self, raw: int, outcome: str) -> None:
        spec = model_spec(budget=Budget(download_bytes=limits("budget.download_bytes", default=2_000_000)))
        (judgement,) = judge(spec, (artifact("digits", "float", raw),), (), (), False)
        assert (judgement.outcome, judgement.variant, judgement.unit) == (outcome, "float", "B")

    def test_a_miss_by_a_byte_can_be_seen(self) -> None:
        spec = model_spec(budget=Budget(download_bytes=limits("budget.download_bytes", default=2_000_000)))
        (judgement,) = judge(spec, (artifact("digits", "float", 2_000_001),), (), (), False)
        assert judgement.reason == "the download of float is 2000001 B, the budget is 2 MB"

    def test_each_variant_has_its_own(self) -> None:
        budget = Budget(
            gzip_bytes=limits("budget.gzip_bytes", uint8=100), brotli_bytes=limits("budget.brotli_bytes", default=1000)
        )
        artifacts = (artifact("digits", "float", 1000), artifact("digits", "uint8", 1000))
        judgements = judge(model_spec(budget=budget), artifacts, (), (), False)
        assert [(each.gate, each.variant, each.outcome, each.key) for each in judgements] == [
            ("brotli_bytes", "float", "pass", "budget.brotli_bytes"),
            ("gzip_bytes", "uint8", "fail", "budget.gzip_bytes.uint8"),
            ("brotli_bytes", "uint8", "pass", "budget.brotli_bytes"),
        ]


class TestTimes:
    def steady(self, median: float, environment: BackendEnvironment, **changes: Any) -> Judgement:
        spec = model_spec(budget=Budget(steady_ms=limits("budget.steady_ms", default=50)), **changes)
        fact = benchmark("float", environment.backend, median, environment=environment)
        return one("steady_ms", list(judge(spec, (), (), (fact,), False)))

    def test_the_median_is_held_to_the_budget(self) -> None:
        judgement = self.steady(61.2, ENVIRONMENTS["wasm"])
        assert judgement == Judgement(
            gate="steady_ms",
            key="budget.steady_ms",
            outcome="fail",
            level="error",
            reason="steady inference of float on wasm took 61.2 ms (median of 20), the budget is 50 ms",
            variant="float",
            backend="wasm",
            value=61.2,
            limit=50,
            unit="ms",
        )
        assert self.steady(50.0, ENVIRONMENTS["wasm"]).outcome == "pass"
        assert self.steady(50.04, ENVIRONMENTS["wasm"]).reason.count("50.04 ms") == 1

    def test_a_software_renderer_is_warned_of_at_most_and_labelled(self) -> None:
        judgement = self.steady(61.2, ENVIRONMENTS["webgl"])
        assert (judgement.outcome, judgement.level) == ("warn", "warn")
        assert "webgl (software renderer)" in judgement.reason
        assert "gate_software" in judgement.reason
        assert "software renderer" in self.steady(31.2, ENVIRONMENTS["webgl"]).reason

    def test_unless_the_manifest_wants_it_gated(self) -> None:
        assert self.steady(61.2, ENVIRONMENTS["webgl"], gate_software=True).outcome == "fail"

    def test_a_real_gpu_is_gated(self) -> None:
        judgement = self.steady(61.2, GPU)
        assert judgement.outcome == "fail"
        assert "software" not in judgement.reason

    def test_load_and_first_inference_have_their_own_budgets(self) -> None:
        budget = Budget(
            load_ms=limits("budget.load_ms", default=20),
            first_inference_ms=limits("budget.first_inference_ms", webgl=1, wasm=400),
        )
        fact = benchmark("uint8", "wasm", 5.0, load=21.0, first=399.0)
        judgements = judge(model_spec(budget=budget), (), (), (fact,), False)
        assert [(each.gate, each.outcome, each.key) for each in judgements] == [
            ("load_ms", "fail", "budget.load_ms"),
            ("first_inference_ms", "pass", "budget.first_inference_ms.wasm"),
            ("leak", "pass", "level.leak (default)"),
        ]


class TestLeak:
    @pytest.mark.parametrize(
        ("level", "leaked", "outcome"),
        [
            ({"default": "error"}, 40, "warn"),
            ({"default": "error"}, 0, "pass"),
            ({"default": "error", "leak": "error"}, 40, "fail"),
            ({"default": "off"}, 40, None),
            ({"default": "error", "leak": "off"}, 40, None),
            ({"default": "off", "leak": "warn"}, 40, "warn"),
        ],
    )
    def test_is_a_warning_unless_the_manifest_says_more(self, level: Any, leaked: int, outcome: str | None) -> None:
        judgements = judge(model_spec(level=level), (), (), (benchmark("float", "wasm", 5.0, leaked=leaked),), False)
        assert [each.outcome for each in judgements] == ([outcome] if outcome else [])


def test_a_long_output_name_leaves_the_numbers_in_the_reason() -> None:
    judgement = one("sqnr_db", held(comparison("uint8", "wasm", output(10.0, name="x\n" * 5000))))
    assert judgement.output == "x\n" * 5000
    assert len(judgement.reason) < 200
    assert "10 dB" in judgement.reason
    assert "\n" not in judgement.reason


def test_worst_and_outcome() -> None:
    assert worst([]) == "pass"
    assert worst(["pass", "warn", "pass"]) == "warn"
    assert worst(["warn", "fail"]) == "fail"
    passing = held(comparison("uint8", "wasm", output(40.0)))
    assert outcome_of(passing, ()) == "pass"
    assert outcome_of(passing, (object(),)) == "fail"


@pytest.mark.parametrize(
    ("outcomes", "codes", "expected"),
    [
        ([], [], ExitCode.OK),
        (["pass", "warn"], [], ExitCode.OK),
        (["pass", "fail"], [], ExitCode.MODEL),
        (["fail"], [1, 3], ExitCode.ENVIRONMENT),
        (["fail"], [3, 70, 1], ExitCode.BUG),
        (["pass"], [130, 70], ExitCode.INTERRUPTED),
    ],
)
def test_the_gravest_exit_code_wins(outcomes: Any, codes: list[int], expected: ExitCode) -> None:
    assert exit_code_of(outcomes, codes) is expected


@given(st.floats(0.1, 1e9), st.floats(0.1, 1e9))
@example(751950000.0, 751500000.0)  # with four digits it is 7.52e+08, as the limit is shown with three
@example(50.0, 49.96)  # the limit is shown as 50
def test_a_value_never_looks_like_a_limit_that_it_is_not(value: float, limit: float) -> None:
    def show(number: float) -> str:
        return f"{number:.3g}"

    assert (apart(value, limit, show, "") == show(limit)) == (value == limit)


@pytest.mark.parametrize(
    ("shown", "short"),
    [("50.0 ms", "50 ms"), ("2.50 MB", "2.5 MB"), ("100 ms", "100 ms"), ("2.00 s", "2 s"), ("0.9", "0.9")],
)
def test_limits_are_as_round_as_written(shown: str, short: str) -> None:
    assert limit_text(shown) == short


@pytest.mark.parametrize(
    ("row", "tolerances"),
    [
        ("TensorFlow → float on wasm, cpu", CONVERSION),
        ("TensorFlow → float on webgl, webgpu", CONVERSION_ON_GPU),
        ("float → float16, and webgl with 16-bit textures", FLOAT16),
        ("float → uint16, uint16-per-channel", QUANTIZED["uint16-per-channel"]),
        ("float → uint8", UINT8),
        ("float → uint8-per-channel", QUANTIZED["uint8-per-channel"]),
        ("float → int6", QUANTIZED["int6"]),
        ("float → int4", QUANTIZED["int4"]),
    ],
)
def test_the_documentation_has_the_built_in_limits(row: str, tolerances: Tolerances) -> None:
    text = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {row} |")]
    bounds = (tolerances.sqnr_db, tolerances.cosine, tolerances.top1)
    expected = [tuple(bound for bound in (each.error, each.warn) if bound is not None) for each in bounds]
    cells = [re.findall(r"[0-9.]+", cell) for cell in line.strip("|").split("|")[1:-1]]  # the last says why
    assert [tuple(map(float, cell)) for cell in cells] == expected


def test_every_scheme_has_limits_and_the_documentations_rows_are_all_of_them() -> None:
    assert set(QUANTIZED) == set(SCHEME_NAMES)
    assert QUANTIZED["uint16"] is QUANTIZED["uint16-per-channel"]
