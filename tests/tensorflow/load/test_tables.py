"""Look-up tables read as data: from constants, files among the assets, the checkpoint, and from Keras' layers."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lowered_graph import converted

from tfjsci.errors import CodeRefused, ConversionFailed, CorruptModel
from tfjsci.graph.tables import contents_of, tables_in
from tfjsci.graph.tensorflow import keras
from tfjsci.load.keras_file import trace
from tfjsci.load.load import load

tf: Any = None  # set by conftest.py when the first test runs


def entries(graph: Any) -> list[dict[Any, Any]]:
    """What the graph's tables hold, in the order of their names."""
    found = [contents_of(graph, node.name) for node in sorted(tables_in(graph), key=lambda node: node.name)]
    return [dict(zip(held.keys.tolist(), held.values.tolist(), strict=True)) for held in found if held is not None]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel with a table of each origin."""
    folder = tmp_path_factory.mktemp("tables")
    (folder / "words.txt").write_bytes(b"zero\none\r\ntwo\n")
    lookup = tf.lookup
    whole, line = lookup.TextFileIndex.WHOLE_LINE, lookup.TextFileIndex.LINE_NUMBER
    module = tf.Module()
    module.words = lookup.StaticHashTable(
        lookup.KeyValueTensorInitializer(["b", "a"], tf.constant([1, 2], tf.int64)), -1
    )
    module.names = lookup.StaticHashTable(
        lookup.KeyValueTensorInitializer(tf.constant([7, 5], tf.int64), ["x", "y"]), "?"
    )
    module.lines = lookup.StaticHashTable(
        lookup.TextFileInitializer(str(folder / "words.txt"), tf.string, whole, tf.int64, line), -1
    )
    module.scores = lookup.experimental.MutableHashTable(tf.string, tf.float32, -1.0)
    module.scores.insert(["q", "r"], [1.5, 2.5])

    def run(w: Any) -> Any:
        found = module.words.lookup(w)
        return {
            "found": found,
            "name": module.names.lookup(found + 4),
            "line": module.lines.lookup(w),
            "score": module.scores.lookup(w),
            "size": module.words.size(),
        }

    module.run = tf.function(run, input_signature=[tf.TensorSpec([None, 2], tf.string, name="w")], autograph=False)
    tf.saved_model.save(module, str(folder / "m"), signatures=module.run)
    return folder / "m"


def test_each_origin_is_read_and_nothing_run(saved: Path) -> None:
    loaded = load(saved)
    assert entries(loaded.graph) == [
        {b"q": 1.5, b"r": 2.5},
        {5: b"y", 7: b"x"},
        {b"a": 2, b"b": 1},
        {b"one": 1, b"two": 2, b"zero": 0},
    ]
    given = {"w": np.array([["a", "zero"], ["two", "q"]], dtype=object)}
    original = loaded.original(given)
    assert original["line"].tolist() == [[-1, 0], [2, -1]]
    ours = converted(saved)
    assert ours.rewritten.counts["table_size"] == 1


def test_the_assets_moved_along_are_read_where_they_are_now(saved: Path, tmp_path: Path) -> None:
    shutil.copytree(saved, tmp_path / "m")
    (tmp_path / "m" / "assets" / "words.txt").write_text("drei\n")
    assert {b"drei": 0} in entries(load(tmp_path / "m").graph)
    (tmp_path / "m" / "assets" / "words.txt").unlink()
    with pytest.raises(CorruptModel, match=r"words\.txt of the look-up table hash_table.*can't be read"):
        load(tmp_path / "m")


def parsed(folder: Path) -> Any:
    from tensorflow.core.protobuf import saved_model_pb2

    return saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())


def changed(saved: Path, tmp_path: Path, model: Any) -> Path:
    shutil.copytree(saved, tmp_path / "m")
    (tmp_path / "m" / "saved_model.pb").write_bytes(model.SerializeToString())
    return tmp_path / "m"


def test_an_asset_outside_of_the_folder_is_refused(saved: Path, tmp_path: Path) -> None:
    model = parsed(saved)
    model.meta_graphs[0].asset_file_def[0].filename = "../../secret"
    with pytest.raises(CorruptModel, match="outside of its assets"):
        load(changed(saved, tmp_path, model))


def reader_of(model: Any) -> tuple[Any, Any]:
    """The function that reads the vocabulary, and its node that does."""
    for function in model.meta_graphs[0].graph_def.library.function:
        for node in function.node_def:
            if node.op == "InitializeTableFromTextFileV2":
                return function, node
    raise AssertionError("no function reads a vocabulary")


def test_a_path_that_is_no_assets_is_refused(saved: Path, tmp_path: Path) -> None:
    model = parsed(saved)
    function, node = reader_of(model)
    path = function.node_def.add(name="path", op="Const")
    path.attr["dtype"].type = tf.string.as_datatype_enum
    path.attr["value"].tensor.CopyFrom(tf.make_tensor_proto("/etc/passwd"))
    node.input[1] = "path:output:0"
    with pytest.raises(CodeRefused, match="InitializeTableFromTextFileV2"):
        load(changed(saved, tmp_path, model))


@pytest.mark.parametrize("where", ["in the call", "in the variable", "in the object"])
def test_a_path_that_is_no_assets_is_refused_wherever_it_is_put_in(saved: Path, tmp_path: Path, where: str) -> None:
    model = parsed(saved)
    meta = model.meta_graphs[0]
    function, _ = reader_of(model)
    if where == "in the object":
        bound = meta.object_graph_def.concrete_functions[function.signature.name].bound_inputs
        other = next(i for i, node in enumerate(meta.object_graph_def.nodes) if node.WhichOneof("kind") == "constant")
        for i, at in enumerate(bound):
            if meta.object_graph_def.nodes[at].WhichOneof("kind") == "asset":
                bound[i] = other
    else:
        path = meta.graph_def.node.add(name="path", op="Const")
        path.attr["dtype"].type = tf.string.as_datatype_enum
        path.attr["value"].tensor.CopyFrom(tf.make_tensor_proto("/etc/passwd"))
        for node in meta.graph_def.node:
            called = "f" in node.attr and node.attr["f"].func.name == function.signature.name
            if where == "in the call" and called:
                node.input[list(node.input).index("ReadVariableOp")] = "path"
            if (
                where == "in the variable"
                and node.op == "AssignVariableOp"
                and node.input[1] == "asset_path_initializer"
            ):
                node.input[1] = "path"
    with pytest.raises(CodeRefused, match="InitializeTableFromTextFileV2"):
        load(changed(saved, tmp_path, model))


def test_a_table_that_inference_fills_is_state(tmp_path: Path) -> None:
    module = tf.Module()
    module.seen = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, 0)

    def run(w: Any) -> Any:
        module.seen.insert(w, tf.ones_like(w, tf.int64))
        return {"seen": module.seen.lookup(w)}

    module.run = tf.function(run, input_signature=[tf.TensorSpec([None], tf.string, name="w")], autograph=False)
    tf.saved_model.save(module, str(tmp_path / "m"), signatures=module.run)
    with pytest.raises(ConversionFailed, match=r"keeps state.*LookupTableInsertV2"):
        load(tmp_path / "m")


def test_a_loop_looks_numbers_up_and_texts_are_named(tmp_path: Path) -> None:
    keys = tf.constant([1, 2, 3], tf.int64)
    module = tf.Module()
    module.next = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(keys, tf.constant([2, 3, 9], tf.int64)), 0
    )
    module.names = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, ["b", "c", "d"]), "?")

    def of(table: str, body: Any, wanted: int) -> Path:
        run = tf.function(
            lambda n: {"y": tf.while_loop(lambda x, _: x < 9, body, [n, tf.constant("")])[wanted]},
            input_signature=[tf.TensorSpec([], tf.int64, name="n")],
            autograph=False,
        )
        folder = tmp_path / table
        module.run = run
        tf.saved_model.save(module, str(folder), signatures=run)
        return folder

    numbers = converted(of("numbers", lambda x, s: (module.next.lookup(x), s), 0))
    assert numbers.rewritten.counts["table_of_numbers"] == 1
    assert not any(list(tables_in(part)) for _, part in numbers.graph.walk())
    with pytest.raises(ConversionFailed, match="a loop or branch looks texts up"):
        converted(of("texts", lambda x, _: (module.next.lookup(x), module.names.lookup(x)), 1))


def test_a_keras_layer_brings_its_vocabulary_along() -> None:
    k = keras()
    x = k.Input((2,), dtype="string", name="w")
    model = k.Model(x, k.layers.StringLookup(vocabulary=["b", "a"])(x))
    assert entries(trace(model, "keras", "m").graph) == [{b"a": 2, b"b": 1}]


def test_a_table_of_tensorflow_1(tmp_path: Path) -> None:
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        words = v1.placeholder(tf.string, [None], name="words")
        values = tf.cast(tf.range(3), tf.int64) * 10  # computed in the graph, as the older initialisers do
        table = v1.lookup.StaticHashTable(v1.lookup.KeyValueTensorInitializer(["a", "b", "c"], values), -1)
        found = table.lookup(words)
        session.run(v1.tables_initializer())
        v1.saved_model.simple_save(
            session,
            str(tmp_path / "m"),
            {"words": words},
            {"found": found},
            legacy_init_op=v1.tables_initializer(),
        )
    loaded = load(tmp_path / "m")
    assert entries(loaded.graph) == [{b"a": 0, b"b": 10, b"c": 20}]
    given = {"words": np.array(["c", "x"], dtype=object)}
    assert loaded.original(given)["found"].tolist() == [20, -1]
