"""Training that Keras began and TensorFlow.js goes on with: one step more gives Keras' own next weights."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci import api
from tfjsci.browser.chromium import Chromium
from tfjsci.browser.contract import runtime_document
from tfjsci.browser.runtime import DEFAULT_VERSION, find_runtime
from tfjsci.browser.server import PageServer
from tfjsci.graph.tensorflow import keras
from tfjsci.layers.layers_model import layers_model

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

HERE = Path(__file__).parent

EXACT = 2e-3
"""Of a step: both sides compute it in float32, and Adam's corrections are small differences of numbers near 1."""
OTHERWISE = 0.05
"""Of a step: what it differs by at least without the optimizer's weights."""

OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "adam": lambda o: o.Adam(0.01),
    "adam_short": lambda o: o.Adam(0.01, beta_1=0.8, beta_2=0.95),
    "averaged": lambda o: o.SGD(0.05, momentum=0.9, use_ema=True),
    "momentum": lambda o: o.SGD(0.05, momentum=0.9),
    "nesterov": lambda o: o.SGD(0.05, momentum=0.8, nesterov=True),
    "rmsprop": lambda o: o.RMSprop(0.01, rho=0.8),
    "rmsprop_momentum": lambda o: o.RMSprop(0.01, momentum=0.7),
    "adagrad": lambda o: o.Adagrad(0.05, initial_accumulator_value=0.2),
}


