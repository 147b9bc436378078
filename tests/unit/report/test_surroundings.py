"""What a run's numbers were made with: each environment once, whatever else differs."""

from __future__ import annotations

from dataclasses import replace

from unit.report import fixtures

from tfjsci.report.html import render_html
from tfjsci.report.surroundings import environment
from tfjsci.report.variants import environments
from tfjsci.results.run_result import ModelResult, RunResult

WASM = fixtures.ENVIRONMENTS["wasm"]


def timed(name: str, **flags: str) -> ModelResult:
    where = replace(WASM, flags={**WASM.flags, **flags})
    return fixtures.model_result(
        fixtures.model_spec(name),
        artifacts=(fixtures.artifact(name, "float", 1000),),
        benchmarks=(fixtures.benchmark("float", "wasm", 4.0, environment=where),),
    )


def rows(run: RunResult) -> list[str]:
    return [line for line in environment(run) if line.startswith("| wasm")]


def test_how_a_model_was_called_makes_no_environment_of_its_own() -> None:
    run = fixtures.run_result(timed("plain"), timed("loops", EXECUTION="executeAsync"))
    assert len(rows(run)) == 1
    assert "- called with `executeAsync`, as their graphs need: `loops`" in environment(run)
    assert "Called with executeAsync" in render_html(run)
    assert not any("EXECUTION" in line for line in environment(run))


def test_another_flag_does() -> None:
    run = fixtures.run_result(timed("plain"), timed("other", WASM_HAS_SIMD_SUPPORT="false"))
    assert len(environments(run)) == 2
    assert not any("called with" in line for line in environment(run))
