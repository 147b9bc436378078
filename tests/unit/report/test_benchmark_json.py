"""The steady times as pytest-benchmark's own code reads them."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.stats import Stats
from pytest_benchmark.storage.file import FileStorage
from unit.report import fixtures

from tfjsci.report.benchmark_json import render_benchmark_json
from tfjsci.report.quartiles import quartiles
from tfjsci.results.run_result import RunResult


def content(run: RunResult) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_benchmark_json(run))
    return found


def stats_of(samples: list[float]) -> dict[str, Any]:
    """What the file says of one benchmark with these samples, in milliseconds."""
    model = fixtures.digits()
    one = model.benchmarks[0]
    timed = replace(one, timing=replace(one.timing, steady_ms=tuple(samples)))
    run = fixtures.run_result(replace(model, benchmarks=(timed,)))
    stats: dict[str, Any] = content(run)["benchmarks"][0]["stats"]
    return stats


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 20, 101])
def test_statistics_are_those_of_pytest_benchmark(count: int) -> None:
    samples = [10 + (n * 37 % 11) + (100 if n == 3 else 0) for n in range(count)]
    theirs = Stats()
    for sample in samples:
        theirs.update(sample / 1000)
    stats = stats_of([float(sample) for sample in samples])
    assert stats.pop("data") == theirs.data
    assert stats.pop("iterations") == 1
    assert stats == {
        key: pytest.approx(value) if key != "outliers" else value for key, value in theirs.as_dict().items()
    }


def test_quartiles_are_in_between() -> None:
    assert quartiles([1.0, 2.0, 3.0, 4.0]) == (1.5, 3.5)
    assert quartiles([4.0, 2.0, 3.0, 1.0, 5.0]) == (1.75, 4.25)
    assert quartiles([7.0]) == (7.0, 7.0)


def test_milliseconds_became_seconds() -> None:
    assert stats_of([10.0, 30.0])["mean"] == pytest.approx(0.02)


def test_pytest_benchmark_loads_it(tmp_path: Path) -> None:
    file = tmp_path / "0001_tfjsci.json"
    file.write_text(render_benchmark_json(fixtures.mixed()), encoding="utf-8")
    loaded = list(FileStorage(tmp_path, logging.getLogger()).load_benchmarks())
    assert len(loaded) == sum(len(model.benchmarks) for model in fixtures.mixed().models)
    assert {each["rounds"] for each in loaded} == {20}


def test_pytest_benchmark_compares_two_of_them(tmp_path: Path) -> None:
    for n, run in enumerate((fixtures.mixed(), fixtures.all_pass()), start=1):
        (tmp_path / f"000{n}_run.json").write_text(render_benchmark_json(run), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest_benchmark",
        "compare",
        "--group-by=fullname",
        "0001_run.json",
        "0002_run.json",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "tfjsci.yml::digits[uint8-wasm]': 2 tests" in done.stdout
    assert "tfjsci.yml::mobilenet[float-webgl (software)]': 1 tests" in done.stdout


def test_holds_the_keys_that_chart_actions_read() -> None:
    found = content(fixtures.mixed())
    assert {"node", "processor", "machine", "python_version", "system", "release", "cpu"} <= set(found["machine_info"])
    assert {"id", "time", "author_time", "dirty", "project", "branch"} == set(found["commit_info"])
    first = found["benchmarks"][0]
    assert {"group", "name", "fullname", "params", "param", "extra_info", "options", "stats"} == set(first)
    assert first["fullname"] == "tfjsci.yml::digits[float-webgl (software)]"
    assert first["params"] == {"variant": "float", "backend": "webgl (software)"}
    assert first["extra_info"]["software_renderer"] is True
    assert first["extra_info"]["download_bytes"] == 154_321
    assert first["stats"]["ops"] == pytest.approx(1 / first["stats"]["mean"])


def test_a_gpu_and_a_software_renderer_are_never_one_line_of_a_chart() -> None:
    def names(run: RunResult) -> set[str]:
        return {each["fullname"] for each in content(run)["benchmarks"]}

    software = fixtures.run_result(replace(fixtures.digits(), benchmarks=(fixtures.benchmark("float", "webgl", 5.0),)))
    gpu = fixtures.benchmark("float", "webgl", 5.0, environment=fixtures.GPU)
    hardware = fixtures.run_result(replace(fixtures.digits(), benchmarks=(gpu,)))
    assert names(software).isdisjoint(names(hardware))


def test_without_times_the_list_is_empty() -> None:
    assert content(fixtures.no_browser())["benchmarks"] == []
