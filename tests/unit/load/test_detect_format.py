"""Which format a source is: by content where it can be, and a reason where it is none."""

from __future__ import annotations

import gzip
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tfjsci.errors import CorruptModel, MissingModel, TfjsciError, UnknownFormat, UsageError
from tfjsci.layers.source import open_source
from tfjsci.load.load import LoadOptions, detect, load
from tfjsci.source import Remote

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


def test_by_content_whatever_the_name(tmp_path: Path) -> None:
    for name in ("a.keras", "a.h5", "a.bin", "a"):
        (tmp_path / name).write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
        assert detect(tmp_path / name) == "h5"
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("config.json", "{}")
        assert detect(tmp_path / name) == "keras"


def test_by_name_when_the_content_tells_nothing(tmp_path: Path) -> None:
    for name, kind in (("a.keras", "keras"), ("a.h5", "h5"), ("a.hdf5", "h5")):
        (tmp_path / name).write_bytes(b"cut")
        assert detect(tmp_path / name) == kind
    (tmp_path / "a.onnx").write_bytes(b"cut")
    with pytest.raises(UnknownFormat, match=r"a\.onnx is of no format") as refused:
        detect(tmp_path / "a.onnx")
    assert ".keras" in str(refused.value.hint)


def test_json_that_is_no_model_is_named_also_from_within_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    Path("model.json").write_text("{}")
    with pytest.raises(UnknownFormat, match=r"^mine/model\.json is no TensorFlow\.js model") as refused:
        detect(Path("model.json"))
    assert "--architecture" in str(refused.value.hint)


def test_an_unpacked_keras_file(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UnknownFormat, match=r"no saved_model\.pb") as refused:
        detect(tmp_path)
    assert "config.json and model.weights.h5" in str(refused.value.hint)
    (tmp_path / "model.weights.h5").write_bytes(b"")
    assert detect(tmp_path) == "keras"
    with pytest.raises(UsageError, match="--architecture is for weights alone, in a model of the format h5, and"):
        load(tmp_path, options=LoadOptions(architecture=tmp_path / "config.json"))


def test_folders(tmp_path: Path) -> None:
    (tmp_path / "m.keras").mkdir()
    with pytest.raises(UnknownFormat, match=r"no saved_model\.pb"):
        detect(tmp_path / "m.keras")
    (tmp_path / "m.keras" / "saved_model.pb").write_bytes(b"")
    assert detect(tmp_path / "m.keras") == "saved_model"


def test_a_folder_of_converted_models_says_which(tmp_path: Path) -> None:
    for inside in ("models/digits/uint8", "models/digits/float", "models/b"):
        (tmp_path / "out" / inside).mkdir(parents=True)
        (tmp_path / "out" / inside / "model.json").write_text("{}")
    for folder, said in (
        (
            "out",
            "out is no model itself, it holds 3 converted models: models/b, models/digits/float, models/digits/uint8",
        ),
        ("out/models/digits", "digits is no model itself, it holds 2 converted models: float, uint8"),
    ):
        with pytest.raises(UnknownFormat, match=said) as refused:
            detect(tmp_path / folder)
    assert refused.value.hint == "Give one of them, such as digits/float."
    with pytest.raises(TfjsciError, match=r"model\.json"):
        detect(tmp_path / "out/models/digits/float")  # a model by its place, though one that says nothing


def test_what_lies_deeper_or_behind_a_link_is_not_offered(tmp_path: Path) -> None:
    (tmp_path / "a/b/c/deep").mkdir(parents=True)
    (tmp_path / "a/b/c/deep/model.json").write_text("{}")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/again").symlink_to(tmp_path / "linked")
    (tmp_path / "linked/there").symlink_to(tmp_path / "a/b/c/deep")
    for folder in (tmp_path, tmp_path / "linked"):
        with pytest.raises(UnknownFormat, match=r"no saved_model\.pb"):
            detect(folder)
    with pytest.raises(UnknownFormat, match="1 converted model: b/c/deep"):
        detect(tmp_path / "a")


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m", "m.pb"])
def test_a_git_lfs_pointer_is_called_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(LFS)
    with pytest.raises(CorruptModel, match="Git LFS pointer") as refused:
        detect(tmp_path / name)
    assert "git lfs pull" in str(refused.value.hint)


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m", "m.pb", "m.tar.gz", "model.json"])
def test_a_web_page_is_called_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf\n<!DOCTYPE html>\n<html><body>Not found</body></html>")
    with pytest.raises(CorruptModel, match=r"is a web page \(HTML\), not the model itself"):
        detect(tmp_path / name)
    with pytest.raises(CorruptModel, match=r"is a web page"), open_source(tmp_path / name):
        pass
    (tmp_path / "text.pb").write_bytes(b"# <html> is only spoken of here")
    assert detect(tmp_path / "text.pb") == "frozen"


