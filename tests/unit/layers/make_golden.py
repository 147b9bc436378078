"""Writes golden/*.json: what Keras 3 and tf_keras write of the models in tests/layers_cases.py, without the weights' values.

    python tests/unit/layers/make_golden.py [NAME…]

Each holds, for ``.keras`` (``tf_keras``: not) and ``.h5``, the config, the shapes of all arrays by path, and the lists of names.
``old`` needs tf_keras, which the project itself doesn't: ``python -m pip install tf_keras`` in an environment of its own.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import h5py

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from layers_cases import MODELS, NOT_IN_HDF5, of_keras_2

GOLDEN = Path(__file__).parent / "golden"


def main(names: list[str]) -> None:
    for name in names or [*(name for name in MODELS if name not in NOT_IN_HDF5), "old"]:
        if name == "old":
            import tf_keras as k

            write(name, of_keras_2(k), str(k.__version__), ["h5"])
        else:
            import keras as k

            k.backend.clear_session()
            write(name, MODELS[name](k), str(k.__version__), ["keras", "h5"])


def write(name: str, model: Any, version: str, formats: list[str]) -> None:
    held: dict[str, Any] = {"keras_version": version}
    with tempfile.TemporaryDirectory() as folder:
        for kind in formats:
            path = Path(folder) / f"model.{kind}"
            model.save(path)
            held[kind] = from_archive(path) if kind == "keras" else from_hdf5(path)
    (GOLDEN / f"{name}.json").write_text(
        json.dumps(held, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
    )


def from_archive(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as file:
        return {"config": json.loads(archive.read("config.json")), **contents(file)}


def from_hdf5(path: Path) -> dict[str, Any]:
    with h5py.File(path, "r") as file:
        return {"config": json.loads(file.attrs["model_config"]), **contents(file)}


def contents(file: Any) -> dict[str, Any]:
    shapes: dict[str, list[int]] = {}
    names: dict[str, list[str]] = {}

    def visit(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            shapes[path] = list(item.shape)
        elif "weight_names" in item.attrs:
            names[path] = [str(each) if isinstance(each, str) else each.decode() for each in item.attrs["weight_names"]]

    file.visititems(visit)
    return {"shapes": shapes, "names": names}


if __name__ == "__main__":
    main(sys.argv[1:])
