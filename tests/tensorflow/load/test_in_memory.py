"""Functions and modules at hand in Python, which take the way over a SavedModel: what stood in that way once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci.errors import ConversionFailed
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.load.in_memory import load_in_memory
from tfjsci.load.saved_model import load_saved_model

pytestmark = pytest.mark.tensorflow

X = np.random.default_rng(8).normal(size=(3, 4)).astype("float32")


def test_a_gradient_that_cannot_be_traced_is_not_asked_for() -> None:
    """It isn't converted; a function that itself can't be traced is refused."""
    tf = tensorflow()

    def fails(*_: Any) -> Any:
        raise ValueError("no gradient of it")

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def doubled(x: Any) -> Any:
        return x * 2.0, fails

    spec = [tf.TensorSpec([None, 4], name="x")]
    loaded = load_in_memory(tf.function(lambda x: doubled(x) + 1.0, input_signature=spec))
    np.testing.assert_allclose(loaded.original({"x": X})["output_0"], 2 * X + 1)
    with pytest.raises(ConversionFailed, match="no gradient of it"):
        load_in_memory(tf.function(fails, input_signature=spec, autograph=False))


@pytest.mark.parametrize("saved", [False, True])
def test_a_module_that_holds_a_keras_model(tmp_path: Path, saved: bool) -> None:
    """TensorFlow saves two variables for each of Keras': one that the functions read, and one that the checkpoint fills."""
    tf, k = tensorflow(), keras()
    module = tf.Module()
    module.model = k.Sequential([k.Input((4,)), k.layers.Dense(3, name="a"), k.layers.Dense(2, name="b")])
    module.scale = tf.Variable([1.5, -2.0], name="scale")
    spec = [tf.TensorSpec([None, 4], name="x")]
    module.call = tf.function(lambda x: module.model(x) * module.scale, input_signature=spec)
    if saved:
        tf.saved_model.save(module, str(tmp_path / "m"), signatures=module.call)
        loaded = load_saved_model(tmp_path / "m")
    else:
        loaded = load_in_memory(module)
    weights = {tuple(constant.value.shape): constant.value for constant in loaded.graph.constants.values()}
    for variable in module.model.weights:
        np.testing.assert_array_equal(weights[tuple(variable.shape)], np.asarray(variable))
    assert not [node for node in loaded.graph.nodes if node.op in ("VarHandleOp", "ReadVariableOp")]
    np.testing.assert_allclose(loaded.original({"x": X})["output_0"], module.call(X).numpy(), rtol=1e-6)


def test_a_loop_that_no_effect_of_its_function_waits_for(tmp_path: Path) -> None:
    """As ``wrap_function(...).prune(...)`` leaves it; a write that no output reads stays out of the graph all the same."""
    tf = tensorflow()
    counter = tf.Variable(0.0, name="counter")

    def run(x: Any) -> Any:
        y = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, tf.tanh(y) + 0.5), (tf.constant(0), x))[1]
        counter.assign_add(1.0)
        return y

    wrapped = tf.compat.v1.wrap_function(run, [tf.TensorSpec([None, 4], name="x")])
    module = tf.Module()
    module.counter = counter
    module.f = wrapped.prune(wrapped.inputs[0], {"y": wrapped.outputs[0]})
    tf.saved_model.save(module, str(tmp_path / "m"), signatures=module.f)
    loaded = load_saved_model(tmp_path / "m")
    assert [
        node.op for node in loaded.graph.nodes if node.op in ("While", "StatelessWhile", "StatefulPartitionedCall")
    ] in (
        ["While"],
        ["StatelessWhile"],
    )
    assert not [node for node in loaded.graph.nodes if node.op.startswith("Assign")]
    (given,) = (spec.name for spec in loaded.inputs)
    wanted = X
    for _ in range(3):
        wanted = np.tanh(wanted) + 0.5
    np.testing.assert_allclose(loaded.original({given: X})["y"], wanted, rtol=1e-5)
