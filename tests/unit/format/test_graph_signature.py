"""A graph model's inputs and outputs, as the runtime finds them: in the signature, the metadata, or the graph."""

from __future__ import annotations

from typing import Any

import pytest

from tfjsci.errors import CorruptModel
from tfjsci.format.graph_signature import captured_in, specs_in


def entry(tensor: str, *sizes: str, dtype: str = "DT_FLOAT", **more: Any) -> dict[str, Any]:
    return {"name": tensor, "dtype": dtype, "tensorShape": {"dim": [{"size": size} for size in sizes]}, **more}


NODES = [
    {
        "name": "a",
        "op": "Placeholder",
        "attr": {"dtype": {"type": "DT_INT32"}, "shape": {"shape": {"dim": [{"size": "-1"}]}}},
    },
    {"name": "w", "op": "Const"},
    {"name": "y", "op": "Add", "input": ["a", "w:0"]},
]


def test_in_the_files_order_and_without_what_the_initializer_feeds() -> None:
    table = entry("table:0", dtype="DT_RESOURCE", resourceId=3)
    document = {
        "signature": {
            "inputs": {"z": entry("z:0", "-1", "4"), "t": table, "a": entry("a")},
            "outputs": {"o": entry("y", "2")},
        }
    }
    inputs, outputs = specs_in(document)
    assert [(spec.name, spec.tensor, spec.dtype, spec.shape) for spec in inputs] == [
        ("z", "z:0", "float32", (None, 4)),
        ("a", "a:0", "float32", ()),
    ]
    assert [(spec.name, spec.tensor, spec.shape) for spec in outputs] == [("o", "y:0", (2,))]
    assert captured_in(document) == ()


def test_what_the_initializer_feeds_is_a_weight_or_a_table() -> None:
    weight, table = entry("w:0", "3", resourceId=1), entry("t:0", dtype="DT_RESOURCE", resourceId=2)
    found = captured_in({"signature": {"inputs": {"x": entry("x:0"), "w": weight, "t": table}}})
    assert [(spec.name, spec.tensor, spec.dtype, spec.shape) for spec in found] == [("w", "w:0", "float32", (3,))]


def test_the_metadatas_signature_is_the_one_that_counts() -> None:
    told = {"inputs": {"i": entry("a:0")}, "outputs": {"o": entry("y:0")}}
    document = {"signature": {"inputs": {"x": entry("b:0")}}, "userDefinedMetadata": {"signature": told}}
    assert [spec.name for specs in specs_in(document) for spec in specs] == ["i", "o"]


def test_without_a_signature_placeholders_and_what_nobody_reads() -> None:
    inputs, outputs = specs_in({"modelTopology": {"node": NODES}})
    assert [(spec.name, spec.dtype, spec.shape) for spec in inputs] == [("a", "int32", (None,))]
    assert [(spec.name, spec.dtype, spec.shape) for spec in outputs] == [("y", "unknown", None)]


@pytest.mark.parametrize(
    "odd",
    [
        {"x": entry("a", dtype="DT_NONSENSE")},
        {"x": {"name": "a", "dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": "many"}]}}},
        {"x": "a:0"},
    ],
)
def test_what_is_no_signature_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(CorruptModel, match=r"model\.json: the"):
        specs_in({"signature": {"inputs": odd, "outputs": {"y": entry("y:0")}}})


def test_a_file_without_a_graph() -> None:
    with pytest.raises(CorruptModel, match="modelTopology"):
        specs_in({})