def test_a_module_of_tensorflow_hub(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "saved_model.pb").write_bytes(b"")
    (tmp_path / "m" / "tfhub_module.pb").write_bytes(b"\x08\x03")
    assert detect(tmp_path / "m") == "hub"
    (tmp_path / "a.bin").write_bytes(gzip.compress(b"whatever"))
    assert detect(tmp_path / "a.bin") == "hub"
    assert detect(Remote(text="https://host.example/module", kind="url")) == "hub"


def test_a_frozen_graph(tmp_path: Path) -> None:
    node = b"\x0a\x01x\x12\x0bPlaceholder"
    (tmp_path / "graph").write_bytes(b"\x0a" + bytes([len(node)]) + node)
    assert detect(tmp_path / "graph") == "frozen"
    (tmp_path / "graph.txt").write_text('node {\n  name: "x"\n  op: "Placeholder"\n}\n', "utf-8")
    assert detect(tmp_path / "graph.txt") == "frozen"
    (tmp_path / "cut.pb").write_bytes(b"cut")
    assert detect(tmp_path / "cut.pb") == "frozen"  # by its name: what is wrong with it is told when it is read
    # near misses: another first field, a name that is none, nothing behind the name
    for odd in (b"\x08\x01" + node, b"\x0a\x10\x0a\x01\x00\x12", b"\x0a\x03\x0a\x01x"):
        (tmp_path / "odd").write_bytes(odd)
        with pytest.raises(UnknownFormat, match="of no format"):
            detect(tmp_path / "odd")


def test_a_saved_models_file_alone(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01\x12\x00")
    with pytest.raises(UnknownFormat, match="a part of a SavedModel") as refused:
        detect(tmp_path / "saved_model.pb")
    assert "folder" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"tags": ("serve",)}, "--tags"),
        ({"input_nodes": ("x",)}, "--input-node"),
        ({"output_nodes": ("y",)}, "--output-node"),
    ],
)
def test_choosing_where_there_is_nothing_to_choose(tmp_path: Path, options: dict[str, Any], option: str) -> None:
    (tmp_path / "m.keras").write_bytes(b"cut")
    with pytest.raises(UsageError, match=rf"{option} chooses in .*m\.keras is keras"):
        load(tmp_path / "m.keras", options=LoadOptions(**options))


def test_an_address_of_what_isnt_fetched() -> None:
    with pytest.raises(UnknownFormat, match="is an address"):
        load(Remote(text="https://host.example/m.keras", kind="url"), format="keras")


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"")
    with pytest.raises(UnknownFormat):
        detect(tmp_path / "m")


def test_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "file").write_bytes(b"")
    for path in ("no", "dangling", "a", "file/inside", "x" * 300, "nul\0byte"):
        with pytest.raises(MissingModel) as refused:
            detect(tmp_path / path)
        assert refused.value.hint


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.keras")
    with pytest.raises(UnknownFormat, match="neither a file nor a folder"):
        detect(tmp_path / "m.keras")
    with pytest.raises(UnknownFormat):
        detect(Path("/dev/zero"))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "m.keras").symlink_to("/proc/self/mem")  # opens, and gives an input/output error at once
    with pytest.raises(CorruptModel, match=r"m\.keras can't be read: .*error"):
        detect(tmp_path / "m.keras")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.keras").write_bytes(b"")

    def denied(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)  # chmod doesn't stop root, who runs this in containers
    with pytest.raises(TfjsciError, match="Permission denied"):
        detect(tmp_path / "m.keras")
