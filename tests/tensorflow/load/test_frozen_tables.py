"""Look-up tables of frozen graphs: constants that a node of the file puts in; what the file doesn't have is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from session_models import session_graph

from tfjsci.errors import ConversionFailed, CorruptModel
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.frozen import load_frozen

pytestmark = pytest.mark.tensorflow

WORDS = np.array([[b"red", b"pink"], [b"blue", b""]], object)
MANY = [f"word {i}" for i in range(400)]


def with_tables(folder: Path, *, initializer: bool, file: bool = False, edit: Any = None) -> Path:
    """Two tables of TensorFlow 1, one of them large; ``initializer``: it was named when the graph was frozen."""
    tf = tensorflow()
    v1, lookup = tf.compat.v1, tf.lookup
    (folder / "words.txt").write_text("red\nblue\n", "utf-8")
    with session_graph() as (graph, session):
        words = v1.placeholder(tf.string, [None, 2], "words")
        whole, line = lookup.TextFileIndex.WHOLE_LINE, lookup.TextFileIndex.LINE_NUMBER
        contents = (
            lookup.TextFileInitializer(str(folder / "words.txt"), tf.string, whole, tf.int64, line)
            if file
            else lookup.KeyValueTensorInitializer(["red", "blue", "green"], tf.constant([3, 5, 7], tf.int64))
        )
        numbers = lookup.StaticHashTable(contents, -1)
        many = lookup.StaticHashTable(
            lookup.KeyValueTensorInitializer(MANY, np.linspace(-1, 1, 400, dtype=np.float32)), 0.5
        )
        tf.identity(numbers.lookup(words) * 2, name="numbers")
        tf.identity(many.lookup(tf.strings.join(["word ", words])), name="many")
        init = v1.tables_initializer(name="init_tables")
        session.run(init)
        ends = ["numbers", "many", *(["init_tables"] if initializer else [])]
        graphdef = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ends)
    if edit:
        edit(graphdef)
    (folder / "m.pb").write_bytes(graphdef.SerializeToString())
    return folder / "m.pb"


def test_what_an_initializer_of_the_file_puts_in(tmp_path: Path) -> None:
    loaded = load_frozen(with_tables(tmp_path, initializer=True), output_nodes=["numbers", "many"])
    assert [spec.name for spec in loaded.inputs] == ["words"]
    tables = [node for node in loaded.graph.nodes if "HashTable" in node.op]
    held = [loaded.graph.constants[tensor].value for node in tables for tensor in node.inputs]
    assert sorted(value.shape for value in held) == [(3,), (3,), (400,), (400,)]
    given = WORDS.copy()
    given[1, 1] = b"7"
    found = loaded.original({"words": given})
    np.testing.assert_array_equal(found["numbers"], [[6, -2], [10, -2]])
    assert found["many"][1, 1] == np.linspace(-1, 1, 400, dtype=np.float32)[7]


def test_what_the_file_does_not_have_is_named(tmp_path: Path) -> None:
    def shorter(graphdef: Any) -> None:
        for node in graphdef.node:
            if node.op == "Const" and node.attr["value"].tensor.string_val[:1] == [b"red"]:
                node.attr["value"].tensor.CopyFrom(tensorflow().make_tensor_proto(["red", "blue"]))

    options: dict[str, Any]
    for options, error, words in (
        ({"initializer": False}, ConversionFailed, r"nothing in m\.pb fills the look-up table hash_table"),
        ({"initializer": True, "file": True}, ConversionFailed, "filled from a file, which the frozen graph"),
        ({"initializer": True, "edit": shorter}, CorruptModel, "has 2 keys and 3 values"),
    ):
        with pytest.raises(error, match=words) as told:
            load_frozen(with_tables(tmp_path, **options), output_nodes=["numbers"])
        assert told.value.hint is not None
        assert "SavedModel" in told.value.hint or "freeze" in told.value.hint
