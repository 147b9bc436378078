"""What is wrong with a module that was fetched is told by the address that was given, not by a folder in the cache."""

from __future__ import annotations

import gc
import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hub_server import Answer, packed, serving

from tfjsci.errors import TfjsciError
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.hub import load_hub
from tfjsci.source import parse_source

pytestmark = pytest.mark.tensorflow


def _op(op: str) -> bytes:
    """A graph of one node."""
    proto: Any = importlib.import_module("tensorflow.core.protobuf.saved_model_pb2").SavedModel()
    graph = proto.meta_graphs.add()
    graph.meta_info_def.tags.append("serve")
    graph.graph_def.node.add(name="y", op=op)
    graph.signature_def["serving_default"].outputs["y"].name = "y:0"
    graph.signature_def["serving_default"].outputs["y"].dtype = tensorflow().float32.as_datatype_enum
    return bytes(proto.SerializeToString())


def _asset() -> bytes:
    proto: Any = importlib.import_module("tensorflow.core.protobuf.saved_model_pb2").SavedModel()
    proto.meta_graphs.add().asset_file_def.add(filename="../words.txt")
    return bytes(proto.SerializeToString())


def _graph(*signatures: str) -> bytes:
    tf = tensorflow()
    proto: Any = importlib.import_module("tensorflow.core.protobuf.saved_model_pb2").SavedModel()
    graph = proto.meta_graphs.add()
    graph.meta_info_def.tags.append("serve")
    for name in signatures:
        graph.signature_def[name].outputs["y"].name = "missing:0"
        graph.signature_def[name].outputs["y"].dtype = tf.float32.as_datatype_enum
    return bytes(proto.SerializeToString())


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "garbage": (lambda: b"\xff\xff", "{}/saved_model.pb can't be read as a SavedModel"),
    "empty": (lambda: b"", "the SavedModel {} has no graph that is tagged serve"),
    "unsigned": (lambda: _graph(), "{} has no signature at all"),
    "several": (lambda: _graph("a", "b"), "{} has several signatures and no serving_default: a, b"),
    "dangerous": (lambda: _op("ReadFile"), "{} was not loaded: its graph has ops that touch files"),
    "asset": (_asset, "the SavedModel {} names the asset '../words.txt'"),
    "variables": (lambda: _op("VarHandleOp"), "the variables of the SavedModel {} can't be read"),
    "node": (lambda: _graph("serving_default"), "the signature of {} has 'y' as the tensor 'missing:0'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_by_the_address_and_a_folder_by_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("TFJSCI_CACHE", str(tmp_path / "cache"))
    content, said = BROKEN[name]
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(content())
    with serving({"/net/3": Answer(body=packed(folder))}) as hub:
        address = f"{hub.url}/net/3"
        with pytest.raises(TfjsciError) as by_address:
            load_hub(parse_source(address))
    assert by_address.value.message.startswith(said.format(address))
    assert str(by_address.value).startswith(by_address.value.message)
    with pytest.raises(TfjsciError) as by_path:
        load_hub(folder)
    assert by_path.value.message.startswith(said.format("theirs"))
    archive = tmp_path / "theirs.tar.gz"
    archive.write_bytes(packed(folder))
    with pytest.raises(TfjsciError) as by_archive:
        load_hub(archive)
    assert by_archive.value.message.startswith(said.format("theirs.tar.gz"))


def test_a_folder_around_the_module_is_what_was_given(tmp_path: Path) -> None:
    (tmp_path / "theirs" / "1").mkdir(parents=True)
    (tmp_path / "theirs" / "1" / "saved_model.pb").write_bytes(_graph())
    with pytest.raises(TfjsciError, match=r"^theirs has no signature at all"):
        load_hub(tmp_path / "theirs")


def test_the_original_is_told_by_the_address_when_it_is_run_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFJSCI_CACHE", str(tmp_path / "cache"))
    tf = tensorflow()
    module = tf.Module()
    module.f = tf.function(lambda x: {"y": x + 1.0}, input_signature=[tf.TensorSpec([2], name="x")])
    tf.saved_model.save(module, str(tmp_path / "theirs"), signatures=module.f)
    with serving({"/net/3": Answer(body=packed(tmp_path / "theirs"))}) as hub:
        address = f"{hub.url}/net/3"
        loaded = load_hub(parse_source(address))
    (kept,) = (tmp_path / "cache").rglob("saved_model.pb")
    kept.write_bytes(b"\xff\xff")
    with pytest.raises(TfjsciError) as failed:
        loaded.original({})
    assert failed.value.message.startswith(f"TensorFlow can't load the SavedModel {address}:")


def test_an_archive_is_unpacked_for_as_long_as_its_original_may_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scratch").mkdir()
    tf = tensorflow()
    module = tf.Module()
    module.f = tf.function(lambda x: {"y": x + 1.0}, input_signature=[tf.TensorSpec([2], name="x")])
    tf.saved_model.save(module, str(tmp_path / "m"), signatures=module.f)
    (tmp_path / "m.tar.gz").write_bytes(packed(tmp_path / "m"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    loaded = load_hub(tmp_path / "m.tar.gz")
    assert loaded.original({"x": np.float32([1, 2])})["y"].tolist() == [2, 3]
    assert list((tmp_path / "scratch").iterdir())
    del loaded
    gc.collect()
    assert not list((tmp_path / "scratch").iterdir())
    (tmp_path / "bad.tar.gz").write_bytes(packed(tmp_path / "m")[:100])
    with pytest.raises(TfjsciError):
        load_hub(tmp_path / "bad.tar.gz")
    assert not list((tmp_path / "scratch").iterdir())
