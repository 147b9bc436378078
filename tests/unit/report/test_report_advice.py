"""What the reader is told to do: sorted, grouped, with limits that would really hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.report import fixtures
from unit.report.fixtures import (
    artifact,
    benchmark,
    comparison,
    limits,
    model_result,
    model_spec,
    output,
    thresholds,
)

from tfjsci.artifact.artifact import Download, WeightSummary
from tfjsci.manifest.resolved import Budget, CompareSpec, Thresholds
from tfjsci.report.advice import KINDS, findings, reproduce, tighter_budgets, unmet
from tfjsci.report.headline import headline, to_do_first
from tfjsci.report.html import render_html
from tfjsci.report.markdown import render_markdown
from tfjsci.results.run_result import Failure, ModelResult
from tfjsci.units import parse_bytes, parse_milliseconds
from tfjsci.verdict import PROBLEM


def test_failures_come_before_warnings_and_kinds_in_their_order() -> None:
    found = [(each.title, each.variant, each.judgements[0].outcome) for each in findings(fixtures.gated())]
    assert found == [
        ("fidelity", "uint8", "fail"),
        ("steady inference", None, "fail"),
        ("first inference", None, "warn"),
    ]


def test_where_nothing_was_compared_there_is_nothing_to_find_or_to_accept() -> None:
    nothing = fixtures.output(None, exact=True, nan=8, max_abs=None)
    model = fixtures.model_result(fixtures.model_spec(), comparisons=(fixtures.comparison("float", "wasm", nothing),))
    (found,) = findings(model)
    assert (found.title, found.steps) == ("fidelity", ())
    beside = fixtures.comparison("float", "wasm", nothing, fixtures.output(30.0, name="boxes"))
    model = fixtures.model_result(fixtures.model_spec(), comparisons=(beside,))
    assert "Or accept it" in findings(model)[0].steps[-1].text


def test_every_gate_of_the_manifest_has_a_kind() -> None:
    from tfjsci.manifest.gates import GATES

    assert set(KINDS) == {*GATES, PROBLEM}


def test_a_limit_that_would_hold_is_named_once_for_all_backends() -> None:
    last = findings(fixtures.gated())[0].steps[-1]
    assert last.names == (
        "compare.quantized.uint8.sqnr_db", "11",
        "compare.quantized.uint8.cosine", "0.962",
        "compare.quantized.uint8.top1", "0.891",
    )  # fmt: skip
    assert last.text == "Or accept it: set {} to {}, {} to {} and {} to {}."


def test_a_limit_of_several_variants_is_not_loosened_for_one_of_them() -> None:
    """The key of the limit that was missed may be all variants', or the scheme's: the advice is this variant's own."""
    model = fixtures.gated()

    def keyed(key: str, variant: str) -> tuple[str, ...]:
        judgements = tuple(
            replace(each, variant=variant, key=key) for each in model.judgements
            if each.gate == "sqnr_db" and each.outcome == "fail"
        )  # fmt: skip
        return findings(replace(model, judgements=judgements))[0].steps[-1].names[::2]

    assert keyed("compare.quantized.default.sqnr_db", "tiny") == ("compare.quantized.tiny.sqnr_db",)
    assert keyed("compare.quantized.uint8.outputs.box.sqnr_db.wasm", "tiny") == (
        "compare.quantized.tiny.outputs.box.sqnr_db.wasm",
    )
    assert keyed("compare.quantized.tiny.sqnr_db", "tiny") == ("compare.quantized.tiny.sqnr_db",)
    assert keyed("compare.conversion.sqnr_db", "float") == ("compare.conversion.sqnr_db",)


@pytest.mark.parametrize(
    ("schemes", "advised"),
    [
        ("int4", ("calibrate: true", "group: 32", "int6", "uint8-per-channel")),
        ("int6", ("calibrate: true", "group: 32", "uint8-per-channel", "uint8")),
        ("uint8", ("uint16", "float16", "uint8")),
        ("uint8 float16", ("uint16", "float16", "uint8")),  # the smallest weights have two bytes already
        ("int4 float16", ("calibrate: true", "group: 32", "int6", "uint8-per-channel")),
        ("uint16-per-channel", None),  # there is nothing wider
    ],
)
def test_more_bits_are_advised_by_those_that_there_are(schemes: str, advised: tuple[str, ...] | None) -> None:
    """Whoever has four bits a weight isn't told of sixteen first."""
    gated = fixtures.gated()
    stored = tuple(WeightSummary(dtype=scheme, count=6, stored_bytes=1000) for scheme in schemes.split())
    artifacts = tuple(replace(each, weights=stored) if each.variant == "uint8" else each for each in gated.artifacts)
    steps = findings(replace(gated, artifacts=artifacts))[0].steps
    assert [step.names for step in steps if "bits" in step.text] == ([advised] if advised else [])


