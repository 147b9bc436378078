"""State as inputs and outputs in the real runtime: two calls, what came out handed in again, are TensorFlow's two calls."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfjsci
from tfjsci.browser.session import BrowserSession
from tfjsci.converter import Converted, convert, require_supported, write_variant
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import ConversionFailed
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.load.keras_file import trace
from tfjsci.load.load import LoadOptions

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

CLOSE = {"cpu": 1e-5, "wasm": 1e-5, "webgl": 2e-4, "webgpu": 2e-4}


def counting() -> Any:
    tf = tensorflow()
    module = tf.Module()
    module.calls = tf.Variable(0, name="calls")
    module.past = tf.Variable(np.arange(6, dtype=np.float32).reshape(2, 3), name="past")
    module.factor = tf.Variable(2.0, name="factor")

    def run(x: Any) -> Any:
        before = module.calls.read_value()
        module.calls.assign_add(1)
        module.past.assign(tf.concat([module.past[1:], x[None]], 0))
        module.past.scatter_nd_add([[0]], [x])
        return {"mean": tf.reduce_mean(module.past, 0) * module.factor, "calls_before": before}

    module.run = tf.function(run, input_signature=[tf.TensorSpec([3], tf.float32, name="x")], autograph=False)
    return module


def of_counter(folder: Path) -> Path:
    module = counting()
    tensorflow().saved_model.save(module, str(folder / "m"), signatures=module.run)
    return folder / "m"


def of_recurrent_layers() -> Any:
    k = keras()
    x = k.Input(batch_shape=(2, 3, 4), name="x")
    outputs = [
        k.layers.GRU(3, stateful=True, name="gru")(x),
        k.layers.LSTM(2, stateful=True, return_sequences=True, name="lstm")(x),
    ]
    return k.Model(x, outputs)


def written(source: Any, folder: Path) -> Converted:
    model = convert(source, backends=BACKENDS, options=LoadOptions(state_as_io=True))
    require_supported(model.check)
    write_variant(model, folder)
    return model


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Converted]:
    folder = tmp_path_factory.mktemp("counter")
    return folder / "artifact", written(of_counter(folder), folder / "artifact")


@pytest.fixture(scope="module")
def recurrent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Converted, Any]:
    """With the Keras model itself: what its two calls give in a row."""
    folder = tmp_path_factory.mktemp("recurrent") / "artifact"
    keras_model = of_recurrent_layers()
    return folder, written(trace(keras_model, "keras", "rnn", state_as_io=True), folder), keras_model


def first_value(told: dict[str, Any]) -> Any:
    """``initial`` is one number for all, or all in a row."""
    initial, shape = told["initial"], told["shape"]
    value = np.reshape(initial, shape) if isinstance(initial, list) else np.full(shape, initial)
    return value.astype(told["dtype"])


def two_steps(
    session: BrowserSession, folder: Path, backend: Backend, model: Converted, xs: list[Any]
) -> list[dict[str, Any]]:
    """The outputs of each step; the state begins as ``model.json`` says and is then what came out."""
    told = json.loads((folder / "model.json").read_text())["userDefinedMetadata"]["state"]
    state = {name: first_value(each) for name, each in told.items()}
    assert list(state) == [each.name for each in model.loaded.state]
    answers = []
    for x in xs:
        (prediction,) = session.predict(folder, backend, [{"x": x, **state}], deadline_seconds=60)
        state = {name: prediction.outputs[name] for name in state}
        answers.append(prediction.outputs)
    return answers


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_counter_and_a_memory(
    browser_session: BrowserSession, counter: tuple[Path, Converted], backend: Backend
) -> None:
    folder, model = counter
    assert [spec.name for spec in model.inputs] == ["x", "calls", "past"]
    xs = [np.float32([1, 2, 3]), np.float32([-4, 0, 8])]
    ours = two_steps(browser_session, folder, backend, model, xs)
    function = tensorflow().saved_model.load(str(folder.parent / "m"))
    for x, answer in zip(xs, ours, strict=True):
        for name, value in function.signatures["serving_default"](x=tensorflow().constant(x)).items():
            np.testing.assert_allclose(answer[name], value.numpy(), atol=CLOSE[backend])
    assert int(ours[1]["calls"]) == 2


@pytest.mark.parametrize("backend", BACKENDS)
def test_stateful_recurrent_layers(
    browser_session: BrowserSession, recurrent: tuple[Path, Converted, Any], backend: Backend
) -> None:
    folder, model, keras_model = recurrent
    assert len(model.loaded.state) == 3
    xs = [np.random.default_rng(i).normal(size=(2, 3, 4)).astype(np.float32) for i in range(2)]
    ours = two_steps(browser_session, folder, backend, model, xs)
    for layer in keras_model.layers[1:]:
        layer.reset_state()
    names = [spec.name for spec in model.outputs][:2]
    for x, answer in zip(xs, ours, strict=True):
        for name, value in zip(names, keras_model(x), strict=True):
            np.testing.assert_allclose(answer[name], np.asarray(value), atol=CLOSE[backend])


def test_a_manifest_asks_for_it_and_feeds_the_first_values(counter: tuple[Path, Converted], tmp_path: Path) -> None:
    source = counter[0].parent / "m"
    model = f"{{name: m, source: {source}, backends: [wasm], benchmark: off"
    manifest = tmp_path / "tfjsci.yml"
    manifest.write_text(
        f"version: 1\nmodels:\n- {model}, state_as_io: true}}\n- {model.replace('name: m', 'name: n')}}}\n"
    )
    asked, plain = tfjsci.run(manifest, output=tmp_path / "out").models
    assert (asked.outcome, asked.failures) == ("pass", ())
    origins = {each.name: each.origin for each in asked.inputs}
    assert list(origins) == ["x", "calls", "past"]
    assert {origins[name] for name in ("calls", "past")} == {"the variable's first value"}
    assert {each.output for each in asked.comparisons[0].outputs} == {"mean", "calls_before", "calls", "past"}
    assert "keeps state between its calls" in plain.failures[0].message


def test_a_module_of_tensorflow_hub(
    browser_session: BrowserSession, counter: tuple[Path, Converted], tmp_path: Path
) -> None:
    with tarfile.open(tmp_path / "counter.tar.gz", "w:gz") as archive:
        archive.add(counter[0].parent / "m", arcname=".")
    model = written(tmp_path / "counter.tar.gz", tmp_path / "artifact")
    assert (model.loaded.format, [each.name for each in model.loaded.state]) == ("hub", ["calls", "past"])
    xs = [np.float32([1, 2, 3]), np.float32([-4, 0, 8])]
    ours = two_steps(browser_session, tmp_path / "artifact", "wasm", model, xs)
    same = two_steps(browser_session, counter[0], "wasm", counter[1], xs)
    for answer, expected in zip(ours, same, strict=True):
        assert {name: value.tolist() for name, value in answer.items()} == {n: v.tolist() for n, v in expected.items()}
    given = {"x": xs[0], "calls": np.int32(7), "past": np.ones((2, 3), np.float32)}
    assert model.loaded.original(given)["calls"] == 8


def test_models_in_memory_and_their_own_state_stays(tmp_path: Path) -> None:
    """The original runs with other values of its variables, and has its own back."""
    k, module = keras(), counting()
    recurrent = k.Sequential([k.Input(batch_shape=(2, 3, 4)), k.layers.SimpleRNN(3, stateful=True, name="rnn")])
    recurrent(np.ones((2, 3, 4), np.float32))
    (own,) = recurrent.layers[0].states
    before = own.numpy()
    assert before.any()
    for source, state in ((module, 2), (recurrent, 1)):
        done = tfjsci.convert(source, tmp_path / f"with{state}", state_as_io=True, verify=["wasm"])
        assert (len(done.inputs), len(done.outputs)) == (1 + state, (2 if source is module else 1) + state)
        assert {run.output for run in done.runs} == {spec.name for spec in done.outputs}
    assert (int(module.calls), module.past.numpy().tolist()) == (0, [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(own.numpy(), before)
    with pytest.raises(ConversionFailed, match=r"changes calls[\s\S]*--state-as-io"):
        tfjsci.convert(module, tmp_path / "without")
