"""An artifact read back: what was written comes out, and nothing that isn't as it should be passes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft, weights

from tfjsci.artifact.quantize import Quantization
from tfjsci.artifact.write import write_artifact
from tfjsci.errors import CorruptModel, ExitCode
from tfjsci.format.read import read_artifact
from tfjsci.graph.graph import Graph
from tfjsci.quantize.scheme import Scheme


def graph() -> Graph:
    draft = Draft()
    names = [
        draft.const("kernel", weights(12, 10)),
        draft.const("bias", [1.5, -2.0]),
        draft.const("axes", np.array([1, 2])),
        draft.const("mask", np.array([[True], [False]])),
        draft.const("wave", np.array([1 + 2j], np.complex64)),
        draft.const("words", np.array([b"a\x00", b"", "é"], dtype=object)),
        draft.const("none", np.zeros((0, 3))),
        draft.const("scalar", 0.5),
    ]
    return draft.graph(draft.op("Anything", "y", *names))


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    write_artifact(graph(), inputs=(), outputs=(), folder=tmp_path / "a", shard_bytes=100)
    return tmp_path / "a"


def edited(folder: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    document = json.loads((folder / "model.json").read_text())
    edit(document)
    (folder / "model.json").write_text(json.dumps(document))
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(CorruptModel) as caught:
        read_artifact(folder)
    assert caught.value.exit_code is ExitCode.MODEL
    assert caught.value.hint
    return caught.value.message


class TestWhatWasWrittenComesOut:
    def test_names_dtypes_shapes_and_values(self, artifact: Path) -> None:
        found = read_artifact(artifact).weights
        wanted = graph().constants
        assert sorted(found) == sorted(wanted)
        for name in ("kernel", "bias", "mask", "wave", "none", "scalar"):
            np.testing.assert_array_equal(found[name], wanted[name].value)
            assert (found[name].dtype, found[name].shape) == (wanted[name].value.dtype, wanted[name].value.shape)
        assert (found["axes"].dtype.name, found["axes"].tolist()) == ("int32", [1, 2])
        assert found["words"].tolist() == [b"a\x00", b"", "é".encode()]

    @pytest.mark.parametrize(("dtype", "error"), [("uint8", 0.5 / 255), ("uint16", 0.5 / 65535), ("float16", 2**-11)])
    def test_quantised_weights_as_the_runtime_sees_them(self, tmp_path: Path, dtype: Any, error: float) -> None:
        write_artifact(
            graph(), inputs=(), outputs=(), folder=tmp_path / "q", quantization=Quantization(scheme=Scheme(name=dtype))
        )
        found, wanted = read_artifact(tmp_path / "q").weights, graph().constants
        kernel = wanted["kernel"].value
        off = np.abs(found["kernel"] - kernel).max()
        assert 0 < off <= error * (kernel.max() - kernel.min()) * 1.01  # zero is nudged
        assert found["kernel"].dtype == np.float32
        np.testing.assert_array_equal(found["bias"], wanted["bias"].value)

    def test_int32_that_another_converter_quantised_is_rounded_as_javascript_does(self, tmp_path: Path) -> None:
        folder = handmade(
            tmp_path, b"\x00\x01\x02\x03", shape=[4], dtype="int32", quantization=affine("uint8", 0.5, -1)
        )
        assert read_artifact(folder).weights["w"].tolist() == [-1, 0, 0, 1]  # -1, -0.5, 0, 0.5

    def test_an_artifact_without_weights(self, tmp_path: Path) -> None:
        draft = Draft()
        write_artifact(draft.graph(draft.input("x")), inputs=(), outputs=(), folder=tmp_path / "a")
        assert read_artifact(tmp_path / "a").weights == {}

    def test_neither_can_be_changed(self, artifact: Path) -> None:
        stored: Any = read_artifact(artifact)
        with pytest.raises(TypeError):
            stored.weights["new"] = np.zeros(1)

    def test_weights_of_an_initializer_count_too(self, artifact: Path) -> None:
        def moved(document: dict[str, Any]) -> None:
            nodes = document["modelTopology"]["node"]
            document["modelInitializer"] = {"node": [nodes.pop(0)]}

        assert "kernel" in read_artifact(edited(artifact, moved)).weights


def affine(dtype: str, scale: Any, least: Any) -> dict[str, Any]:
    return {"dtype": dtype, "scale": scale, "min": least, "original_dtype": "float32"}


def handmade(folder: Path, data: bytes, **entry: Any) -> Path:
    """An artifact of one weight, w, and one shard; the Const is of the entry's dtype."""
    names = {"float32": "DT_FLOAT", "int32": "DT_INT32", "bool": "DT_BOOL", "string": "DT_STRING"}
    node = {"name": "w", "op": "Const", "attr": {"dtype": {"type": names.get(str(entry.get("dtype")))}}}
    document = {
        "format": "graph-model",
        "modelTopology": {"node": [node]},
        "weightsManifest": [{"paths": ["w.bin"], "weights": [{"name": "w", **entry}]}],
    }
    (folder / "model.json").write_text(json.dumps(document))
    (folder / "w.bin").write_bytes(data)
    return folder


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        ["../w.bin", "a/../../w.bin", "/etc/passwd", "", ".", "..\\w.bin", "c:w.bin", "w\0.bin", "http://x/w.bin"],
    )
    def test_one_that_leaves_the_folder_is_refused(self, artifact: Path, path: str) -> None:
        (artifact.parent / "w.bin").write_bytes(b"")
        edited(artifact, lambda d: d["weightsManifest"][0]["paths"].append(path))
        assert f"path {path!r} leaves the folder" in refusal(artifact)

    def test_a_link_that_leads_out_is_refused(self, artifact: Path) -> None:
        secret = artifact.parent / "secret"
        shard = next(artifact.glob("*.bin"))
        secret.write_bytes(shard.read_bytes())
        shard.unlink()
        shard.symlink_to(secret)
        assert "leaves the folder" in refusal(artifact)

    def test_a_folder_below_is_fine(self, artifact: Path) -> None:
        (artifact / "below").mkdir()
        shard = sorted(artifact.glob("*.bin"))[0]
        shard.rename(artifact / "below" / shard.name)
        paths = lambda d: d["weightsManifest"][0]["paths"]  # noqa: E731
        edited(artifact, lambda d: paths(d).__setitem__(0, f"below/{paths(d)[0]}"))
        assert "kernel" in read_artifact(artifact).weights

    def test_one_named_twice_is_refused(self, artifact: Path) -> None:
        edited(artifact, lambda d: d["weightsManifest"][0]["paths"].append(d["weightsManifest"][0]["paths"][0]))
        assert "twice" in refusal(artifact)

    def test_one_that_is_not_there_is_refused(self, artifact: Path) -> None:
        next(artifact.glob("*.bin")).unlink()
        assert "can't be read: No such file" in refusal(artifact)

    def test_a_shard_that_is_a_pipe_is_not_waited_for(self, artifact: Path) -> None:
        shard = next(iter(sorted(artifact.glob("*.bin"))))
        shard.unlink()
        os.mkfifo(shard)
        assert f"the shard {shard.name!r} is no file" in refusal(artifact)


