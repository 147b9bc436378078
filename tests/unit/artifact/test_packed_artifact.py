"""An artifact with packed weights, read by what reads artifacts: nothing takes the captured weights for inputs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from packed_models import SIZE, packed_model

from tfjsci.browser_model import BrowserModel
from tfjsci.format.read import read_artifact
from tfjsci.inspection.web_models import inspect_web
from tfjsci.quantize.weight import QuantizedWeight


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, QuantizedWeight]]:
    folder = tmp_path_factory.mktemp("packed") / "model"
    _, codes, _ = packed_model(folder)
    return folder, codes


def test_its_inputs_are_the_originals(packed: tuple[Path, dict[str, QuantizedWeight]]) -> None:
    folder, codes = packed
    model = BrowserModel(
        folder,
        kind="graph-model",
        backend="cpu",
        session=None,  # type: ignore[arg-type]  # nothing is run
        owns_session=False,
        deadline_seconds=1,
    )
    assert [spec.name for spec in model.inputs] == ["x", "word"]
    assert [spec.name for spec in model.outputs] == [*codes, "found"]


def test_every_const_of_both_graphs_has_its_weight(packed: tuple[Path, dict[str, QuantizedWeight]]) -> None:
    folder, codes = packed
    stored = read_artifact(folder)
    np.testing.assert_array_equal(stored.weights["uint8-per-channel/codes"], codes["uint8-per-channel"].codes)
    assert "int4" not in stored.weights


def test_what_is_told_of_it_counts_the_weights_and_not_their_bytes(
    packed: tuple[Path, dict[str, QuantizedWeight]],
) -> None:
    folder, codes = packed
    found = inspect_web(folder, 1)
    assert found.parameters == len(codes) * SIZE * SIZE + 1  # and the table's default
    assert found.notes[1:] == (
        "it has look-up tables (a modelInitializer)",
        f"{len(codes)} of its weights are packed, and made by a modelInitializer: load it as `tfjsci loader` does",
    )
    assert [spec.name for spec in found.signatures[0].inputs] == ["x", "word"]


def test_the_same_model_gives_the_same_bytes(packed: tuple[Path, dict[str, QuantizedWeight]], tmp_path: Path) -> None:
    _, _, first = packed_model(tmp_path / "a")
    _, _, second = packed_model(tmp_path / "b")
    assert first.sha256 == second.sha256
    assert json.loads((tmp_path / "a" / "model.json").read_text())["initializerSignature"]["outputs"]
