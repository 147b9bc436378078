"""Conversion beside upstream's: time after the imports, peak memory above them, and the whole command.

The two take turns in one run; what is judged is the ratio of medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from models import NAMES
from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 3
Drive = Callable[[Path, str, Path, Path], dict[str, float]]


@pytest.mark.parametrize("name", NAMES)
def test_saved_model_beside_upstream(
    benchmark: BenchmarkFixture, name: str, models: Path, upstream_python: Path, drive: Drive, tmp_path: Path
) -> None:
    runs: dict[str, list[dict[str, float]]] = {"ours": [], "upstream": []}

    def both() -> None:
        turn = len(runs["ours"])
        runs["ours"].append(drive(Path(sys.executable), "ours", models / name, tmp_path / f"ours{turn}"))
        runs["upstream"].append(drive(upstream_python, "upstream", models / name, tmp_path / f"upstream{turn}"))

    benchmark.pedantic(both, rounds=ROUNDS, iterations=1)
    figures = {
        f"{who}_{key}": round(statistics.median(run[key] for run in runs[who]), 3)
        for who in runs
        for key in ("seconds", "peak_mb", "imports_mb")
    }
    figures["seconds_ratio"] = round(figures["ours_seconds"] / figures["upstream_seconds"], 3)
    figures["peak_ratio"] = round(figures["ours_peak_mb"] / figures["upstream_peak_mb"], 3)
    benchmark.extra_info.update(figures)
    print(f"\n{name}: {figures}")
    assert figures["seconds_ratio"] <= 0.3
    assert figures["peak_ratio"] <= 0.4


@pytest.mark.parametrize("name", NAMES)
def test_whole_command_beside_upstream(
    benchmark: BenchmarkFixture, name: str, models: Path, upstream_python: Path, tmp_path: Path
) -> None:
    seconds: dict[str, list[float]] = {"ours": [], "upstream": []}

    def timed(who: str, command: list[str | Path]) -> None:
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds[who].append(time.perf_counter() - start)

    def both() -> None:
        turn = len(seconds["ours"])
        ours = [sys.executable, "-m", "tfjsci", "convert", models / name, tmp_path / f"ours{turn}"]
        timed("ours", ours)
        converter = upstream_python.parent / "tensorflowjs_converter"
        upstream = ["--input_format=tf_saved_model", models / name, tmp_path / f"upstream{turn}"]
        timed("upstream", [upstream_python, converter, *upstream])

    benchmark.pedantic(both, rounds=ROUNDS, iterations=1)
    figures = {who: round(statistics.median(values), 2) for who, values in seconds.items()}
    benchmark.extra_info.update(figures)
    print(f"\n{name}, whole command: {figures}")
    assert figures["ours"] < figures["upstream"]


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", NAMES)
def test_keras_files_which_upstream_cannot_convert(
    benchmark: BenchmarkFixture, name: str, suffix: str, models: Path, drive: Drive, tmp_path: Path
) -> None:
    source = models / f"{name}{suffix}"
    runs: list[dict[str, float]] = []
    benchmark.pedantic(
        lambda: runs.append(drive(Path(sys.executable), "ours", source, tmp_path / f"{len(runs)}")),
        rounds=ROUNDS,
        iterations=1,
    )
    figures = {key: round(statistics.median(run[key] for run in runs), 3) for key in ("seconds", "peak_mb")}
    benchmark.extra_info.update(figures)
    print(f"\n{source.name}: {figures}")
    assert os.path.getsize(tmp_path / "0" / "model.json") > 0  # noqa: PTH202