class TestSizes:
    def test_a_byte_too_few(self, artifact: Path) -> None:
        last = sorted(artifact.glob("*.bin"))[-1]
        last.write_bytes(last.read_bytes()[:-1])
        assert "the weight 'words': string 2 ends at byte" in refusal(artifact)

    def test_a_byte_of_numbers_too_few(self, artifact: Path) -> None:
        def longer(document: dict[str, Any]) -> None:
            document["weightsManifest"][0]["weights"][0]["shape"] = [10_000]

        assert "the weight 'kernel' needs bytes" in refusal(edited(artifact, longer))

    def test_a_byte_too_many(self, artifact: Path) -> None:
        last = sorted(artifact.glob("*.bin"))[-1]
        last.write_bytes(last.read_bytes() + b"\0")
        assert "the weights need" in refusal(artifact)

    @pytest.mark.parametrize("shape", [[-1], [1.0], [True], "2", None, [2**60], [0, 2**40, 2**40], [1] * 40])
    def test_a_shape_that_is_none(self, tmp_path: Path, shape: Any) -> None:
        assert "its shape is" in refusal(handmade(tmp_path, b"\0\0\0\0", shape=shape, dtype="float32"))

    def test_a_shape_that_is_far_too_large_costs_no_memory(self, tmp_path: Path) -> None:
        assert "needs bytes 0 to" in refusal(handmade(tmp_path, b"\0", shape=[2**40], dtype="float32"))
        assert "needs 1099511627776 strings" in refusal(handmade(tmp_path, b"\0", shape=[2**40], dtype="string"))

    @pytest.mark.parametrize("data", [b"\x05\0\0\0abcd", b"\x00\0\0", b"\xff\xff\xff\xff"])
    def test_a_string_that_ends_beyond_the_shard(self, tmp_path: Path, data: bytes) -> None:
        assert "'w'" in refusal(handmade(tmp_path, data, shape=[1], dtype="string"))


