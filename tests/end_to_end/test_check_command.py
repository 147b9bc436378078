"""tfjsci check: what can't run, what is lowered, and a reproducer that has the same problem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from end_to_end.command import DIGITS, EXAMPLES, call

from tfjsci.graph.tensorflow import tensorflow

EIGEN = EXAMPLES / "problems" / "models" / "slant_eigenvectors"


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel with an op that is lowered everywhere, one that is lowered for wasm, and one that runs nowhere."""
    tf = tensorflow()
    module = tf.Module()
    module.weight = tf.Variable(tf.ones((4, 3)), name="weight")

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="x")])
    def serve(x: Any) -> Any:
        with tf.name_scope("head"):
            y = tf.math.erfc(tf.einsum("ij,jk->ik", x, module.weight))
            return {"y": y, "bits": tf.raw_ops.PopulationCount(x=tf.cast(y, tf.int32), name="Count")}

    module.serve = serve
    folder = tmp_path_factory.mktemp("models") / "several"
    tf.saved_model.save(module, str(folder), signatures=serve)
    return folder


def test_a_model_that_can_run_everywhere(capfd: pytest.CaptureFixture[str]) -> None:
    done = call(capfd, "check", DIGITS / "digits.keras").in_peace()
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].endswith("for webgl, webgpu, wasm, cpu of TensorFlow.js 4.22.0: every op can run")
    assert call(capfd, "check", DIGITS / "digits.keras", "--quiet").out == ""


def test_what_cannot_run_is_told_with_what_was_tried(capfd: pytest.CaptureFixture[str], several: Path) -> None:
    done = call(capfd, "check", several, "--backends", "webgl,wasm").in_peace()
    assert done.code == 1
    text = done.out
    assert "1 op can't run" in text.splitlines()[0]
    assert "✗ PopulationCount × 1 on webgl, wasm: TensorFlow.js 4.22.0 has no such op" in text
    assert "nodes: head/Count" in text
    assert "tried: there is no lowering for it: the runtime holds integers in floats on the GPU" in text
    assert "✓ Erfc × 1 by erfc" in text


def test_json_has_all_of_it(capfd: pytest.CaptureFixture[str], several: Path) -> None:
    done = call(capfd, "check", several, "--backends", "cpu", "--json").in_peace()
    answer = json.loads(done.out)
    assert (done.code, answer["supported"], answer["backends"], answer["tfjs"]) == (1, False, ["cpu"], "4.22.0")
    assert [(op["op"], op["nodes"], op["tried"]) for op in answer["unsupported"]] == [
        ("PopulationCount", ["head/Count"], [])
    ]
    lowered = {op["op"]: (op["by"], op["backends"]) for op in answer["lowered"]}
    assert lowered["Erfc"] == ("erfc", ["cpu"])
    assert answer["ops"]["Sub"] == 1


def test_a_lowering_that_is_left_out_is_told_of(capfd: pytest.CaptureFixture[str], several: Path) -> None:
    done = call(capfd, "check", several, "--backends", "cpu", "--no-rule", "erfc").in_peace()
    assert done.code == 1
    assert "✗ Erfc × 1 on cpu" in done.out
    assert "tried: no lowering fits (erfc: left out, as asked)" in done.out
    assert "note: left out of the rewriting, as asked: erfc" in done.out


def test_a_reproducer_has_the_same_problem_and_none_of_the_weights(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = call(capfd, "check", EIGEN, "--reproducer", tmp_path / "r").in_peace()
    folder = tmp_path / "r" / "01-SelfAdjointEigV2"
    assert f"SelfAdjointEigV2: {folder}" in done.out
    assert "`SelfAdjointEigV2`" in (folder / "README.md").read_text(encoding="utf-8")
    again = call(capfd, "check", folder, "--json").in_peace()
    answer = json.loads(again.out)
    assert answer["ops"] == {"Placeholder": 1, "SelfAdjointEigV2": 1}
    assert [op["op"] for op in answer["unsupported"]] == ["SelfAdjointEigV2"]


def test_a_model_that_is_not_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = call(capfd, "check", tmp_path / "m.keras").in_peace()
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: there is no file or folder m.keras")
