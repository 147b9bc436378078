"""An artifact cut down to one node: its inputs become the model's, its weights stay the artifact's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.artifact.write import write_artifact
from tfjsci.errors import CorruptModel
from tfjsci.format.read import read_artifact
from tfjsci.graph.graph import DType
from tfjsci.localize.cut import cut_document, cut_down
from tfjsci.localize.sides import NotReplayable
from tfjsci.signature import TensorSpec

X = np.ones((2, 4), np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draft = Draft()
    x = draft.input("x", (None, 4))
    product = draft.typed("MatMul", "dense", x, draft.const("w", np.arange(12.0).reshape(4, 3)), transpose_a=False)
    draft.op("Split", "split", draft.const("axis", np.int32(1)), product, num_split=3, T=DType("float32"))
    draft.typed("AddV2", "sum", "split", "split:2")
    draft.typed("Mul", "twice", "sum", "sum", control=("x",))
    spec = TensorSpec(name="x", tensor="x:0", dtype="float32", shape=(None, 4))
    out = TensorSpec(name="y", tensor="twice:0", dtype="float32", shape=(None, 1))
    write_artifact(
        draft.graph("twice"), inputs=(spec,), outputs=(out,), folder=tmp_path / "m", shard_bytes=20, metadata={"a": 1}
    )
    return tmp_path / "m"


def nodes(document: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    return [(each["op"], each["name"], each.get("input", [])) for each in document["modelTopology"]["node"]]


def test_the_node_stays_with_its_weights_and_all_shards(folder: Path) -> None:
    with cut_down(folder, "dense", {"x": X}, ["dense"]) as cut:
        document = json.loads((cut.folder / "model.json").read_text())
        assert nodes(document) == [
            ("Const", "w", []),
            ("Placeholder", "replayed/input_0", []),
            ("MatMul", "dense", ["replayed/input_0", "w"]),
        ]
        assert document["signature"] == {
            "inputs": {
                "input_0": {
                    "name": "replayed/input_0:0",
                    "dtype": "DT_FLOAT",
                    "tensorShape": {"dim": [{"size": "2"}, {"size": "4"}]},
                }
            },
            "outputs": {"output_0": {"name": "dense:0"}},
        }
        assert (cut.inputs, cut.outputs) == ({"input_0": "x"}, {"output_0": "dense"})
        assert "userDefinedMetadata" not in document  # its signature would win
        assert document["modelTopology"]["node"][2]["attr"] == {
            "T": {"type": "DT_FLOAT"},
            "transpose_a": {"b": False},
        }
        shards = {path.name: path.read_bytes() for path in cut.folder.glob("*.bin")}
        assert shards == {path.name: path.read_bytes() for path in folder.glob("*.bin")}
        assert len(shards) > 1
    assert not cut.folder.exists()
    assert read_artifact(folder).weights["w"].shape == (4, 3)  # the artifact is as it was


def test_several_outputs_of_one_node_and_one_input_read_twice(folder: Path) -> None:
    parts = {"split": X[:, :1], "split:2": X[:, 1:2].astype(np.float64)}
    with cut_down(folder, "sum", parts, ["sum"]) as cut:
        document = json.loads((cut.folder / "model.json").read_text())
        assert nodes(document)[-1] == ("AddV2", "sum", ["replayed/input_0", "replayed/input_1"])
        assert cut.inputs == {"input_0": "split", "input_1": "split:2"}
        assert document["signature"]["inputs"]["input_1"]["dtype"] == "DT_FLOAT"  # as the runtime holds it
    with cut_down(folder, "twice", {"sum": X}, ["twice"]) as cut:
        document = json.loads((cut.folder / "model.json").read_text())
        assert nodes(document) == [
            ("Placeholder", "replayed/input_0", []),
            ("Mul", "twice", ["replayed/input_0", "replayed/input_0"]),
        ]
    with cut_down(folder, "split", {"dense": X}, ["split", "split:2"]) as cut:
        assert cut.outputs == {"output_0": "split", "output_1": "split:2"}


def test_what_the_initializer_feeds_stays_an_input_of_its_own() -> None:
    document = {
        "format": "graph-model",
        "signature": {
            "inputs": {"x": {"name": "x:0"}, "w": {"name": "w", "resourceId": 3}, "v": {"name": "v", "resourceId": 4}}
        },
        "modelTopology": {
            "node": [
                {"name": "x", "op": "Placeholder"},
                {"name": "w", "op": "Placeholder"},
                {"name": "v", "op": "Placeholder"},
                {"name": "y", "op": "MatMul", "input": ["x", "w", "^v"]},
            ]
        },
        "modelInitializer": {"node": []},
    }
    cut, given, _ = cut_document(document, "y", {"x": X}, ["y"])
    assert list(cut["signature"]["inputs"]) == ["input_0", "w"]
    assert cut["signature"]["inputs"]["w"] == {"name": "w", "resourceId": 3}
    assert nodes(cut)[-1] == ("MatMul", "y", ["replayed/input_0", "w"])
    assert cut["modelInitializer"] == {"node": []}
    assert given == {"input_0": "x"}


def test_what_can_not_be_given_is_told(folder: Path) -> None:
    with (
        pytest.raises(NotReplayable, match="its input split can't be given from outside"),
        cut_down(folder, "sum", {"split:2": X}, ["sum"]),
    ):
        pass
    with pytest.raises(NotReplayable, match="no node there"), cut_down(folder, "there", {}, []):
        pass


def test_a_shard_outside_of_the_folder_is_not_followed(folder: Path) -> None:
    (folder.parent / "secret.bin").write_bytes(b"secret")
    document = json.loads((folder / "model.json").read_text())
    document["weightsManifest"][0]["paths"].append("../secret.bin")
    (folder / "model.json").write_text(json.dumps(document))
    with pytest.raises(CorruptModel, match="leaves the folder"), cut_down(folder, "dense", {"x": X}, ["dense"]):
        pass
