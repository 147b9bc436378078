"""Python's end of the contract with the page: the golden files that ``tests/page/golden.test.mjs`` reads too."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci.browser.contract import Kind, failure_error, job_document, read_predictions, read_timings
from tfjsci.browser.protocol import CustomScript, MemoryUse
from tfjsci.browser.tensors import encode_inputs
from tfjsci.dtypes import BACKENDS
from tfjsci.errors import BackendUnavailable, BadInputs, BrowserJobFailed, RuntimeMissing

GOLDEN = Path(__file__).parents[2] / "page" / "golden"
ADDRESS = "/token/jobs/1"
X = np.array([[1, 2, 3]], np.float32)
SCRIPT = CustomScript(path=Path("js/my.js"), name="js/my.js", ops=("My", "Mine"))

JOBS: dict[str, dict[str, Any]] = {
    "probe": {
        "kind": "probe", "backend": "wasm", "models": 0,
        "inputs": [{"a": np.array([[1, 2], [3, 4]], np.float32), "b": np.array([[1, 0], [2, 1]], np.float32)}],
    },
    "predict": {"kind": "predict", "backend": "cpu", "models": 1, "inputs": [{"x": X}, {"x": X * 10}]},
    "intermediates": {"kind": "intermediates", "backend": "cpu", "models": 1, "inputs": [{"x": X}], "tensors": ["y:0"]},
    "predict-dynamic": {"kind": "predict", "backend": "cpu", "models": 1, "inputs": [{"x": X}]},
    "predict-custom-ops": {"kind": "predict", "backend": "cpu", "models": 1, "inputs": [{"x": X}], "custom": [SCRIPT]},
    "predict-custom-ops-missing": {
        "kind": "predict", "backend": "cpu", "models": 1, "inputs": [{"x": X}], "custom": [SCRIPT],
    },
    "predict-wrong-input": {"kind": "predict", "backend": "cpu", "models": 1, "inputs": [{"z": X}]},
    "backend-fell-back": {"kind": "predict", "backend": "wasm", "models": 1, "inputs": [{"x": X}]},
    "time": {"kind": "time", "backend": "cpu", "models": 1, "inputs": [{"x": X}], "warmup": 1, "runs": 2},
    "race": {"kind": "time", "backend": "cpu", "models": 2, "inputs": [{"x": X}], "warmup": 1, "runs": 3},
}  # fmt: skip


def golden(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def posted(name: str) -> dict[int, bytes]:
    return {int(url.rpartition("/")[2]): base64.b64decode(body) for url, body in golden(name)["posted"].items()}


def test_every_golden_file_is_used() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(JOBS)


@pytest.mark.parametrize("name", JOBS)
def test_the_job_is_written_as_the_page_reads_it(name: str) -> None:
    wanted = dict(JOBS[name])
    kind: Kind = wanted.pop("kind")
    bodies: list[bytes] = []
    wanted["inputs"] = [encode_inputs(each, f"{ADDRESS}/inputs", bodies) for each in wanted["inputs"]]
    assert job_document(kind, base="/token", address=ADDRESS, **wanted) == golden(name)["job"]
    sent = {f"{ADDRESS}/inputs/{index}": base64.b64encode(body).decode() for index, body in enumerate(bodies)}
    assert sent == golden(name)["bodies"]


def test_the_release_is_asked_with_all_its_scripts_on_whatever_backend() -> None:
    asked = job_document("catalog", "cpu", base="/token", address=ADDRESS, models=0, inputs=[])
    assert asked["runtime"]["scripts"] == [
        "/token/runtime/tf.min.js",
        "/token/runtime/tf-backend-wasm.min.js",
        "/token/runtime/tf-backend-webgpu.min.js",
    ]
    assert (asked["examples"], asked["backends"]) == ("/token/page/op_examples.json", list(BACKENDS))
    fewer = job_document("catalog", "cpu", base="/t", address=ADDRESS, models=0, inputs=[], lacking=["webgpu"])
    assert fewer["runtime"]["scripts"] == ["/t/runtime/tf.min.js", "/t/runtime/tf-backend-wasm.min.js"]
    plain = job_document("predict", "cpu", base="/token", address=ADDRESS, models=1, inputs=[])
    assert plain["runtime"]["scripts"] == ["/token/runtime/tf.min.js"]
    assert "examples" not in plain


def test_predictions_are_read_as_the_page_writes_them() -> None:
    first, second = read_predictions(golden("predict")["answer"], posted("predict"), browser="Chromium 1")
    np.testing.assert_array_equal(first.outputs["y"], X + 1)
    np.testing.assert_array_equal(second.outputs["y"], X * 10 + 1)
    assert first.environment.browser == "Chromium 1"
    assert first.environment.cores == 4
    assert first.environment.flags == {}


def test_a_graph_that_ran_the_slower_way_says_so() -> None:
    (only,) = read_predictions(golden("predict-dynamic")["answer"], posted("predict-dynamic"), browser="Chromium 1")
    assert only.environment.flags == {"EXECUTION": "executeAsync"}


def test_timings_are_read_as_the_page_writes_them() -> None:
    first, second = read_timings(golden("race")["answer"], browser="Chromium 1")
    assert (first.load_ms, first.first_inference_ms, first.warmup_ms) == (1.0, 9.0, (17.0,))
    # a b, b a, a b: the 7th, 10th and 11th interval are the first model's
    assert first.steady_ms == (25.0, 37.0, 41.0)
    assert second.steady_ms == (29.0, 33.0, 45.0)
    assert first.memory_after == first.memory_before
    assert second.memory_after == MemoryUse(
        tensors=second.memory_before.tensors + 3, bytes=second.memory_before.bytes + 12
    )


@pytest.mark.parametrize(
    ("stage", "kind", "message"),
    [
        ("backend", BackendUnavailable, "wasm does not run in this browser: why"),
        ("inputs", BadInputs, "predict m on wasm: why"),
        ("runtime", RuntimeMissing, "predict m on wasm: why"),
        ("custom", BrowserJobFailed, "predict m on wasm: a script of custom_ops failed: why"),
        ("model", BrowserJobFailed, "predict m on wasm: the model can't be loaded: why"),
        ("run", BrowserJobFailed, "predict m on wasm: the model can't be run: why"),
        ("outputs", BrowserJobFailed, "predict m on wasm: the outputs can't be read back: why"),
        ("page", BrowserJobFailed, "predict m on wasm: the page failed: why"),
    ],
)
def test_a_failure_is_the_error_of_its_stage(stage: str, kind: type[Exception], message: str) -> None:
    error = failure_error({"stage": stage, "message": "why"}, what="predict m on wasm", backend="wasm")
    assert type(error) is kind
    assert error.message == message


def test_the_golden_failures_are_told() -> None:
    wrong = failure_error(golden("predict-wrong-input")["answer"]["failure"], what="predict m on cpu", backend="cpu")
    assert wrong.message == 'predict m on cpu: the model takes inputs ["x"], but was given ["z"]'
    fell = failure_error(golden("backend-fell-back")["answer"]["failure"], what="predict m on wasm", backend="wasm")
    assert fell.message == "wasm does not run in this browser: asked for wasm, TensorFlow.js chose cpu"
