"""TensorFlow.js models are found by their ``model.json``, in a folder or by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tfjsci.errors import CorruptModel, UnknownFormat
from tfjsci.load.load import detect


def write(folder: Path, document: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"format": "graph-model"}, "tfjs_graph_model"),
        ({"format": "layers-model"}, "tfjs_layers_model"),
        ({"modelTopology": {"node": []}}, "tfjs_graph_model"),
        ({"modelTopology": {"model_config": {}}}, "tfjs_layers_model"),
        ({"modelTopology": {"class_name": "Sequential", "config": []}}, "tfjs_layers_model"),
    ],
)
def test_by_what_it_says_or_holds(tmp_path: Path, document: Any, kind: str) -> None:
    folder = write(tmp_path / "m", document)
    assert detect(folder) == kind
    assert detect(folder / "model.json") == kind


def test_a_saved_model_beside_it_comes_first(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", {"format": "graph-model"})
    (folder / "saved_model.pb").write_bytes(b"")
    assert detect(folder) == "saved_model"


@pytest.mark.parametrize(
    "document", [{}, {"class_name": "Functional", "config": {}}, {"format": "other"}, {"format": 3}]
)
def test_other_json_is_none(tmp_path: Path, document: Any) -> None:
    with pytest.raises(UnknownFormat, match=r"m/model\.json is no TensorFlow\.js model"):
        detect(write(tmp_path / "m", document))


@pytest.mark.parametrize("text", ["{", "[]", "\x00"])
def test_what_is_no_json_object_is_damaged(tmp_path: Path, text: str) -> None:
    (tmp_path / "model.json").write_text(text, encoding="utf-8")
    with pytest.raises(CorruptModel, match=r"model\.json"):
        detect(tmp_path / "model.json")
