"""Configs as real Keras wrote them (golden/, by make_golden.py): each is mapped whole, and both layouts of weights agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from layers_cases import MODELS, NOT_IN_HDF5, backends_of

from tfjsci.layers.parse import parse_model
from tfjsci.layers.serialize import model_json, weights_in
from tfjsci.layers.stored import CountedPlace, NamedFile
from tfjsci.layers.translate import Translation

GOLDEN = Path(__file__).parent / "golden"
NAMES = [name for name in MODELS if name not in NOT_IN_HDF5 and (GOLDEN / f"{name}.json").is_file()]


@contextmanager
def stored(held: Any) -> Iterator[Any]:
    """The HDF5 file again, every element the number of its array, to see that none is taken for another."""
    with h5py.File("golden.h5", "w", driver="core", backing_store=False) as file:
        for path, shape in held["shapes"].items():
            owner = path.split("/")[-1]
            file.create_dataset(path, data=np.full(shape, sum(owner.encode()), dtype="float32"))
        for path, names in held["names"].items():
            file.require_group(path).attrs["weight_names"] = [name.encode() for name in names]
        yield file


def mapped(name: str, kind: str, dialect: Any) -> tuple[Any, dict[str, tuple[tuple[int, ...], float]]]:
    held = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))[kind]
    with stored(held) as file:
        place: Any = NamedFile(group=file["model_weights"]) if kind == "h5" else CountedPlace(file=file, path="")
        translation = Translation(backends_of(name))
        sketch = translation.model(parse_model(held["config"], dialect=dialect, place=place))
        assert translation.refusals == []
        values = {name: read() for name, read in weights_in(sketch)}
    return model_json(sketch), {name: (value.shape, float(value.sum())) for name, value in values.items()}


@pytest.mark.parametrize("name", NAMES)
def test_both_files_of_keras_3_give_one_layers_model(name: str) -> None:
    held = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    (topology, weights), (of_h5, in_h5) = (mapped(name, kind, 3) for kind in ("keras", "h5"))
    assert topology == of_h5
    assert {key: shape for key, (shape, _) in weights.items()} == {key: shape for key, (shape, _) in in_h5.items()}
    # all that the file holds is in the model, apart from states of random numbers and what Normalization counts
    assert sum(not name.startswith("normalization/") for name in weights) == _used(held["h5"])


@pytest.mark.parametrize("name", NAMES)
def test_in_files_with_names_each_weight_is_its_own(name: str) -> None:
    _, weights = mapped(name, "h5", 3)
    for path, (shape, total) in weights.items():
        variable = path.rpartition("/")[2]
        if variable in ("kernel", "bias", "gamma", "beta", "recurrent_kernel", "alpha", "embeddings"):
            assert total == sum(variable.encode()) * np.prod(shape), path


def test_a_file_of_keras_2() -> None:
    held = json.loads((GOLDEN / "old.json").read_text(encoding="utf-8"))
    topology, weights = mapped("old", "h5", 2)
    assert topology["class_name"] == "Functional"
    assert len(weights) == sum(len(names) for names in held["h5"]["names"].values())
    assert {
        "inner/kernel",
        "inner_1/kernel",
        "bidirectional/backward_lstm/bias",
        "gru/recurrent_kernel",
    } <= weights.keys()


def _used(held: Any) -> int:
    names = [name for each in held["names"].values() for name in each]
    return sum(not name.startswith("normalization/") and not name.endswith("seed_generator_state") for name in names)
