"""Keras layers that can't do without known sizes: the model is traced with those that are pinned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfjsci
from tfjsci.errors import BadInputs, ConversionFailed
from tfjsci.graph.tensorflow import keras
from tfjsci.load.in_memory import load_in_memory
from tfjsci.load.keras_file import load_keras
from tfjsci.load.pinned import Pins

STEPS = np.arange(12, dtype=np.float32).reshape(1, 4, 3)


def summing() -> Any:
    """(batch, time, 3) -> (batch, 3), a step after the other: their number must be known when it is traced."""
    k = keras()

    class Running(k.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            total = x[:, 0]
            for i in range(1, x.shape[1]):
                total = total / 2 + x[:, i]
            return total

        def compute_output_shape(self, shape: Any) -> Any:
            return (shape[0], shape[2])

    x = k.Input((None, 3), name="x")
    return k.Model(x, Running(name="running")(x)), Running


def wanted(x: np.ndarray[Any, Any]) -> Any:
    total = x[:, 0]
    for i in range(1, x.shape[1]):
        total = total / 2 + x[:, i]
    return total


def test_without_them_it_is_refused_and_told_how() -> None:
    model, _ = summing()
    with pytest.raises(ConversionFailed, match="can't be traced by TensorFlow") as raised:
        load_in_memory(model)
    assert "Perhaps a layer wants sizes that x leaves open: --input-shape settles them." in raised.value.hint


@pytest.mark.parametrize("batch", [None, 1])
def test_with_them_it_is_converted(batch: int | None) -> None:
    model, _ = summing()
    loaded = load_in_memory(model, pins=Pins(shapes={"x": (None, 4, 3)}, batch=batch))
    assert [spec.shape for spec in loaded.inputs] == [(batch, 4, 3)]
    assert loaded.original is not None
    np.testing.assert_allclose(loaded.original({"x": STEPS})["running"], wanted(STEPS))


def test_a_file_too(tmp_path: Path) -> None:
    model, running = summing()
    model.save(tmp_path / "m.keras")
    known: dict[str, Any] = {"custom_objects": {"Running": running}, "allow_code": True}
    with pytest.raises(ConversionFailed, match="can't be traced"):
        load_keras(tmp_path / "m.keras", **known)
    loaded = load_keras(tmp_path / "m.keras", **known, pins=Pins(shapes={"x": (1, 4, 3)}))
    assert [spec.shape for spec in loaded.inputs] == [(1, 4, 3)]


def test_from_python_to_an_artifact(tmp_path: Path) -> None:
    model, _ = summing()
    tfjsci.convert(model, tmp_path / "web", input_shapes={"x": (1, 4, 3)})
    assert (tmp_path / "web" / "model.json").is_file()


def test_who_can_do_without_is_traced_open() -> None:
    """And pinned afterwards, as any model."""
    k = keras()
    x = k.Input((None, 3), name="x")
    model = k.Model(x, k.layers.Dense(2)(x))
    loaded = load_in_memory(model, pins=Pins(shapes={"x": (1, 4, 3)}))
    assert [spec.shape for spec in loaded.inputs] == [(None, None, 3)]


@pytest.mark.parametrize("shape", [(4, 3), (1, 4, 5)])
def test_what_does_not_fit_is_told(shape: tuple[int, ...]) -> None:
    """Where the model can be traced; else that is told."""
    k = keras()
    x = k.Input((None, 3), name="x")
    with pytest.raises(BadInputs, match="can't be pinned"):
        tfjsci.convert(k.Model(x, k.layers.Dense(2)(x)), "unused", input_shapes={"x": shape})
