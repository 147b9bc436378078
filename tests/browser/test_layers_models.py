"""Layers models in the real runtime: what ``tf.loadLayersModel`` makes of them, held against Keras' own predictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layers_cases import MODELS, NOT_IN_HDF5, backends_of, given, randomized
from web_models import layer as web_layer
from web_models import saved
from web_models import sequential as web_sequential

from tfjsci import api
from tfjsci.artifact.quantize import Quantization
from tfjsci.artifact.write_layers import write_layers_model
from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import GPU_BACKENDS
from tfjsci.errors import BrowserJobFailed
from tfjsci.graph.tensorflow import keras
from tfjsci.layers.layers_model import layers_model
from tfjsci.quantize.scheme import Scheme

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

CLOSE = {"cpu": 2e-5, "wasm": 2e-5, "webgl": 5e-4, "webgpu": 5e-4}
"""Of the largest value: sums in another order; on a GPU also its own exp, tanh and the like."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A Keras model in two files, its layers model, and what Keras predicts."""

    keras: Path
    h5: Path
    folder: Path
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    """Each model is made once."""
    made: dict[str, Case] = {}

    def of(name: str) -> Case:
        if name not in made:
            made[name] = _case(name, tmp_path_factory.mktemp(name))
        return made[name]

    return of


def _case(name: str, folder: Path) -> Case:
    k = keras()
    k.backend.clear_session()
    model = randomized(MODELS[name](k))
    if name == "stack":
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    arrays = given(model)
    predicted = model(arrays if len(arrays) > 1 else arrays[0], training=False)
    model.save(folder / "model.keras")
    if name not in NOT_IN_HDF5:
        model.save(folder / "model.h5")
    with layers_model(folder / "model.keras", backends=backends_of(name)) as made:
        write_layers_model(made, folder=folder / "web", shard_bytes=4096)
        names, outputs = [spec.name for spec in made.inputs], [spec.name for spec in made.outputs]
    flat = [np.asarray(value) for value in k.tree.flatten(predicted)]
    if isinstance(predicted, dict):
        assert outputs == sorted(predicted)
    return Case(
        keras=folder / "model.keras",
        h5=folder / "model.h5",
        folder=folder / "web",
        inputs=dict(zip(names, arrays, strict=True)),
        outputs=dict(zip(outputs, flat, strict=True)),
    )


def _assert_predicts(session: BrowserSession, case: Case, backend: Any, folder: Path, close: float) -> None:
    (prediction,) = session.predict(folder, backend, [case.inputs], deadline_seconds=120)
    assert list(prediction.outputs) == list(case.outputs)
    far = {}
    for name, wanted in case.outputs.items():
        ours = prediction.outputs[name]
        assert ours.shape == wanted.shape, name
        difference = float(np.abs(ours.astype(np.float64) - wanted).max())
        if not difference <= close * max(1.0, float(np.abs(wanted).max())):
            far[name] = difference
    assert far == {}


@pytest.mark.parametrize("backend", ["cpu", "wasm"])
@pytest.mark.parametrize("name", MODELS)
def test_a_layers_model_gives_keras_predictions(
    browser_session: BrowserSession, case: Callable[[str], Case], name: str, backend: str
) -> None:
    _assert_predicts(browser_session, case(name), backend, case(name).folder, CLOSE[backend])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "backend"),
    [(name, gpu) for name in MODELS if name != "volumes" for gpu in GPU_BACKENDS if gpu in backends_of(name)],
)
def test_a_layers_model_gives_keras_predictions_on_a_gpu(
    browser_session: BrowserSession, case: Callable[[str], Case], name: str, backend: str
) -> None:
    _assert_predicts(browser_session, case(name), backend, case(name).folder, CLOSE[backend])