def model_of(k: Any) -> Any:
    """Two inputs and outputs; Keras and the runtime order its weights otherwise, and some are turned or not trained."""
    L = k.layers  # noqa: N806
    series, row = k.Input((6, 3), name="series"), k.Input((5,), name="row")
    shared = L.Dense(4, activation="tanh", name="shared")
    frozen = L.Dense(5, name="frozen", trainable=False)
    inner = k.Sequential([k.Input((4,)), L.Dense(3, activation="elu"), L.LayerNormalization()], name="inner")
    both = L.Bidirectional(L.LSTM(2, return_sequences=True), name="both")(series)
    wide = L.Conv1DTranspose(4, 3, padding="same", activation="tanh", name="wide")(both)
    each = L.TimeDistributed(L.Dense(4, activation="tanh"), name="each")(wide)
    long = L.GlobalAveragePooling1D()(L.Conv1D(4, 2, name="long")(each))
    short = shared(frozen(row))
    again = shared(L.Dense(5, name="bend", activation="tanh")(short))
    first = L.Dense(2, name="first")(L.Add()([inner(long), inner(again)]))
    second = L.Dense(1, name="second")(L.BatchNormalization(name="norm")(short))
    return k.Model([row, series], [first, second], name="trained")


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A model after two steps in a folder of its own (``.keras``, ``.h5``); its weights then and after a third."""

    folder: Path
    before: dict[str, Any]
    after: dict[str, Any]


def samples() -> tuple[list[Any], list[Any]]:
    random = np.random.default_rng(5)
    shapes: tuple[tuple[int, ...], ...] = ((7, 5), (7, 6, 3), (7, 2), (7, 1))
    values = [random.normal(size=shape).astype(np.float32) for shape in shapes]
    return values[:2], values[2:]


def begin(name: str, folder: Path) -> Begun:
    k = keras()
    k.backend.clear_session()
    k.utils.set_random_seed(3)
    model = model_of(k)
    model.compile(OPTIMIZERS[name](k.optimizers), ["mse", "mse"])
    x, y = samples()
    for _ in range(2):
        model.train_on_batch(x, y)
    model.save(folder / "model.keras")
    model.save(folder / "model.h5")
    model.train_on_batch(x, y)
    model.save(folder / "after.keras")
    return Begun(folder=folder, before=weights_of(folder / "model.keras"), after=weights_of(folder / "after.keras"))


def weights_of(path: Path) -> dict[str, Any]:
    """By the names that the layers model has."""
    with layers_model(path) as made:
        return {name: np.array(read()) for name, read in made.weights}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Begun]:
    made: dict[str, Begun] = {}

    def of(name: str) -> Begun:
        if name not in made:
            made[name] = begin(name, tmp_path_factory.mktemp(name))
        return made[name]

    return of


class TrainingPage:
    """Opened as often as it is asked for."""

    def __init__(self) -> None:
        self._log = logging.getLogger("training")
        self._server = PageServer(find_runtime(DEFAULT_VERSION, env=os.environ), self._log)
        self._chromium = Chromium(os.environ, self._log)

    def train(self, folders: Sequence[Path]) -> list[dict[str, Any]]:
        """What comes of each model: see main.js."""
        address = self._server.open([HERE / "training_page", *folders], []).address
        x, y = ([{"shape": value.shape, "data": value.ravel().tolist()} for value in side] for side in samples())
        job = {
            "backend": "cpu",
            "runtime": runtime_document(self._server.base, "cpu"),
            "flags": {},
            "models": [f"{address}/models/{i}/model.json" for i in range(1, len(folders) + 1)],
            "x": x,
            "y": y,
        }
        page = f"{self._server.origin}{address}/models/0/index.html"
        done = self._chromium.run(page, job, what="training", deadline_seconds=90, fresh_browser=False)
        assert "failure" not in done, done["failure"]
        return list(done["results"])

    def close(self) -> None:
        self._chromium.close()
        self._server.close()


@pytest.fixture(scope="module")
def page() -> Iterator[TrainingPage]:
    opened = TrainingPage()
    yield opened
    opened.close()


def off(begun: Begun, trained: dict[str, Any]) -> float:
    """How far the browser's weights are from Keras' next ones, in steps: of each weight, the greatest."""
    farthest = 0.0
    for name in trained["trained"]:
        found = trained["weights"][name]
        ours = np.array(found["data"], np.float32).reshape(found["shape"])
        step = np.abs(begun.after[name] - begun.before[name]).max()
        assert step > 0, name
        farthest = max(farthest, float(np.abs(ours - begun.after[name]).max() / step))
    return farthest


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_next_step_is_keras_own(
    page: TrainingPage, begun: Callable[[str], Begun], tmp_path: Path, name: str
) -> None:
    case = begun(name)
    for kind in ("keras", "h5"):
        api.convert(case.folder / f"model.{kind}", tmp_path / kind, output_format="layers")
    api.convert(case.folder / "model.keras", tmp_path / "without", output_format="layers", optimizer=False)
    api.convert(tmp_path / "keras", tmp_path / "again", output_format="layers", shard_bytes=1024)
    of_keras, of_h5, without, again = page.train([tmp_path / each for each in ("keras", "h5", "without", "again")])
    assert [each["iterations"] for each in (of_keras, of_h5, without, again)] == [2, 2, 0, 2]
    assert "frozen/kernel" not in of_keras["trained"]
    assert off(case, of_keras) < EXACT
    assert off(case, of_h5) < EXACT
    assert off(case, again) < EXACT
    assert off(case, without) > OTHERWISE


def test_losses_go_by_the_keys_of_a_dictionary_of_outputs(page: TrainingPage, tmp_path: Path) -> None:
    """The runtime calls outputs by their layers, and doesn't load a model whose losses have other names."""
    k = keras()
    k.backend.clear_session()
    k.utils.set_random_seed(4)
    row, series = k.Input((5,), name="row"), k.Input((6, 3), name="series")
    shared = k.layers.Dense(4, activation="tanh", name="shared")
    both = k.layers.Add()([shared(row), k.layers.Dense(4, name="other")(k.layers.Flatten()(series))])
    outputs = {"a": k.layers.Dense(2, name="last")(both), "b": k.layers.Dense(1, name="first")(both)}
    model = k.Model([row, series], outputs)
    model.compile(k.optimizers.SGD(0.05), {"b": "mae", "a": "mse"})
    x, y = samples()
    model.train_on_batch(x, dict(zip("ab", y, strict=True)))
    model.save(tmp_path / "model.keras")
    model.train_on_batch(x, dict(zip("ab", y, strict=True)))
    model.save(tmp_path / "after.keras")
    case = Begun(
        folder=tmp_path, before=weights_of(tmp_path / "model.keras"), after=weights_of(tmp_path / "after.keras")
    )
    api.convert(tmp_path / "model.keras", tmp_path / "web", output_format="layers")
    (trained,) = page.train([tmp_path / "web"])
    assert trained["iterations"] == 1
    assert off(case, trained) < EXACT
