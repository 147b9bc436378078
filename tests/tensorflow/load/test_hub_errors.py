"""What is wrong with a module that was fetched is told by the address that was given, not by a folder in the cache."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hub_server import Answer, packed, serving

from tfjsci.errors import TfjsciError
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.hub import load_hub
from tfjsci.source import parse_source

pytestmark = pytest.mark.tensorflow


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
