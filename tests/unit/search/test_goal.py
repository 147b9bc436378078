"""What a search is held to: the strictest of the backends, output by output, as judging has it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tfjsci.compare.comparison import OutputComparison
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.search.goal import Goal, goal_of, noise_in


def output(name: str = "y", **numbers: Any) -> OutputComparison:
    return OutputComparison(output=name, shape=(1, 4), dtype="float32", samples=1, **numbers)


def model(tmp_path: Path, auto: str, more: str = "") -> ModelSpec:
    path = tmp_path / "tfjsci.yml"
    head = "version: 1\nmodels:\n  - name: m\n    source: m.keras\n    backends: [webgl, wasm]\n"
    path.write_text(f"{head}    quantize: [{{auto: {auto}}}]\n{more}")
    return load_manifest(path).models[0]


def test_of_several_backends_the_strictest_counts_and_one_alone_has_its_own(tmp_path: Path) -> None:
    more = "    compare: {quantized: {auto: {sqnr_db: {webgl: 20, wasm: 30}, max_abs: {webgl: 0.1, wasm: 0.5}}}}\n"
    spec = model(tmp_path, "{sqnr_db: 25}", more)
    assert goal_of(spec, "auto") == Goal(limits={"sqnr_db": 30.0, "max_abs": 0.1})
    assert goal_of(spec, "auto", ["webgl"]) == Goal(limits={"sqnr_db": 20.0, "max_abs": 0.1})


def test_what_is_off_isnt_searched_for(tmp_path: Path) -> None:
    assert goal_of(model(tmp_path, "{sqnr_db: 25, rmse: 1}", "    level: {rmse: off}\n"), "auto").limits == {
        "sqnr_db": 25.0
    }


def test_a_single_outputs_limit_goes_before_that_of_all(tmp_path: Path) -> None:
    more = "    compare: {quantized: {auto: {sqnr_db: 25, outputs: {boxes: {sqnr_db: 40}}}}}\n"
    goal = goal_of(model(tmp_path, "{cosine: 0.9}", more), "auto")
    found = [output("boxes", sqnr_db=30.0, cosine=0.99), output("scores", sqnr_db=30.0, cosine=0.99)]
    assert goal.misses(found) == ("SQNR of output 'boxes' is 30 dB, the limit is 40 dB",)


def test_on_the_limit_is_met_and_each_miss_is_a_sentence() -> None:
    goal = Goal(limits={"sqnr_db": 25.0, "max_abs": 0.5})
    assert goal.misses([output(sqnr_db=25.0, max_abs=0.5)]) == ()
    assert goal.misses([output(sqnr_db=24.0, max_abs=0.6)]) == (
        "SQNR of output 'y' is 24 dB, the limit is 25 dB",
        "largest difference of output 'y' is 0.6, the limit is 0.5",
    )


def test_an_output_without_numbers_misses_everything_and_an_exact_one_nothing() -> None:
    goal = Goal(limits={"sqnr_db": 25.0})
    assert goal.misses([output(problem="NaN on one side alone")]) == ("output 'y': NaN on one side alone",)
    assert goal.misses([output(exact=True, max_abs=0.0)]) == ()
    assert (noise_in([output(problem="NaN")]), noise_in([output(exact=True)])) == (math.inf, 0.0)


def test_where_the_reference_is_all_zero_what_is_nearly_zero_will_do() -> None:
    goal = Goal(limits={"sqnr_db": 25.0})
    assert goal.misses([output(max_abs=1e-7)]) == ()
    assert len(goal.misses([output(max_abs=1e-3)])) == 1
    assert noise_in([output(max_abs=1e-3)]) == math.inf


def test_noise_is_that_of_the_worst_output() -> None:
    assert noise_in([output("a", sqnr_db=20.0), output("b", sqnr_db=30.0)]) == pytest.approx(0.01)


def test_a_metric_counts_where_some_output_has_a_number_of_it() -> None:
    goal = Goal(limits={"sqnr_db": 25.0, "top1": 1.0})
    assert goal.measured([output(sqnr_db=30.0)]) == {"sqnr_db"}
    assert goal.measured([output(sqnr_db=30.0), output("classes", sqnr_db=30.0, top1=1.0)]) == {"sqnr_db", "top1"}
    assert goal.measured([output(exact=True)]) == frozenset()


def test_the_first_guess_is_the_noise_that_the_strictest_limit_allows() -> None:
    assert Goal(limits={"sqnr_db": 30.0}).first_allowance() == pytest.approx(1e-3)
    assert Goal(limits={"sqnr_db": 30.0}, of_output={"y": {"sqnr_db": 40.0}}).first_allowance() == pytest.approx(1e-4)
    # noise of a hundredth of the signal's power turns it by 0.1 rad
    assert Goal(limits={"cosine": 1 / math.sqrt(1.01)}).first_allowance() == pytest.approx(0.01)
    assert Goal(limits={"top1": 1.0}).first_allowance() > 0


def test_the_worst_value_is_told_in_the_metrics_own_direction() -> None:
    found = [output("a", sqnr_db=20.0, rmse=1.0), output("b", sqnr_db=30.0, rmse=2.0)]
    assert Goal(limits={"sqnr_db": 25.0}).worst(found) == 20.0
    assert Goal(limits={"rmse": 25.0}).worst(found) == 2.0
    assert Goal(limits={"rmse": 25.0}).worst([*found, replace(found[0], problem="missing")]) is None