@pytest.mark.parametrize("name", [name for name in MODELS if name not in NOT_IN_HDF5])
def test_an_h5_file_becomes_the_same_layers_model(case: Callable[[str], Case], tmp_path: Path, name: str) -> None:
    with layers_model(case(name).h5, backends=backends_of(name)) as made:
        write_layers_model(made, folder=tmp_path / "web", shard_bytes=4096)
    assert _files(tmp_path / "web") == _files(case(name).folder)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_quantised_layers_model_is_near_and_not_the_same(
    browser_session: BrowserSession, case: Callable[[str], Case], tmp_path: Path
) -> None:
    with layers_model(case("stack").keras) as made:
        write_layers_model(made, folder=tmp_path / "web", quantization=Quantization(scheme=Scheme(name="uint8")))
    _assert_predicts(browser_session, case("stack"), "cpu", tmp_path / "web", 0.05)
    with pytest.raises(AssertionError):
        _assert_predicts(browser_session, case("stack"), "cpu", tmp_path / "web", 1e-7)


def test_how_the_model_was_compiled_is_loaded_too(case: Callable[[str], Case]) -> None:
    text = (case("stack").folder / "model.json").read_text(encoding="utf-8")
    assert '"trainingConfig":{"loss":"categorical_crossentropy","metrics":["accuracy"]' in text


def test_an_input_of_single_numbers_is_refused_as_the_runtime_refuses_it_and_auto_makes_a_graph_model(
    browser_session: BrowserSession, tmp_path: Path
) -> None:
    """Why ``layers/single_numbers.py`` is there: were it otherwise in another release, this would tell."""
    scaled = {
        shape: web_layer("Rescaling", "scaled", scale=2.0, batch_input_shape=[*shape]) for shape in ((None,), (None, 1))
    }
    numbers = saved(tmp_path / "numbers", web_sequential(scaled[None,]), {})
    column = saved(tmp_path / "column", web_sequential(scaled[None, 1]), {})
    x = np.array([1.0, 2.0, 3.0], np.float32)
    with pytest.raises(
        BrowserJobFailed, match=r"expected scaled_input to have 1 dimension\(s\), but got array with shape \[3,1\]"
    ):
        browser_session.predict(numbers, "wasm", [{"scaled_input": x}], deadline_seconds=120)
    (taken,) = browser_session.predict(column, "wasm", [{"scaled_input": x[:, None]}], deadline_seconds=120)
    np.testing.assert_array_equal(taken.outputs["scaled"], 2 * x[:, None])
    done = api.convert(numbers, tmp_path / "graph", output_format="auto")
    assert done.output_format == "graph"
    assert "numbers can't be a layers model: scaled_input (InputLayer): it takes one number" in done.notes[0]
    (found,) = browser_session.predict(tmp_path / "graph", "wasm", [{"scaled_input": x}], deadline_seconds=120)
    np.testing.assert_array_equal(found.outputs["scaled"], 2 * x)


def test_files_by_layer_of_which_the_last_is_the_longest_are_read_right(
    browser_session: BrowserSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(8)
    shapes = {"short/kernel": (2, 3), "long/kernel": (3, 40), "long/bias": (40,)}
    weights = {name: draw.normal(size=shape) for name, shape in shapes.items()}
    model = web_sequential(
        web_layer("Dense", "short", units=3, use_bias=False, batch_input_shape=[None, 2]),
        web_layer("Dense", "long", units=40),
    )
    source = saved(tmp_path / "whole", model, weights)
    x = draw.normal(size=(4, 2)).astype(np.float32)
    wanted = x @ weights["short/kernel"] @ weights["long/kernel"] + weights["long/bias"]

    def off(folder: Path) -> float:
        (predicted,) = browser_session.predict(folder, "cpu", [{"short_input": x}], deadline_seconds=120)
        return float(np.abs(predicted.outputs["long"] - wanted).max())

    api.convert(source, tmp_path / "split", output_format="layers", split_by_layer=True)
    assert len(list((tmp_path / "split").glob("*.bin"))) == 3
    assert off(tmp_path / "split") < 1e-5
    # where the last file isn't cut, the runtime reads zeros for what doesn't begin it
    monkeypatch.setattr("tfjsci.artifact.write_layers.with_last_shard_found", lambda _, manifest: list(manifest))
    api.convert(source, tmp_path / "uncut", output_format="layers", split_by_layer=True)
    assert len(list((tmp_path / "uncut").glob("*.bin"))) == 2
    assert off(tmp_path / "uncut") > 0.5