class TestDtypes:
    @pytest.mark.parametrize("dtype", ["float64", "int64", "uint8", "", None, 3])
    def test_one_that_the_runtime_does_not_have(self, tmp_path: Path, dtype: Any) -> None:
        assert "its dtype is" in refusal(handmade(tmp_path, b"\0" * 8, shape=[1], dtype=dtype))

    def test_a_bool_that_is_neither(self, tmp_path: Path) -> None:
        assert "holds the byte 2" in refusal(handmade(tmp_path, b"\x02", shape=[1], dtype="bool"))

    @pytest.mark.parametrize(
        "quantization",
        [
            affine("int8", 1.0, 0.0),
            affine("uint8", None, 0.0),
            affine("uint8", 1.0, "0"),
            affine("uint8", True, 0.0),
            "uint8",
            {},
        ],
    )
    def test_a_quantization_that_is_none(self, tmp_path: Path, quantization: Any) -> None:
        assert "quantization" in refusal(
            handmade(tmp_path, b"\0", shape=[1], dtype="float32", quantization=quantization)
        )

    @pytest.mark.parametrize(("dtype", "stored"), [("bool", "uint8"), ("int32", "float16")])
    def test_a_dtype_that_cannot_be_quantised_so(self, tmp_path: Path, dtype: str, stored: str) -> None:
        folder = handmade(tmp_path, b"\0\0", shape=[1], dtype=dtype, quantization=affine(stored, 1.0, 0.0))
        assert f"{dtype}, which can't be stored as {stored}" in refusal(folder)

    def test_one_that_the_graph_tells_otherwise(self, artifact: Path) -> None:
        edited(artifact, lambda d: d["modelTopology"]["node"][0]["attr"]["dtype"].__setitem__("type", "DT_INT32"))
        assert refusal(artifact) == "the Const 'kernel' is 'DT_INT32', its weight float32"


class TestNames:
    def test_a_weight_listed_twice(self, artifact: Path) -> None:
        def doubled(document: dict[str, Any]) -> None:
            entries = document["weightsManifest"][0]["weights"]
            entries[1]["name"] = entries[0]["name"]

        assert refusal(edited(artifact, doubled)) == "model.json lists the weight 'kernel' twice"

    def test_a_const_without_a_weight(self, artifact: Path) -> None:
        extra = {"name": "extra", "op": "Const"}
        assert "the Const 'extra' has no weight" in refusal(
            edited(artifact, lambda d: d["modelTopology"]["node"].append(extra))
        )

    def test_a_weight_without_a_const(self, artifact: Path) -> None:
        assert "no Const reads the weight 'kernel'" in refusal(
            edited(artifact, lambda d: d["modelTopology"]["node"].pop(0))
        )

    @pytest.mark.parametrize("name", ["", None, 3])
    def test_a_name_that_is_none(self, artifact: Path, name: Any) -> None:
        assert "a weight's name is" in refusal(
            edited(artifact, lambda d: d["weightsManifest"][0]["weights"][0].__setitem__("name", name))
        )


class TestModelJson:
    def test_is_not_there(self, tmp_path: Path) -> None:
        assert "model.json can't be read" in refusal(tmp_path)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (b"", "isn't JSON"),
            (b"{", "isn't JSON"),
            (b"\xff", "isn't JSON"),
            (b"[" * 100_000, "isn't JSON"),
            (b'{"format": NaN}', "NaN is no JSON number"),
            (b"[]", "holds a list, not an object"),
            (b"{}", "its format is None, not 'graph-model'"),
            (b'{"format": "layers-model"}', "its format is 'layers-model', not 'graph-model'"),
            (b'{"format": "graph-model"}', "weightsManifest isn't a list of objects"),
            (b'{"format": "graph-model", "weightsManifest": [3]}', "weightsManifest isn't a list of objects"),
            (b'{"format": "graph-model", "weightsManifest": [{}]}', "no list of paths"),
            (b'{"format": "graph-model", "weightsManifest": [{"paths": [3]}]}', "no list of paths"),
            (b'{"format": "graph-model", "weightsManifest": [{"paths": []}]}', "weights isn't a list"),
            (b'{"format": "graph-model", "weightsManifest": []}', "no modelTopology"),
            (b'{"format": "graph-model", "weightsManifest": [], "modelTopology": {}}', "node isn't a list"),
        ],
    )
    def test_is_not_as_it_should_be(self, tmp_path: Path, text: bytes, message: str) -> None:
        (tmp_path / "model.json").write_bytes(text)
        assert message in refusal(tmp_path)

    @pytest.mark.parametrize(
        ("kind", "advice"),
        [("layers-model", "leave the input format out, or say tfjs_layers_model"), ("tensors", "damaged")],
    )
    def test_one_of_the_other_kind_is_not_called_damaged(self, tmp_path: Path, kind: str, advice: str) -> None:
        (tmp_path / "model.json").write_text(json.dumps({"format": kind}))
        with pytest.raises(CorruptModel) as refused:
            read_artifact(tmp_path)
        assert advice in str(refused.value.hint)
