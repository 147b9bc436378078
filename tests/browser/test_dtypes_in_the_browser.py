"""Weights and inputs of every dtype that a model has: TensorFlow's numbers in the real runtime, or a name and a way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci.browser.session import BrowserSession
from tfjsci.compare.compare import compare_outputs
from tfjsci.converter import Converted, convert, require_supported, write_variant
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import ConversionFailed, UnsupportedOps
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.signature import TensorSpec

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

WHOLE = ("int8", "uint8", "int16", "uint16", "int32", "int64")
FLOATS = ("float16", "float32", "float64")
SPECIAL = [np.nan, np.inf, -np.inf, 0.5, -0.0]


def module_of(inputs: dict[str, Any], run: Any, folder: Path) -> Path:
    """A SavedModel of one function, its inputs in their order."""
    tf = tensorflow()
    specs = {name: tf.TensorSpec(value.shape, tf.as_dtype(_name(value)), name) for name, value in inputs.items()}
    module = tf.Module()
    module.run = tf.function(run(module), autograph=False)
    tf.saved_model.save(module, str(folder), signatures=module.run.get_concrete_function(**specs))
    return folder


def _name(value: Any) -> str:
    return "string" if value.dtype == object else value.dtype.name


def given() -> dict[str, Any]:
    """One input of each dtype, every number beside its limits."""
    made: dict[str, Any] = {}
    for dtype in WHOLE:
        held = np.iinfo("int32" if dtype == "int64" else dtype)
        edge = min(held.max, 2**24)  # webgl's integers
        made[f"x_{dtype}"] = np.array([max(held.min, -edge), 0, edge], dtype)
    for dtype in FLOATS:
        made[f"x_{dtype}"] = np.array([-1.5, 0.0, 3.25], dtype)
    made["x_bool"] = np.array([True, False, True])
    made["x_string"] = np.array(["ä€", "", "x"], dtype=object)
    return made


def weighted(module: Any) -> Any:
    """Each input with a weight of its dtype."""
    tf = tensorflow()
    weights = {}
    for dtype in (*WHOLE, *FLOATS, "bfloat16"):
        weights[dtype] = tf.Variable(tf.cast([0, 1, 0], dtype), name=f"w_{dtype}")
    weights["bool"] = tf.Variable([True, True, False], name="w_bool")
    weights["special"] = tf.Variable(SPECIAL, name="w_special")
    module.weights = list(weights.values())

    def run(**x: Any) -> Any:
        made = {dtype: tf.maximum(x[f"x_{dtype}"], weights[dtype]) for dtype in (*WHOLE, *FLOATS)}
        made["bfloat16"] = tf.cast(weights["bfloat16"], tf.float32) + x["x_float32"]
        made["bool"] = tf.logical_and(x["x_bool"], weights["bool"])
        made["special"] = weights["special"] * 2.0
        made["string"] = tf.reshape(x["x_string"], [3, 1])
        return made

    return run


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Converted]:
    folder = tmp_path_factory.mktemp("dtypes")
    model = convert(module_of(given(), weighted, folder / "m"), backends=BACKENDS)
    require_supported(model.check)
    write_variant(model, folder / "artifact")
    return folder / "artifact", model


@pytest.mark.parametrize("backend", BACKENDS)
def test_inputs_and_weights_of_every_dtype(
    browser_session: BrowserSession, every: tuple[Path, Converted], backend: Backend
) -> None:
    folder, model = every
    sample = given()
    (prediction,) = browser_session.predict(folder, backend, [sample], deadline_seconds=60)
    for each in compare_outputs([model.loaded.original(sample)], [prediction.outputs], topk=False):
        assert each.problem is None, (each.output, each.problem)
        assert each.exact, each
    special = prediction.outputs["special"]
    assert np.isnan(special[0])
    assert special[1:4].tolist() == [np.inf, -np.inf, 1.0]


@pytest.mark.parametrize("backend", ["webgl", "webgpu", "cpu"])
def test_complex_inputs_and_weights(browser_session: BrowserSession, tmp_path: Path, backend: Backend) -> None:
    tf = tensorflow()
    x = np.complex64([1 + 2j, -3j, 0.5])

    def shifted(module: Any) -> Any:
        module.w = tf.Variable(np.complex64([2j, 1, -1 - 1j]), name="w")
        return lambda x: {"y": x + module.w, "size": tf.abs(x)}

    model = convert(module_of({"x": x}, shifted, tmp_path / "m"), backends=[backend])
    require_supported(model.check)
    write_variant(model, tmp_path / "artifact")
    (prediction,) = browser_session.predict(tmp_path / "artifact", backend, [{"x": x}], deadline_seconds=60)
    original = model.loaded.original({"x": x})
    np.testing.assert_allclose(prediction.outputs["y"], original["y"], atol=1e-6)
    np.testing.assert_allclose(prediction.outputs["size"], original["size"], rtol=1e-4)


def test_complex_numbers_are_named_on_wasm(tmp_path: Path) -> None:
    x = np.complex64([1 + 2j])
    model = convert(module_of({"x": x}, lambda _: lambda x: {"y": x * x}, tmp_path / "m"), backends=["wasm"])
    with pytest.raises(UnsupportedOps, match="wasm"):
        require_supported(model.check)


def test_whole_numbers_beyond_what_is_held_are_named(tmp_path: Path) -> None:
    tf = tensorflow()

    def plus(number: int) -> Any:
        def run(module: Any) -> Any:
            module.w = tf.Variable([1, number], dtype=tf.int64, name="offset")
            return lambda x: {"y": x + module.w}

        return run

    x = np.int64([1, 2])
    near = convert(module_of({"x": x}, plus(2**24 + 1), tmp_path / "near"), backends=["webgl", "cpu"])
    assert [note for note in near.notes if note.startswith("the weight offset holds 16777217: webgl")]
    fits = convert(module_of({"x": x}, plus(2**24), tmp_path / "fits"), backends=["webgl", "cpu"])
    assert not [note for note in fits.notes if "webgl" in note]
    beyond = convert(module_of({"x": x}, plus(2**31), tmp_path / "beyond"), backends=["cpu"])
    with pytest.raises(ConversionFailed, match=r"offset .*2147483648, beyond int32"):
        write_variant(beyond, tmp_path / "artifact")
    assert not (tmp_path / "artifact").exists()


def test_doubles_beyond_float32_are_named(tmp_path: Path) -> None:
    tf = tensorflow()

    def scaled(module: Any) -> Any:
        module.w = tf.Variable([1e300, 1.0], dtype=tf.float64, name="mask")
        return lambda x: {"y": x * module.w}

    model = convert(module_of({"x": np.zeros(2)}, scaled, tmp_path / "m"), backends=["cpu"])
    assert "the weight mask holds 1e+300, which is infinite as float32" in model.notes
    assert model.inputs == (TensorSpec(name="x", tensor="serving_default_x:0", dtype="float64", shape=(2,)),)
