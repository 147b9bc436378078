"""Functions and modules at hand in Python, which take the way over a SavedModel: what stood in that way once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfjsci
from tfjsci.errors import BadInputs, ConversionFailed, UnknownSignature, UsageError
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


def test_a_function_that_fails_is_told_from_one_that_says_nothing_of_its_inputs() -> None:
    """What TensorFlow says of code that AutoGraph has rewritten ends with the cause."""
    tf = tensorflow()

    def misspelt(x: Any) -> Any:
        return x.nosuch

    with pytest.raises(
        ConversionFailed, match=r"misspelt can't be traced .*: AttributeError: .* no attribute 'nosuch'"
    ):
        load_in_memory(tf.function(misspelt, input_signature=[tf.TensorSpec([None, 4])]))
    with pytest.raises(ConversionFailed, match="misspelt doesn't say what it takes"):
        load_in_memory(tf.function(misspelt))


def test_an_output_that_is_nothing_is_named() -> None:
    tf = tensorflow()

    def two(x: Any) -> Any:
        return x, None

    with pytest.raises(ConversionFailed, match=r"can't save two .* None for key 'output_1'"):
        load_in_memory(tf.function(two, input_signature=[tf.TensorSpec([None, 4])]))


def test_what_is_asked_of_a_file_holds_for_a_model_at_hand_or_is_refused(tmp_path: Path) -> None:
    """Sizes are pinned, and those that don't fit are told; what chooses in a file has nothing to choose here."""
    tf, k = tensorflow(), keras()
    x = k.Input((None, 4), name="x")
    model = k.Model(x, k.layers.Dense(3)(x))
    function = tf.function(lambda x: x + 1.0, input_signature=[tf.TensorSpec([None, None, 4], name="x")])
    for given in (model, function):
        made = tfjsci.convert(given, tmp_path / "web", input_shapes={"x": (2, None, 4)})
        assert [spec.shape for spec in made.inputs] == [(2, None, 4)]
        with pytest.raises(BadInputs, match=r"x is \[\?, \?, 4\], which \[2, 5, 3\] doesn't fit"):
            tfjsci.convert(given, tmp_path / "web", input_shapes={"x": (2, 5, 3)})
        with pytest.raises(UsageError, match=r"--output-node chooses in a model of the format frozen, .* in memory"):
            tfjsci.convert(given, tmp_path / "web", output_nodes=["y"])
    with pytest.raises(UnknownSignature, match="has no signatures, so none is called 'other'"):
        tfjsci.convert(model, tmp_path / "web", signature="other")


@pytest.mark.parametrize("dtype", ["int64", "uint32", "uint64", "int32"])
def test_whole_numbers_that_the_runtime_holds_as_fewer_are_noted(tmp_path: Path, dtype: str) -> None:
    tf = tensorflow()
    spec = [tf.TensorSpec([None], dtype, name="x")]
    made = tfjsci.convert(tf.function(lambda x: {"y": x + 1}, input_signature=spec), tmp_path / "web")
    wide = f"is {dtype} in the original and int32 in the browser: values beyond ±2³¹ don't fit"
    assert made.notes == (() if dtype == "int32" else (f"the input x {wide}", f"the output y {wide}"))


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
