"""Keras models that are classes of their own, at hand and as files: what was called, or built, says what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lowered_graph import random_inputs

from tfjsci.errors import ConversionFailed
from tfjsci.graph.tensorflow import keras
from tfjsci.load.in_memory import load_in_memory
from tfjsci.load.load import LoadOptions, load
from tfjsci.load.loaded import LoadedGraph

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def own() -> Any:
    """A class of two inputs and two outputs."""
    k = keras()

    class Own(k.Model):  # type: ignore[misc,name-defined]
        def __init__(self, units: int = 4, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.first, self.second = k.layers.Dense(units, activation="elu"), k.layers.Dense(3)

        def call(self, x: Any) -> Any:
            hidden = self.first(x["p"])
            return {"low": self.second(hidden + x["q"]), "high": hidden}

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    return Own


def called(own: Any) -> Any:
    model = own(5)
    model({"p": np.ones((2, 7), "float32"), "q": np.ones((2, 5), "float32")})
    draw = np.random.default_rng(4)
    for weight in model.weights:
        weight.assign(draw.normal(size=weight.shape))
    return model


def held(loaded: LoadedGraph, model: Any) -> None:
    """Right against the class itself, not only against what was exported of it."""
    assert [(spec.shape, spec.dtype) for spec in loaded.inputs] == [((None, 7), "float32"), ((None, 5), "float32")]
    assert [spec.name for spec in loaded.outputs] == ["high", "low"]
    arrays = random_inputs(loaded)
    first, second = arrays.values()
    wanted = model({"p": first, "q": second})
    found = loaded.original(arrays)
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], np.asarray(value), rtol=1e-5, atol=1e-6)


def test_at_hand(own: Any) -> None:
    model = called(own)
    loaded = load_in_memory(model)
    assert loaded.format == "keras_model"
    held(loaded, model)


def test_a_file_with_its_class(own: Any, tmp_path: Path) -> None:
    model = called(own)
    model.save(tmp_path / "own.keras")
    loaded = load(tmp_path / "own.keras", options=LoadOptions(allow_code=True, custom_objects={"Own": own}))
    assert loaded.format == "keras"
    held(loaded, model)


def test_one_that_nobody_has_called_is_told(own: Any) -> None:
    with pytest.raises(ConversionFailed, match="never built"):
        load_in_memory(own())


def test_one_of_several_arguments_is_told_with_a_way_out() -> None:
    """Keras itself exports it with a signature alone."""
    k = keras()

    class Two(k.Model):  # type: ignore[misc,name-defined]
        def call(self, x: Any, y: Any) -> Any:
            return x + y

    model = Two()
    model(np.ones((2, 3), "float32"), np.ones((2, 3), "float32"))
    with pytest.raises(ConversionFailed, match="a Two that doesn't say what it takes") as told:
        load_in_memory(model)
    assert "input_signature" in str(told.value.hint)
