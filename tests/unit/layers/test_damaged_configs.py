"""A config that isn't as Keras writes it is refused, whatever is wrong with it: never a crash, never half a model."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import h5py
import pytest
from layers_cases import backends_of

from tfjsci.errors import TfjsciError
from tfjsci.layers.layers_model import layers_model

GOLDEN = Path(__file__).parent / "golden"
ODD = (
    None,
    True,
    -1,
    0,
    3,
    2.5,
    "",
    "relu",
    "no such",
    [],
    [None],
    {},
    {"class_name": "X"},
    {"config": {}},
    [[1, 2], [3]],
    10**30,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in children for place in places(child, (*path, key)))]


def damaged(config: Any, rng: random.Random) -> Any:
    """One value of it replaced, or taken away."""
    spoiled = copy.deepcopy(config)
    *parents, last = rng.choice([place for place in places(config) if place])
    holder = spoiled
    for key in parents:
        holder = holder[key]
    if rng.random() < 0.3:
        del holder[last]
    else:
        holder[last] = rng.choice(ODD)
    return spoiled


@pytest.mark.parametrize("name", ["masked", "nested", "stack"])
def test_any_value_may_be_wrong(tmp_path: Path, name: str) -> None:
    held = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))["h5"]
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        for place, shape in held["shapes"].items():
            file.create_dataset(place, shape=shape, dtype="float32")
        for place, names in held["names"].items():
            file.require_group(place).attrs["weight_names"] = [each.encode() for each in names]
    rng = random.Random(0)
    refused = 0
    for _ in range(40):
        spoiled = damaged(held["config"], rng)
        with h5py.File(path, "a") as file:
            file.attrs["model_config"] = json.dumps(spoiled)
            file.attrs["keras_version"] = "3.15.1"
        try:
            with layers_model(path, backends=backends_of(name)) as model:
                for _, read in model.weights:
                    read()
                json.dumps(model.topology)
        except TfjsciError:
            refused += 1
    assert 5 < refused < 40
