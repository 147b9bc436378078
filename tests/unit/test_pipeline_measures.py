"""What a run measures beside the plain numbers: labels, metrics of the manifest's own, backends against each other."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pipeline_stage import Stage, failures, product

from tfjsci.compare.comparison import MetricValue
from tfjsci.report.junit import render_junit
from tfjsci.report.markdown import render_markdown

MANIFEST = """
version: 1
defaults: {backends: [wasm, cpu], benchmark: off}
models:
  - name: a
    source: a.keras
    quantize: [float16]
    inputs: {x: samples.csv-COLUMNS}
    labels: {file: labels.jsonl, column: digit}
    compare: {COMPARE}
"""
COLUMNS = [f"c{n}" for n in range(12)]
METRICS = "def gap(a, b):\n    return float(abs(a - b).max())\n\ndef throws(a, b):\n    raise RuntimeError('oh')\n"


@pytest.fixture
def samples(stage: Stage) -> np.ndarray:
    """Forty rows in a table, and the best class of each."""
    rows = np.random.default_rng(0).integers(-9, 9, (40, 12))
    lines = [",".join(COLUMNS), *(",".join(map(str, row)) for row in rows)]
    (stage.folder / "samples.csv").write_text("\n".join(lines))
    chosen = product({"x": rows})["y"].argmax(axis=1)
    chosen[0] = (chosen[0] + 1) % 8  # the original misses one
    (stage.folder / "labels.jsonl").write_text("\n".join(json.dumps({"digit": int(each)}) for each in chosen))
    (stage.folder / "quality.py").write_text(METRICS)
    return rows


def manifest(compare: str = "") -> str:
    columns = f"{{file: samples.csv, columns: [{', '.join(COLUMNS)}]}}"
    return MANIFEST.replace("samples.csv-COLUMNS", columns).replace("COMPARE", compare)


def test_labels_a_metric_and_backends_in_one_run(stage: Stage, samples: np.ndarray) -> None:
    compare = (
        "metric: {gap: {function: quality:gap, better: lower}}, backends: true, samples_per_call: 16, "
        "conversion: {accuracy: 0.9, metric: {gap: {default: 0, cpu: {limit: -1, level: warn}}}}"
    )
    result = stage.run(manifest(compare), allow_code=True)
    (model,) = result.models
    assert failures(model) == []
    assert str(model.basis) == "40 real samples in 3 calls"
    assert model.basis is not None
    assert model.basis.labels == 40
    for comparison in model.comparisons:
        (output,) = comparison.outputs
        assert (output.reference_accuracy, output.accuracy, output.labels) == (0.975, 0.975, 40)
        assert output.metrics == (MetricValue(name="gap", value=0.0),)
    (pair,) = model.backend_pairs
    assert (pair.environment.backend, pair.against, pair.outputs[0].exact) == ("wasm", "cpu", True)
    judged = {
        (each.gate, each.backend): (each.outcome, each.key) for each in model.judgements if each.variant == "float"
    }
    assert judged["accuracy", "wasm"] == ("pass", "compare.conversion.accuracy")
    assert judged["metric", "wasm"] == ("pass", "compare.conversion.metric.gap")
    assert judged["metric", "cpu"] == ("warn", "compare.conversion.metric.gap.cpu")
    assert model.outcome == "warn"

    report = render_markdown(result)
    assert "**`a`**, output `y`, 40 real samples in 3 calls" in report
    assert "0.975 → 0.975 (0.871–0.996)" in report
    assert "float on cpu → the same" in report
    overview = next(line for line in report.splitlines() if "`float16`" in line)
    assert "0.975" in [cell.strip() for cell in overview.split("|")]
    assert 'name="metric gap on cpu of y"' in render_junit(result)


def test_a_metric_that_throws_costs_itself_and_is_named(stage: Stage, samples: np.ndarray) -> None:
    compare = "metric: {gap: quality:gap, throws: quality:throws, gone: quality:gone}"
    (model,) = stage.run(manifest(compare), allow_code=True).models
    assert failures(model) == [
        ("compare", "metric-failed", None, None),
        *(
            ("compare", "metric-failed", variant, backend)
            for backend in ("wasm", "cpu")
            for variant in ("float", "float16")
        ),
    ]
    messages = {each.message for each in model.failures}
    assert messages == {
        "metric 'gone': quality.py has no function 'gone'",
        "metric 'throws' (quality:throws) of output 'y' failed: RuntimeError: oh",
    }
    assert len(model.comparisons) == 4
    assert {each.outputs[0].metrics for each in model.comparisons} == {(MetricValue(name="gap", value=0.0),)}


def test_a_metric_does_not_run_unless_the_command_allows_code(stage: Stage, samples: np.ndarray) -> None:
    (stage.folder / "quality.py").write_text("raise AssertionError('it ran')")
    text = manifest("metric: quality:gap")
    (model,) = stage.run(text).models
    assert failures(model) == [("convert", "code-refused", None, None)]
    assert "gap (quality:gap)" in model.failures[0].message
    assert model.artifacts == ()
    assert stage.run(text, only=["convert", "check"]).exit_code == 0, "who compares nothing needs no permission"


def test_labels_that_fit_no_output_cost_themselves(stage: Stage, samples: np.ndarray) -> None:
    (stage.folder / "labels.jsonl").write_text('{"digit": 3}\n')
    (model,) = stage.run(manifest()).models
    assert failures(model) == [("labels", "bad-inputs", None, None)]
    assert "has labels [1], which fit no output: 'y' float32 [40, 8]" in model.failures[0].message
    assert len(model.comparisons) == 4


@pytest.mark.parametrize(
    ("compare", "code", "message"),
    [
        ("conversion: {outputs: {z: {rmse: 1}}}", "unknown-output", "compare.conversion.outputs is about 'z'"),
        ("samples_per_call: 1", "bad-inputs", "has no column 'c11'"),
    ],
)
def test_what_does_not_fit_the_signature_is_told_before_a_browser_starts(
    stage: Stage, samples: np.ndarray, compare: str, code: str, message: str
) -> None:
    if code == "bad-inputs":
        file = stage.folder / "samples.csv"
        file.write_text(file.read_text().replace("c11", "twelfth"))
    (model,) = stage.run(manifest(compare)).models
    assert failures(model) == [("inputs", code, None, None)]
    assert message in model.failures[0].message
    assert stage.session.asked == []
