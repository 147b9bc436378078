"""Two runs side by side: what got worse, by the way each number is better, and what one alone has; and the command for it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner, Result
from unit.report import fixtures

from tfjsci.cli import main
from tfjsci.results.run_result import RunResult
from tfjsci.results.store import write_results
from tfjsci.versus.compared import RunsCompared
from tfjsci.versus.runs import compare_runs, worse_first


def with_output(sqnr_db: float | None, **changes: object) -> RunResult:
    model = fixtures.digits()
    first, *others = model.comparisons
    output = replace(first.outputs[0], sqnr_db=sqnr_db, **changes)  # type: ignore[arg-type]
    return fixtures.run_result(replace(model, comparisons=(replace(first, outputs=(output,)), *others)))


def compared(a: RunResult, b: RunResult) -> RunsCompared:
    return compare_runs(a, b, names=("a", "b"))


def directions(found: RunsCompared) -> dict[str, str]:
    return {each.metric: each.direction for each in found.changes if each.direction != "same"}


def test_the_same_run_is_the_same_in_every_number() -> None:
    found = compared(fixtures.mixed(), fixtures.mixed())
    assert {each.direction for each in found.changes} == {"same"}
    assert len(found.changes) > 50
    assert (found.only_a, found.only_b, found.worse) == ((), (), ())


def test_a_signal_is_better_high_and_an_error_low() -> None:
    a = with_output(80.0, max_abs=0.1, cosine=0.999)
    b = with_output(70.0, max_abs=0.2, cosine=0.9999)
    assert directions(compared(a, b)) == {"sqnr_db": "worse", "max_abs": "worse", "cosine": "better"}
    assert directions(compared(b, a)) == {"sqnr_db": "better", "max_abs": "better", "cosine": "worse"}


def test_no_difference_at_all_is_better_than_any_number() -> None:
    exact, near = with_output(None, exact=True), with_output(70.0)
    assert directions(compared(exact, near))["sqnr_db"] == "worse"
    assert directions(compared(near, exact))["sqnr_db"] == "better"


def on(backend: str, sqnr_db: float | None, **changes: object) -> RunResult:
    model = fixtures.digits()
    (comparison,) = (c for c in model.comparisons if (c.environment.backend, c.variant) == (backend, "float"))
    output = replace(comparison.outputs[0], sqnr_db=sqnr_db, **changes)  # type: ignore[arg-type]
    return fixtures.run_result(replace(model, comparisons=(replace(comparison, outputs=(output,)),)))


def test_what_rounding_does_on_another_machine_is_told_and_not_judged() -> None:
    noise = {"cosine": 1 - 1e-9, "max_abs": 2e-7, "rmse": 1e-7, "max_relative": 3e-7, "kl": 1e-12, "psnr_db": 130.0}
    a, b = on("wasm", 131.0), on("wasm", 128.2, **noise)
    for found in (compared(a, b), compared(b, a)):
        assert set(directions(found).values()) == {"other"}
        assert {"sqnr_db", "max_abs", "cosine"} <= set(directions(found))
    exact = compared(on("wasm", None, exact=True), a)
    assert directions(exact)["sqnr_db"] == "other"


def test_an_error_that_grew_by_more_than_rounding_is_worse_however_small_it_was() -> None:
    assert directions(compared(on("wasm", 131.0), on("wasm", 99.0)))["sqnr_db"] == "worse"
    assert directions(compared(on("wasm", 131.0), on("wasm", 101.0)))["sqnr_db"] == "other"
    assert directions(compared(on("webgl", 131.0), on("webgl", 81.0)))["sqnr_db"] == "other"
    assert directions(compared(on("webgl", 131.0), on("webgl", 79.0)))["sqnr_db"] == "worse"
    # of a variant that is far off anyway, rounding is a small part
    assert directions(compared(on("wasm", 25.0), on("wasm", 24.9995)))["sqnr_db"] == "other"
    assert directions(compared(on("wasm", 25.0), on("wasm", 24.99)))["sqnr_db"] == "worse"


def test_another_class_is_no_rounding() -> None:
    a, b = on("wasm", 131.0, top1=1.0, mismatch=0.0), on("wasm", 130.0, top1=0.99, mismatch=0.01)
    assert directions(compared(a, b)) == {"sqnr_db": "other", "top1": "worse", "mismatch": "worse"}


def test_an_output_that_lost_its_numbers_got_worse() -> None:
    assert directions(compared(with_output(80.0), with_output(None, problem="it is missing")))["has numbers"] == "worse"


def test_times_are_told_and_not_judged() -> None:
    model = fixtures.digits()
    slower = tuple(
        replace(each, steady=replace(each.steady, median_ms=each.steady.median_ms * 3)) for each in model.benchmarks
    )
    found = compared(fixtures.run_result(model), fixtures.run_result(replace(model, benchmarks=slower)))
    assert set(directions(found).items()) == {("steady inference", "other")}
    assert found.worse == ()


def test_what_one_alone_has_is_named() -> None:
    model = fixtures.digits()
    found = compared(
        fixtures.run_result(model), fixtures.run_result(replace(model, artifacts=model.artifacts[:1]), fixtures.gated())
    )
    gone = [artifact.variant for artifact in model.artifacts[1:]]
    assert found.only_a == tuple(f"digits {variant}" for variant in gone)
    assert "mobilenet" in found.only_b
    assert not any(each.startswith("mobilenet ") for each in found.only_b)  # what is its own isn't told again


def test_what_got_worse_comes_first() -> None:
    found = compared(with_output(80.0, max_abs=0.1, cosine=0.999), with_output(70.0, max_abs=0.2, cosine=0.9999))
    ordered = [each.direction for each in worse_first(found.changes)]
    assert ordered[:3] == ["worse", "worse", "better"]
    assert set(ordered[3:]) == {"same"}


def command(*args: str) -> Result:
    return CliRunner().invoke(main, ["compare", *args], prog_name="tfjsci")


def test_the_command_takes_files_and_folders_and_fails_when_something_got_worse(tmp_path: Path) -> None:
    write_results(with_output(80.0), tmp_path / "a" / "results.json")
    write_results(with_output(70.5), tmp_path / "b" / "results.json")
    worse = command(str(tmp_path / "a"), str(tmp_path / "b" / "results.json"))
    assert worse.exit_code == 1
    line = next(line for line in worse.stdout.splitlines() if "sqnr_db" in line)
    assert line.split()[-4:] == ["70.5", "dB", "✗", "worse"]
    assert "1 of" in worse.stdout.splitlines()[-1]
    write_results(with_output(79.99999), tmp_path / "c" / "results.json")
    rounding = command(str(tmp_path / "a"), str(tmp_path / "c"))
    assert (rounding.exit_code, "0 of" in rounding.stdout.splitlines()[-1]) == (0, True)
    assert any("sqnr_db" in line for line in rounding.stdout.splitlines()), "it is told"
    better = command(str(tmp_path / "b"), str(tmp_path / "a"))
    assert (better.exit_code, "✓ better" in better.stdout) == (0, True)
    quiet = command(str(tmp_path / "b"), str(tmp_path / "a"), "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (0, "")


def test_two_runs_of_different_models_are_a_slip_and_no_success(tmp_path: Path) -> None:
    for name, model in (("a", fixtures.digits()), ("b", replace(fixtures.digits(), name="letters"))):
        write_results(fixtures.run_result(model), tmp_path / f"{name}.json")
    slip = command(str(tmp_path / "a.json"), str(tmp_path / "b.json"))
    assert (slip.exit_code, slip.stdout) == (2, "")
    assert "no number in common, so nothing can be compared" in slip.stderr
    assert "only in A: digits; only in B: letters" in slip.stderr


def test_the_command_gives_all_of_it_as_json(tmp_path: Path) -> None:
    for name in "ab":
        write_results(fixtures.mixed(), tmp_path / f"{name}.json")
    result = command(str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--json")
    data = json.loads(result.stdout)
    assert (result.exit_code, data["worse"], data["only_a"]) == (0, 0, [])
    assert {each["direction"] for each in data["changes"]} == {"same"}


def test_names_from_strangers_stay_on_their_line(tmp_path: Path) -> None:
    model = replace(fixtures.digits(), name="x\n\u202e\x1b[2J")
    write_results(fixtures.run_result(model), tmp_path / "a.json")
    write_results(fixtures.run_result(replace(model, outcome="fail")), tmp_path / "b.json")
    told = command(str(tmp_path / "a.json"), str(tmp_path / "b.json")).stdout
    assert "x␊\\u202e␛[2J" in told
    assert "\x1b" not in told


def test_limits_are_for_models(tmp_path: Path) -> None:
    write_results(fixtures.mixed(), tmp_path / "results.json")
    wrong = command(str(tmp_path), str(tmp_path), "--sqnr-db", "60")
    assert wrong.exit_code == 2
    assert "these are two results" in wrong.stderr