@pytest.mark.parametrize(("code", "offered"), [("rewrite-bug", False), ("reference-failed", True)])
def test_a_bug_of_ours_is_not_to_be_accepted(code: str, offered: bool) -> None:
    held = CompareSpec(conversion=thresholds("compare.conversion", sqnr_db=80), quantized={})
    model = model_result(model_spec(compare=held, quantize=()), comparisons=(comparison("float", "wasm", output(26)),))
    failure = Failure(stage="verify", code=code, exit_code=70, message="rewriting changed the numbers")
    (found,) = findings(replace(model, failures=(failure,)))
    assert any("accept it" in step.text for step in found.steps) == offered


@pytest.mark.parametrize("milliseconds", [0.012, 1.0, 9.96, 51.0, 61.23, 999.0, 5123.0, 54_999.0, 99_999.0])
def test_a_budget_that_is_offered_would_be_held(milliseconds: float) -> None:
    spec = model_spec(budget=Budget(steady_ms=limits("budget.steady_ms", wasm=0.01)))
    model = model_result(spec, benchmarks=(benchmark("float", "wasm", milliseconds),))
    offered = findings(model)[0].steps[-1].names[-1]
    assert milliseconds < parse_milliseconds(offered) < 1.3 * milliseconds


@pytest.mark.parametrize("size", [999, 1_000, 1_234_567, 99_999_999])
def test_so_would_a_size(size: int) -> None:
    spec = model_spec(budget=Budget(download_bytes=limits("budget.download_bytes", default=10)))
    offered = findings(model_result(spec, artifacts=(artifact("m", "float", size),)))[0].steps[-1].names[-1]
    assert size < parse_bytes(offered) < 1.3 * size


def two_variants(webgl: float, wasm: float, other: float) -> ModelResult:
    """``uint8`` on two backends, and ``float16``, all held to 60 dB."""
    key = "compare.quantized.{}.sqnr_db"
    held = {name: thresholds(key.format(name).removesuffix(".sqnr_db"), sqnr_db=60) for name in ("uint8", "float16")}
    spec = model_spec(compare=CompareSpec(conversion=Thresholds(), quantized=held))
    facts = (
        comparison("uint8", "webgl", output(webgl)),
        comparison("uint8", "wasm", output(wasm)),
        comparison("float16", "wasm", output(other)),
    )
    return model_result(spec, comparisons=facts)


def test_where_no_variant_holds_a_limit_the_nearest_is_named() -> None:
    model = two_variants(50.0, 58.0, 52.0)
    (step,) = unmet(model)
    assert step.text == "No variant holds {}. The nearest is {} on {}: 52 dB, the limit is 60 dB."
    assert step.names == ("sqnr_db", "float16", "wasm"), "uint8 is as near as it is on its worst backend"
    run = fixtures.run_result(model)
    assert (
        "No variant holds `sqnr_db`. The nearest is `float16` on `wasm`: 52 dB, the limit is 60 dB."
        in render_markdown(run)
    )
    assert "No variant holds <code>sqnr_db</code>. The nearest is <code>float16</code>" in render_html(run)


def test_but_not_where_one_does() -> None:
    assert unmet(two_variants(50.0, 58.0, 61.0)) == []
    assert unmet(fixtures.gated()) == [], "there it is the only one"


def test_sixteen_bits_are_not_advised_to_sixteen_bits() -> None:
    texts = [step.text for step in findings(fixtures.warning())[0].steps]
    assert not any("more bits" in text for text in texts)
    assert any("more bits" in step.text for step in findings(fixtures.gated())[0].steps)


