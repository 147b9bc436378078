from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci.artifact.initializer import with_initializer
from tfjsci.artifact.spelling import for_the_runtime
from tfjsci.artifact.state import state_metadata
from tfjsci.artifact.write import write_artifact
from tfjsci.errors import ConversionFailed
from tfjsci.format.read import read_artifact
from tfjsci.graph.graph import Constant, DType, Graph, Node, ShapeAttr
from tfjsci.graph.tables import FIND, TableContents, table_nodes
from tfjsci.signature import TensorSpec

STRING, INT = DType("string"), DType("int64")


def words(*texts: str) -> Any:
    return np.array([text.encode() for text in texts], dtype=object)


def looked_up(keys: Any, values: Any) -> Graph:
    nodes, constants = table_nodes(
        "words", TableContents(keys=keys, values=values, path="words"), taken=Graph(nodes=(), outputs=())
    )
    given = Node(name="x", op="Placeholder", attrs={"dtype": STRING, "shape": ShapeAttr((None,))})
    default = Node(name="none", op="Const", attrs={"dtype": INT})
    find = Node(name="y", op=FIND, inputs=("words", "x", "none"), attrs={"Tin": STRING, "Tout": INT})
    return Graph(
        nodes=(given, *nodes, default, find),
        outputs=("y",),
        constants={**constants, "none": Constant(value=np.int64(-1))},
    )


def test_a_table_is_empty_in_the_main_graph_and_filled_in_the_initializer() -> None:
    main, initializer = with_initializer(looked_up(words("a", "b"), np.int64([1, 2])))
    assert initializer is not None
    assert [(node.name, node.op, node.inputs) for node in main] == [
        ("x", "Placeholder", ()),
        ("words", "HashTableV2", ()),
        ("none", "Const", ()),
        ("y", FIND, ("words", "x", "none")),
    ]
    assert [(node.name, node.op, node.inputs) for node in initializer] == [
        ("words/keys", "Const", ()),
        ("words/values", "Const", ()),
        ("words", "HashTableV2", ()),
        ("words/import", "LookupTableImportV2", ("words", "words/keys", "words/values")),
    ]
    assert main["words"].attrs == initializer["words"].attrs == {"key_dtype": STRING, "value_dtype": INT}


def test_a_graph_without_tables_has_no_initializer() -> None:
    graph = Graph(nodes=(Node(name="x", op="Placeholder", attrs={"dtype": STRING}),), outputs=("x",))
    assert with_initializer(graph) == (graph, None)


def write(graph: Graph, folder: Path) -> dict[str, Any]:
    given = TensorSpec(name="x", tensor="x:0", dtype="string", shape=(None,))
    made = TensorSpec(name="y", tensor="y:0", dtype="int64", shape=(None,))
    write_artifact(graph, inputs=[given], outputs=[made], folder=folder)
    document: dict[str, Any] = json.loads((folder / "model.json").read_text())
    return document


def test_the_entries_are_weights_that_only_the_initializer_reads(tmp_path: Path) -> None:
    document = write(looked_up(words("ä", "b"), np.int64([1, 2])), tmp_path / "m")
    assert "initializerSignature" not in document  # the runtime finds the table by its name
    assert [node["name"] for node in document["modelInitializer"]["node"]] == [
        "words/keys", "words/values", "words", "words/import",
    ]  # fmt: skip
    assert document["signature"]["inputs"].keys() == {"x"}
    stored = read_artifact(tmp_path / "m").weights
    assert stored["words/keys"].tolist() == ["ä".encode(), b"b"]
    assert stored["words/values"].tolist() == [1, 2]


def test_an_entry_beyond_int32_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConversionFailed, match=r"words/values \(read by HashTableV2\).*4294967296"):
        write(looked_up(words("a", "b"), np.int64([1, 2**32])), tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_regular_expression_is_spelt_for_the_runtime() -> None:
    attrs = {"pattern": b"[A-Z]", "rewrite": rb"<\0>", "replace_global": True}
    node = Node(name="y", op="StaticRegexReplace", inputs=("x",), attrs=attrs)
    graph = Graph(nodes=(Node(name="x", op="Placeholder", attrs={"dtype": STRING}), node), outputs=("y",))
    assert for_the_runtime(graph)["y"].attrs == {"pattern": rb"[\x41-\x5a]", "rewrite": b"<$&>", "replace_global": True}
    assert graph["y"].attrs == attrs


def test_state_is_told_with_its_first_value() -> None:
    told = state_metadata(
        {"n": np.float64(3), "h": np.zeros((2, 2), np.float32), "i": np.int64([1, 2]), "bad": np.float32([np.nan])}
    )
    assert told == {
        "state": {
            "n": {"dtype": "float32", "shape": [], "initial": 3.0},
            "h": {"dtype": "float32", "shape": [2, 2], "initial": 0.0},
            "i": {"dtype": "int32", "shape": [2], "initial": [1, 2]},
            "bad": {"dtype": "float32", "shape": [1]},
        }
    }
    assert state_metadata({}) == {}
