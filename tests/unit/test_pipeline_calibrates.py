"""A variant that is calibrated: on the model's own inputs, prepared before it, and on real ones alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pipeline_stage import Stage, failures

from tfjsci import pipeline
from tfjsci.calibrate.samples import count_samples

MANIFEST = """
version: 1
defaults: {backends: [cpu], compare: {conversion: {sqnr_db: 80}}}
models:
  - {name: a, source: a.keras, quantize: [float16, {scheme: uint8, calibrate: {samples: 33}}], INPUTS}
"""


FROM_FILE = MANIFEST.replace("INPUTS", "inputs: {x: x.npy}")
AT_RANDOM = MANIFEST.replace(", INPUTS", "")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The calls that calibration is given; nothing is calibrated."""
    seen: list[Any] = []

    def calibrated(graph: Any, inputs: Any, quantization: Any, calls: Any) -> Any:
        seen.append(calls)
        return {}, (f"calibrated on {count_samples(calls, inputs)} samples",)

    monkeypatch.setattr(pipeline, "calibrated", calibrated)
    return seen


def test_inputs_come_first_and_the_report_says_on_how_many(stage: Stage, calls: list[Any]) -> None:
    np.save(stage.folder / "x.npy", np.random.default_rng(0).normal(size=(70, 12)).astype(np.float32))
    result = stage.run(FROM_FILE)
    assert failures(result.models[0]) == []
    assert stage.watched.steps[:6] == [
        "a: convert",
        "a: check ops for cpu",
        "a: write float",
        "a: prepare inputs",
        "a: quantize float16",
        "a: quantize uint8",
    ]
    assert [len(call["x"]) for each in calls for call in each] == [32, 32]
    assert "uint8: calibrated on 64 samples" in result.models[0].notes
    assert stage.watched.total == len(stage.watched.steps)


def test_random_inputs_calibrate_nothing_and_the_other_variants_go_on(stage: Stage, calls: list[Any]) -> None:
    result = stage.run(AT_RANDOM)
    assert failures(result.models[0]) == [("quantize", "bad-inputs", "uint8", None)]
    assert "chance says nothing of what the model will be fed with" in result.models[0].failures[0].message
    assert [artifact.variant for artifact in result.models[0].artifacts] == ["float", "float16"]
    assert calls == []


def test_inputs_are_prepared_for_the_quantising_alone(stage: Stage, calls: list[Any]) -> None:
    np.save(stage.folder / "x.npy", np.zeros((3, 12), np.float32))
    result = stage.run(FROM_FILE, only=["quantize"])
    assert failures(result.models[0]) == []
    assert len(calls) == 1
    assert stage.watched.total == len(stage.watched.steps)
