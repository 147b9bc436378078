"""The steady times in the JSON that pytest-benchmark saves, so that what draws charts of benchmarks reads them.

``pytest-benchmark compare`` loads it (a test does so), and it has the fields that github-action-benchmark reads with
``tool: pytest``. One benchmark is one variant on one backend; ``fullname`` identifies it from run to run. A software
renderer is part of the name: its times and a GPU's are never one line in a chart. Everything is in seconds, as there.
"""

from __future__ import annotations

import json
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from tfjsci.artifact.artifact import Artifact
from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.escape import one_line
from tfjsci.report.quartiles import quartiles
from tfjsci.report.variants import environments, place
from tfjsci.results.run_result import ModelResult, RunResult

NOT_RECORDED = "not recorded"
"""Where the format has a place for what results.json doesn't hold: the machine's name, the commit."""

_FORMAT_VERSION = "5.1.0"
"""The pytest-benchmark whose files these are like."""


def render_benchmark_json(run: RunResult) -> str:
    """The file. Without any benchmark its list is empty, which chart actions refuse: there is nothing to draw."""
    content = {
        "machine_info": _machine(run),
        "commit_info": {
            "id": NOT_RECORDED,
            "time": None,
            "author_time": None,
            "dirty": False,
            "project": "tfjsci",
            "branch": NOT_RECORDED,
        },
        "benchmarks": [
            _benchmark(run, model, each) for model in run.models for each in model.benchmarks if each.timing.steady_ms
        ],
        "datetime": one_line(run.started_at, 40),
        "version": _FORMAT_VERSION,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _machine(run: RunResult) -> dict[str, Any]:
    machine = run.machine
    # "Linux 6.8.0 x86_64": one after the other; a system with blanks in its release keeps them there.
    system, _, rest = machine.platform.partition(" ")
    release, _, family = rest.rpartition(" ")
    return {
        "node": NOT_RECORDED,
        "processor": one_line(machine.cpu, 200),
        "machine": one_line(family, 40),
        "python_compiler": NOT_RECORDED,
        "python_implementation": NOT_RECORDED,
        "python_implementation_version": one_line(machine.python, 40),
        "python_version": one_line(machine.python, 40),
        "python_build": [],
        "release": one_line(release, 200),
        "system": one_line(system, 40),
        "cpu": {"brand_raw": one_line(machine.cpu, 200), "count": machine.cores},
        "browser": [
            {
                "backend": place(each),
                "browser": one_line(each.browser, 200),
                "tfjs": one_line(each.tfjs, 40),
                "renderer": one_line(each.renderer, 200),
                "software": each.software,
            }
            for each in environments(run)
        ],
    }


def _benchmark(run: RunResult, model: ModelResult, benchmark: Benchmark) -> dict[str, Any]:
    environment = benchmark.timing.environment
    variant, where = one_line(benchmark.variant), place(environment)
    name = f"{one_line(model.name)}[{variant}-{where}]"
    artifact = next((each for each in model.artifacts if each.variant == benchmark.variant), None)
    return {
        "group": one_line(model.name),
        "name": name,
        "fullname": f"{one_line(run.manifest, 200)}::{name}",
        "params": {"variant": variant, "backend": where},
        "param": f"{variant}-{where}",
        "extra_info": _extra(benchmark, artifact),
        "options": {
            "disable_gc": False,
            "timer": "performance.now",
            "min_rounds": benchmark.steady.runs,
            "max_time": 0.0,
            "min_time": 0.0,
            "warmup": bool(benchmark.timing.warmup_ms),
        },
        "stats": _stats([sample / 1000 for sample in benchmark.timing.steady_ms]),
    }


def _extra(benchmark: Benchmark, artifact: Artifact | None) -> dict[str, Any]:
    environment, timing = benchmark.timing.environment, benchmark.timing
    return {
        "software_renderer": environment.software,
        "renderer": one_line(environment.renderer, 200),
        "browser": one_line(environment.browser, 200),
        "tfjs": one_line(environment.tfjs, 40),
        "cores": environment.cores,
        "load_seconds": timing.load_ms / 1000,
        "first_inference_seconds": timing.first_inference_ms / 1000,
        "warmup_seconds": [sample / 1000 for sample in timing.warmup_ms],
        "leaked_tensors": benchmark.leaked_tensors,
        **(
            {
                "download_bytes": artifact.download.raw_bytes,
                "gzip_bytes": artifact.download.gzip_bytes,
                "brotli_bytes": artifact.download.brotli_bytes,
            }
            if artifact
            else {}
        ),
    }


def _stats(seconds: Sequence[float]) -> dict[str, Any]:
    """The fields of pytest-benchmark with its definitions; a test holds them against its own code."""
    ordered, total = sorted(seconds), sum(seconds)
    mean = statistics.mean(seconds)
    stddev = statistics.stdev(seconds) if len(seconds) > 1 else 0
    q1, q3 = quartiles(seconds)
    low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    beyond_stddev = sum(abs(each - mean) > stddev for each in seconds)
    beyond_iqr = sum(each < low or each > high for each in seconds)
    return {
        "min": ordered[0],
        "max": ordered[-1],
        "mean": mean,
        "stddev": stddev,
        "rounds": len(seconds),
        "median": statistics.median(seconds),
        "iqr": q3 - q1,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": beyond_iqr,
        "stddev_outliers": beyond_stddev,
        "outliers": f"{beyond_stddev};{beyond_iqr}",
        "ld15iqr": ordered[bisect_left(ordered, low)],
        "hd15iqr": ordered[bisect_right(ordered, high) - 1],
        "ops": len(seconds) / total if total else 0,
        "total": total,
        "data": list(seconds),
        "iterations": 1,
    }
