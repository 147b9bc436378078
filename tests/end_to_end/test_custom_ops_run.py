"""A model with an op that TensorFlow has and TensorFlow.js doesn't: the whole line, with the op that the user's page brings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from end_to_end.command import call

from tfjsci.graph.tensorflow import tensorflow
from tfjsci.results.run_result import ModelResult
from tfjsci.results.store import read_results

INVERSE = """\
tf.registerOp('MatrixInverse', node => tf.tidy(() => {
  const [a, b, c, d] = tf.split(tf.reshape(node.inputs[0], [-1, 4]), 4, 1);
  const determinant = tf.sub(tf.mul(a, d), tf.mul(b, c));
  return tf.reshape(tf.div(tf.concat([d, tf.neg(b), tf.neg(c), a], 1), determinant), node.inputs[0].shape);
}));
"""
"""Of matrices of 2 × 2."""

MANIFEST = """\
version: 1
models:
  - name: inverse
    source: inverse
    backends: [cpu, webgl]
    benchmark: {warmup: 1, runs: 3}
    compare: {conversion: {sqnr_db: 80}}
    custom_ops: {MatrixInverse: js/inverse.js}
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``y = inverse(x + 2 I)``, far from singular for an ``x`` in [0, 1)."""
    tf = tensorflow()
    folder = tmp_path_factory.mktemp("model") / "inverse"

    def run(x: Any) -> Any:
        return {"y": tf.linalg.inv(x + 2.0 * tf.eye(2))}

    module = tf.Module()
    module.run = tf.function(run, input_signature=[tf.TensorSpec((None, 2, 2), name="x")], autograph=False)
    tf.saved_model.save(module, str(folder), signatures=module.run)
    return folder


@pytest.fixture
def here(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command is called in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inverse").symlink_to(model)
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "inverse.js").write_text(INVERSE)
    (tmp_path / "tfjsci.yml").write_text(MANIFEST)
    return tmp_path


def result(here: Path) -> ModelResult:
    (model,) = read_results(here / "tfjsci-output" / "results.json").models
    return model


def test_an_op_of_the_pages_own_gives_tensorflows_numbers(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(capfd, "run", "--allow-code").in_peace().code == 0
    found = result(here)
    assert [each.environment.backend for each in found.comparisons] == ["cpu", "webgl"]
    assert [benchmark.leaked_tensors for benchmark in found.benchmarks] == [0, 0]
    assert "MatrixInverse is a custom op, registered by js/inverse.js" in found.notes
    artifact = json.loads((here / "tfjsci-output/models/inverse/float/model.json").read_text())
    assert "MatrixInverse" in [node["op"] for node in artifact["modelTopology"]["node"]]


def test_without_allow_code_nothing_of_it_runs(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = call(capfd, "run").in_peace()
    assert done.code == 1
    (failure,) = result(here).failures
    assert (failure.stage, failure.code) == ("convert", "code-refused")
    assert "js/inverse.js (for MatrixInverse)" in done.out
    assert "--allow-code" in done.out


def test_converting_and_checking_needs_no_permission(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(capfd, "run", "--only", "convert,check").in_peace().code == 0


def test_wrong_numbers_of_a_custom_op_fail_the_model(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "js" / "inverse.js").write_text(INVERSE.replace("tf.neg(c)", "c"))
    assert call(capfd, "run", "--allow-code", "--only", "compare").in_peace().code == 1
    found = result(here)
    assert (found.failures, found.outcome) == ((), "fail")