class TestTighterBudgets:
    def model(self, raw: int) -> ModelResult:
        spec = model_spec(budget=Budget(download_bytes=limits("budget.download_bytes", default=2_000_000)))
        return model_result(spec, artifacts=(artifact("m", "float", raw), artifact("m", "uint8", raw // 4)))

    def test_are_offered_at_half_of_the_budget_for_the_largest_variant(self) -> None:
        (step,) = tighter_budgets(self.model(1_000_000))
        assert step.names[0] == "budget.download_bytes"
        assert step.text == "{} of {} is 2 MB, measured was at most 1 MB: 1.3 MB would do."

    def test_but_not_above_it(self) -> None:
        assert tighter_budgets(self.model(1_000_001)) == []

    def test_nor_for_times_that_a_software_renderer_took(self) -> None:
        spec = model_spec(budget=Budget(steady_ms=limits("budget.steady_ms", default=50)))
        software = model_result(spec, benchmarks=(benchmark("float", "webgl", 5.0),))
        gpu = model_result(spec, benchmarks=(benchmark("float", "webgl", 5.0, environment=fixtures.GPU),))
        assert tighter_budgets(software) == []
        assert len(tighter_budgets(gpu)) == 1


def test_the_command_survives_the_shell() -> None:
    run = fixtures.run_result(replace(fixtures.digits(), name="it's; rm -rf"), manifest="a b.yml")
    assert reproduce(run, run.models[0]) == """tfjsci run 'a b.yml' --model 'it'"'"'s; rm -rf'"""


class TestHeadline:
    @pytest.mark.parametrize(
        ("models", "text"),
        [
            ((), "none were run"),
            ((fixtures.digits(),), "1 model, it passes"),
            ((fixtures.warning(),), "1 model, it passes with warnings"),
            ((fixtures.gated(),), "1 model, it fails"),
            ((fixtures.digits(), fixtures.digits("b")), "all 2 pass"),
            ((fixtures.digits(), fixtures.warning()), "all 2 pass, 1 with warnings"),
            ((fixtures.digits(), fixtures.gated()), "1 of 2 fails"),
            ((fixtures.unsupported(), fixtures.gated(), fixtures.warning()), "2 of 3 fail, 1 warns"),
        ],
    )
    def test_counts(self, models: tuple[ModelResult, ...], text: str) -> None:
        assert headline(fixtures.run_result(*models)) == f"TensorFlow.js models: {text}"

    def test_never_says_pass_of_a_run_that_could_not_be_done(self) -> None:
        assert headline(fixtures.no_browser()) == (
            "TensorFlow.js models: the run is incomplete, 1 model, nothing was judged"
        )
        failure = Failure(stage="compare", code="browser-missing", exit_code=3, message="no browser")
        assert headline(fixtures.run_result(fixtures.digits(), failures=(failure,))) == (
            "TensorFlow.js models: the run is incomplete"
        )

    def test_nor_of_models_that_nothing_was_held_against(self) -> None:
        converted = replace(fixtures.digits(), judgements=())
        assert headline(fixtures.run_result(converted)) == "TensorFlow.js models: 1 model, nothing was judged"


def test_the_first_thing_to_do_is_the_gravest() -> None:
    first = to_do_first(fixtures.gated())
    assert first.reason.startswith("SQNR of output 'predictions' of uint8")
    assert first.step is not None
    unsupported = to_do_first(fixtures.unsupported())
    assert unsupported.reason.startswith("CombinedNonMaxSuppression (and 1 other op) can't run on webgl, wasm: ")
    assert unsupported.hint is not None
    failure = Failure(
        stage="convert", code="corrupt-model", exit_code=1, message="cut off\nat byte 7", hint="Save it again."
    )
    broken = model_result(model_spec(), failures=(failure,))
    assert (to_do_first(broken).reason, to_do_first(broken).hint) == ("cut off", "Save it again.")


def test_download_of_nothing_saves_nothing() -> None:
    from tfjsci.report.markdown import render_markdown

    model = fixtures.digits()
    empty = Download(raw_bytes=0, gzip_bytes=0, brotli_bytes=0)
    model = replace(model, artifacts=tuple(replace(each, download=empty) for each in model.artifacts))
    assert "0\u00a0B" in render_markdown(fixtures.run_result(model))
