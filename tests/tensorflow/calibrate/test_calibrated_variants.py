"""``calibrate`` through the API and the manifest, in TensorFlow alone: other codes than without, and the note that says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfjsci
from tfjsci.errors import BadInputs, ConversionFailed
from tfjsci.graph.tensorflow import keras

SAMPLES = np.repeat(np.random.default_rng(0).normal(size=(60, 4)), 8, axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def model() -> Iterator[Any]:
    k = keras()
    k.utils.set_random_seed(0)
    x = k.Input((32,), name="x")
    hidden = k.layers.Dense(24, activation="relu")(x)
    yield k.Model(x, k.layers.Dense(6, name="y")(hidden))
    k.backend.clear_session()


def stored(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.glob("*.bin")))


def test_the_api_calibrates_each_weight(model: Any, tmp_path: Path) -> None:
    plain = tfjsci.convert(model, tmp_path / "plain", quantize="int4")
    made = tfjsci.convert(model, tmp_path / "calibrated", quantize="int4", calibrate={"x": SAMPLES})
    assert "calibrated on 60 samples: all 2 weights" in made.notes
    assert not any("calibrated" in note for note in plain.notes)
    assert stored(tmp_path / "plain") != stored(tmp_path / "calibrated")
    assert len(stored(tmp_path / "plain")) == len(stored(tmp_path / "calibrated"))


def test_samples_that_do_not_fit_and_schemes_without_codes_are_refused(model: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInputs, match="lack input 'x'"):
        tfjsci.convert(model, tmp_path / "a", quantize="int4", calibrate={"z": SAMPLES})
    with pytest.raises(ConversionFailed, match="no weight is stored in whole numbers"):
        tfjsci.convert(model, tmp_path / "b", quantize="float16", calibrate={"x": SAMPLES})
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_calibrates_on_its_inputs(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "m.keras")
    np.savez(tmp_path / "x.npz", x=SAMPLES)
    (tmp_path / "tfjsci.yml").write_text(
        "version: 1\nmodels:\n  - name: m\n    source: m.keras\n    backends: [cpu]\n    inputs: {x: x.npz}\n"
        "    quantize: [int4, {scheme: int4, name: calibrated, calibrate: {samples: 20}}]\n"
    )
    (result,) = tfjsci.run(tmp_path / "tfjsci.yml", output=tmp_path / "out", only=["quantize"]).models
    assert result.failures == ()
    assert "calibrated: calibrated on 32 samples: all 2 weights" in result.notes
    models = tmp_path / "out" / "models" / "m"
    assert stored(models / "int4") != stored(models / "calibrated")
