from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft, weights

from tfjsci.artifact.initializer import Initialized, Packing, initializer_signature, with_initializer
from tfjsci.artifact.spelling import for_the_runtime
from tfjsci.artifact.state import state_metadata
from tfjsci.artifact.write import write_artifact
from tfjsci.dtypes import SchemeName
from tfjsci.errors import ConversionFailed
from tfjsci.format.graph_signature import specs_in
from tfjsci.format.read import read_artifact
from tfjsci.graph.graph import Constant, DType, Graph, Node, ShapeAttr
from tfjsci.graph.tables import FIND, TableContents, table_nodes
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.weight import QuantizedWeight
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
    ready = with_initializer(looked_up(words("a", "b"), np.int64([1, 2])))
    main, initializer = ready.main, ready.initializer
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
    assert with_initializer(graph) == Initialized(main=graph, stored={})


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


def products(**matrices: Any) -> Graph:
    """x times one matrix after the other."""
    draft = Draft()
    at = draft.input("x", (None, 4))
    for name, value in matrices.items():
        at = draft.matmul(f"by_{name}", at, draft.const(name, value))
    return draft.graph(at)


def coded(value: Any, scheme: SchemeName = "int4") -> QuantizedWeight:
    return quantize_weight(value, Scheme(name=scheme), axes=(1,))


def test_a_packed_weight_is_an_output_there_and_a_placeholder_here_of_one_number(tmp_path: Path) -> None:
    a, b = weights(4, 4), weights(4, 3)
    given = TensorSpec(name="a", tensor="x:0", dtype="float32", shape=(None, 4))  # named as the first weight is
    made = TensorSpec(name="y", tensor="by_b:0", dtype="float32", shape=(None, 3))
    prepared = {"a": coded(a), "b": coded(b, "uint8-per-channel")}
    written = write_artifact(
        products(a=a, b=b), inputs=[given], outputs=[made], folder=tmp_path / "m", prepared=prepared
    )
    document = json.loads((tmp_path / "m" / "model.json").read_text())
    inputs, outputs = document["signature"]["inputs"], document["initializerSignature"]["outputs"]
    assert list(inputs) == ["a", "a_1", "b"]
    assert outputs == {name: inputs[name] for name in ("a_1", "b")}
    assert outputs["b"] == {
        "name": "b:0", "dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": "4"}, {"size": "3"}]}, "resourceId": 2
    }  # fmt: skip
    main = {node["name"]: node for node in document["modelTopology"]["node"]}
    assert {name: main[name]["op"] for name in ("x", "a_1", "b")} == dict.fromkeys(("x", "a_1", "b"), "Placeholder")
    assert main["by_a"]["input"] == ["x", "a_1"]
    assert {"a_1", "b"} <= {node["name"] for node in document["modelInitializer"]["node"]}
    summaries = {each.dtype: each for each in written.weights}
    assert (summaries["int4"].count, summaries["uint8-per-channel"].count) == (1, 1)
    assert (
        sum(each.stored_bytes for each in written.weights) == (tmp_path / "m" / "group1-shard1of1.bin").stat().st_size
    )
    assert read_artifact(tmp_path / "m").weights["b/codes"].tolist() == prepared["b"].codes.tolist()
    assert specs_in(document)[0] == (given,)


def test_with_packed_weights_the_tables_imports_are_named_before_them() -> None:
    graph = looked_up(words("a", "b"), np.int64([1, 2]))
    draft = Draft()
    product = draft.matmul("z", draft.input("v", (None, 4)), draft.const("w", weights(4, 4)))
    both = Graph(
        nodes=(*graph.nodes, *draft.nodes),
        outputs=(*graph.outputs, product),
        constants={**graph.constants, **draft.constants},
    )
    ready = with_initializer(both, {"w": coded(weights(4, 4))})
    assert ready.initializer is not None
    outputs = initializer_signature(ready)["outputs"]
    assert [(name, entry["resourceId"]) for name, entry in outputs.items()] == [("words/import", 1), ("w", 1)]
    assert {"words", "words/import", "w"} <= {node.name for node in ready.initializer}
    assert [spec.name for spec in ready.captured] == ["w"]


def test_what_cannot_be_captured_is_told() -> None:
    draft = Draft()
    draft.const("scalar", np.float32(0.5))
    draft.const("out", weights(4, 4))
    y = draft.op("AddN", "y", draft.matmul("m", draft.input("x", (None, 4)), draft.const("w", weights(4, 4))), "scalar")
    graph = draft.graph(y, "out")
    told = {name: Packing(graph).why_not(name) for name in ("w", "scalar", "out")}
    assert told == {
        "w": None,
        "scalar": "it is a scalar, which the runtime may read as a number",
        "out": "it is an output",
    }
    table = looked_up(words("a"), np.float32([1]))
    assert Packing(table).why_not("words/values") == "a look-up table holds it"
