"""A layers model of a 25 M parameter ``.h5``, beside copying the file: no more than three times as long.

The two take turns, and the medians are compared; before the first turn everything is imported and the file is in the cache.
"""

from __future__ import annotations

import json
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import tfjsci

WIDE, LAYERS = 2236, 5
ROUNDS = 15


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Keras 3 writes of five Dense layers, 25 M parameters, 100 MB; Keras itself would take longer to import."""
    path = tmp_path_factory.mktemp("layers") / "wide.h5"
    names = [f"dense_{i}" for i in range(LAYERS)]
    layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, WIDE], "dtype": "float32", "name": "x"}}]
    layers += [{"class_name": "Dense", "config": {"name": name, "dtype": "float32", "units": WIDE}} for name in names]
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "3.15.1"
        file.attrs["model_config"] = json.dumps(
            {"class_name": "Sequential", "config": {"name": "wide", "layers": layers}}
        )
        for name in names:
            group = file.create_group(f"model_weights/{name}")
            group.attrs["weight_names"] = [f"{name}/kernel".encode(), f"{name}/bias".encode()]
            group[f"{name}/kernel"] = rng.normal(size=(WIDE, WIDE)).astype("float32")
            group[f"{name}/bias"] = rng.normal(size=WIDE).astype("float32")
    return path


def test_layers_model_beside_a_copy(benchmark: BenchmarkFixture, source: Path, tmp_path: Path) -> None:
    seconds: dict[str, list[float]] = {"copy": [], "convert": []}

    def timed(what: str, work: Callable[[], object]) -> None:
        start = time.perf_counter()
        work()
        seconds[what].append(time.perf_counter() - start)

    def both() -> None:
        turn = len(seconds["copy"])
        timed("copy", lambda: shutil.copyfile(source, tmp_path / f"copy{turn}.h5"))
        timed("convert", lambda: tfjsci.convert(source, tmp_path / f"web{turn}", output_format="layers"))
        shutil.rmtree(tmp_path / f"web{turn}")
        (tmp_path / f"copy{turn}.h5").unlink()

    both()
    seconds["copy"].clear()
    seconds["convert"].clear()
    benchmark.pedantic(both, rounds=ROUNDS, iterations=1)
    figures = {f"{what}_seconds": round(statistics.median(times), 3) for what, times in seconds.items()}
    figures["ratio"] = round(figures["convert_seconds"] / figures["copy_seconds"], 2)
    benchmark.extra_info.update(figures)
    print(f"\n{figures}")
    assert figures["ratio"] <= 3.0
