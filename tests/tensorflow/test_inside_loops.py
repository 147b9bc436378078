"""A loop opened in TensorFlow: what its body makes in a turn, and where two sides come apart; lists among its variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packed_models import SIZE, looping_graph

import tfjsci
from tfjsci.artifact.write import write_artifact
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.tfjs_graph import load_as_written
from tfjsci.localize.in_tensorflow import InTensorFlow
from tfjsci.localize.localize import NOT_KNOWN, localize
from tfjsci.signature import TensorSpec

pytestmark = pytest.mark.tensorflow

CALL = {"x": np.random.default_rng(1).normal(size=(4, SIZE)).astype(np.float32)}


def side(**values: Any) -> InTensorFlow:
    return InTensorFlow(looping_graph(**values), CALL)


def test_a_turn_shows_what_its_body_makes() -> None:
    constants = looping_graph().all_constants
    inner, kept, both = (np.asarray(constants[name].value, np.float32) for name in ("inner", "kept", "both"))
    y = CALL["x"]
    for turn in (1, 2, 3):
        seen = side().inside("loop", ["y", "branch", "next"], turn)
        assert seen.number == turn
        np.testing.assert_array_equal(seen.tensors["y"], y)
        branch = y @ (inner if turn < 3 else kept)
        np.testing.assert_allclose(np.asarray(seen.tensors["branch"], np.float32), branch, rtol=1e-4, atol=1e-5)
        y = np.asarray(seen.tensors["next"], np.float32)
        np.testing.assert_allclose(y, branch @ both, rtol=1e-4, atol=1e-5)
    ended = side().inside("loop", ["next"], 8)  # it turns no longer than it does by itself
    assert ended.number == 3
    np.testing.assert_array_equal(ended.tensors["next"], y)


def test_of_an_artifact_the_types_are_known_in_its_loops_too(tmp_path: Path) -> None:
    """TensorFlow asks for a variable's dtype, and the file doesn't say it of what is computed."""
    x, y = (
        TensorSpec(name=name, tensor=f"{tensor}:0", dtype="float32", shape=(None, SIZE))
        for name, tensor in (("x", "x"), ("y", "last"))
    )
    write_artifact(looping_graph(), inputs=[x], outputs=[y], folder=tmp_path / "model")
    _, written = load_as_written(tmp_path / "model")
    body = written.functions["body"].graph
    assert {name: known.dtype for name in ("early", "i_next", "branch") if (known := body.type_of(name))} == {
        "early": "bool", "i_next": "int32", "branch": "float32",
    }  # fmt: skip
    seen = InTensorFlow(written, CALL).inside("loop", ["early", "next"], 2)
    np.testing.assert_array_equal(seen.tensors["next"], side().inside("loop", ["next"], 2).tensors["next"])
    assert seen.tensors["early"]


@pytest.mark.parametrize(("weight", "turn", "node"), [("inner", 1, "branch"), ("kept", 3, "branch")])
def test_the_turn_and_the_node_are_named(weight: str, turn: int, node: str) -> None:
    other = np.linalg.qr(np.random.default_rng(9).normal(size=(SIZE, SIZE)))[0]
    graph = looping_graph()
    found = localize(
        graph,
        reference=side(),
        candidate=side(**{weight: other}),
        there=frozenset(graph.by_name),
        limit_db=60.0,
        variant="other",
        backend=None,
    )
    assert (found.found, found.node) == ("node", "loop")
    assert found.inside is not None
    assert (found.inside.turn, found.inside.node) == (turn, node)
    assert [step.node for step in found.inside.path] == ["early", "branch"]


def test_a_loop_that_reads_and_writes_lists_is_looked_into(tmp_path: Path) -> None:
    """Handles of lists can't be held against each other; what is between them can."""
    tf = tensorflow()

    def saved(folder: Path, factor: float) -> Path:
        module = tf.Module()
        module.w = tf.Variable(np.eye(6, dtype=np.float32) * np.float32(factor), name="w")

        def run(x: Any) -> Any:
            def turn(before: Any, row: Any) -> Any:
                return tf.tanh(tf.matmul(before, module.w, name="product") + row, name="state")

            return {"y": tf.scan(turn, tf.transpose(x, [1, 0, 2]), initializer=tf.zeros_like(x[:, 0]), name="scan")}

        signature = [tf.TensorSpec([2, None, 6], tf.float32, name="x")]
        module.run = tf.function(run, input_signature=signature, autograph=False)
        tf.saved_model.save(module, str(folder), signatures=module.run)
        return folder

    np.savez(tmp_path / "x.npz", x=np.random.default_rng(0).normal(size=(2, 5, 6)).astype(np.float32))
    compared = tfjsci.compare_models(
        saved(tmp_path / "one", 0.5),
        saved(tmp_path / "other", 0.7),
        inputs=tmp_path / "x.npz",
        localize=True,
    )
    found = compared.pairs[0].localization
    assert found is not None
    assert found.inside is not None, found.reason
    assert (found.found, found.op) == ("node", "StatelessWhile")
    assert "gives a list that is off where it is read, at TensorListStack" in found.reason
    # in the first turn the state is zero, and so is its product with whatever there is
    assert (found.inside.turn, found.inside.op) == (2, "MatMul")
    loop = next(step for step in found.path if step.node == found.node)
    assert loop.out == NOT_KNOWN  # its handles can't be held against each other
