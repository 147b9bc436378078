"""tfjsci inspect of what needs no TensorFlow: Keras files, graph and layers models."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from browser.tiny_models import FLOAT, placeholder, port, weight, write_model
from end_to_end.command import DIGITS, call

import tfjsci


def told(capfd: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    done = call(capfd, "inspect", *arguments, "--json")
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.parametrize("source", ["digits.keras", "digits.h5"])
def test_a_keras_file(capfd: pytest.CaptureFixture[str], source: str) -> None:
    found = told(capfd, DIGITS / source)
    assert found["format"] == source.partition(".")[2]
    assert found["size_bytes"] == (DIGITS / source).stat().st_size
    assert found["signatures"][0]["inputs"][0] == {
        "name": "images", "tensor": "images", "dtype": "float32", "shape": [None, 8, 8, 1],
    }  # fmt: skip
    assert found["signatures"][0]["outputs"] == [
        {"name": "digit", "tensor": "digit", "dtype": "float32", "shape": [None, 10]}
    ]
    layers = {layer["name"]: (layer["kind"], layer["parameters"]) for layer in found["layers"]}
    assert layers["conv2d_3"] == ("Conv2D", 3 * 3 * 1 * 32)
    assert layers["flatten_1"] == ("Flatten", 0)
    assert found["parameters"] == sum(parameters for _, parameters in layers.values())
    assert found["weights"] == [{"dtype": "float32", "count": 27, "stored_bytes": 4 * found["parameters"]}]


def test_an_unpacked_file_and_a_layer_whose_shape_is_not_known(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(DIGITS / "digits.keras") as archive:
        archive.extractall(tmp_path / "unpacked")
    found, packed = told(capfd, tmp_path / "unpacked"), told(capfd, DIGITS / "digits.keras")
    for key in ("format", "signatures", "layers", "parameters"):
        assert found[key] == packed[key]
    config = json.loads((tmp_path / "unpacked" / "config.json").read_text())
    config["config"]["layers"][-1]["class_name"] = "Mine"
    (tmp_path / "unpacked" / "config.json").write_text(json.dumps(config))
    other = told(capfd, tmp_path / "unpacked")
    assert [spec["shape"] for spec in other["signatures"][0]["outputs"]] == [None]
    assert other["layers"][-1]["kind"] == "Mine"


def test_weights_alone_and_a_model_of_the_authors_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, config in (("alone", None), ("own", {"class_name": "Mine", "config": {"width": 3}})):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            if config is not None:
                file.attrs["model_config"] = json.dumps(config)
            file["model_weights/dense/kernel"] = np.ones((2, 3), np.float32)
            file["optimizer_weights/m"] = np.ones(6, np.float32)
        found = told(capfd, tmp_path / f"{name}.h5")
        assert (found["layers"], found["parameters"], found["weights"][0]["stored_bytes"]) == ([], 6, 24), name
        assert found["notes"][0].startswith("its layers aren't told: ")


def test_a_layers_model_says_what_its_source_says(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = tfjsci.convert(DIGITS / "digits.keras", tmp_path / "web", output_format="layers", quantize="uint8")
    found, source = told(capfd, made.path), told(capfd, DIGITS / "digits.keras")
    assert found["format"] == "tfjs_layers_model"
    assert found["layers"] == source["layers"]
    assert [spec["shape"] for spec in found["signatures"][0]["outputs"]] == [[None, 10]]
    assert found["parameters"] == source["parameters"]
    assert {each["dtype"] for each in found["weights"]} == {"float32", "uint8"}
    assert (
        sum(each["stored_bytes"] for each in found["weights"])
        == (tmp_path / "web" / "group1-shard1of1.bin").stat().st_size
    )
    assert found["size_bytes"] == made.size_bytes


def test_shards_that_are_missing_or_cut_short_are_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a graph model without reading them; the near miss, a whole one, has no such note. The size is the model's files'."""
    nodes = [placeholder("x", FLOAT, [-1, 2]), weight("w", FLOAT, [2, 3])]
    nodes.append({"name": "y", "op": "MatMul", "input": ["x", "w"]})
    ports = {"x": port("x:0", FLOAT, [-1, 2])}, {"y": port("y:0", FLOAT, [-1, 3])}
    folder = write_model(tmp_path / "web", nodes, *ports, {"w": np.ones((2, 3), np.float32)})
    (folder / "notes.txt").write_text("beside it")
    (shard,) = (path for path in folder.iterdir() if path.suffix == ".bin")
    size = (folder / "model.json").stat().st_size

    monkeypatch.chdir(folder)
    assert told(capfd, "model.json")["name"] == "web", "where it is looked at from within"

    def seen() -> tuple[int, list[str]]:
        of_folder, of_file = told(capfd, folder), told(capfd, folder / "model.json")
        assert of_folder == of_file
        return of_file["size_bytes"], [note for note in of_file["notes"] if "shard" in note]

    assert seen() == (size + 24, [])
    shard.write_bytes(bytes(20))
    assert seen() == (size + 20, ["its shards are damaged: they hold 20 bytes, the weights need 24"])
    shard.unlink()
    assert seen() == (size, [f"the shard {shard.name} is missing"])


def test_a_graph_model_as_a_table_and_as_data(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    nodes = [
        placeholder("x", FLOAT, [-1, 2]),
        weight("w", FLOAT, [2, 3]),
        {"name": "y", "op": "MatMul", "input": ["x", "w"]},
    ]
    kernel = {"w": np.ones((2, 3), np.float32)}
    folder = write_model(
        tmp_path / "web", nodes, {"x": port("x:0", FLOAT, [-1, 2])}, {"y\x1b[2J": port("y:0", FLOAT, [-1, 3])}, kernel
    )
    found = told(capfd, folder / "model.json")
    assert (found["format"], found["parameters"]) == ("tfjs_graph_model", 6)
    assert found["ops"] == {"Const": 1, "MatMul": 1, "Placeholder": 1}
    assert found["weights"] == [{"dtype": "float32", "count": 1, "stored_bytes": 24}]
    done = call(capfd, "inspect", folder)
    first, *lines = done.out.splitlines()
    assert first.startswith("web: tfjs_graph_model, ")
    assert first.endswith(", 6 parameters, 3 nodes, 1 besides Const and Placeholder")
    rows = [line.split() for line in lines]
    assert ["input", "x", "float32", "[?,", "2]"] in rows
    assert ["MatMul", "1"] in rows
    assert ["float32", "1", "24", "B"] in rows
    assert "\x1b" not in done.out


def test_a_runs_folder_offers_what_is_in_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [placeholder("x", FLOAT, [-1, 2]), {"name": "y", "op": "Relu", "input": ["x"]}]
    for variant in ("uint8", "float", "it's"):
        write_model(
            tmp_path / "my out" / "models" / "net" / variant,
            nodes,
            {"x": port("x:0", FLOAT, [-1, 2])},
            {"y": port("y:0", FLOAT, [-1, 2])},
            {},
        )
    monkeypatch.chdir(tmp_path)
    for options in ((), ("--json",)):
        done = call(capfd, "inspect", "my out", *options)
        assert (done.code, done.out) == (1, "")
        assert done.err.splitlines() == [
            "error: the folder my out is no model itself, it holds 3 converted models: models/net/float, models/net/it's, "
            "models/net/uint8",
            "  Look at them one by one:",
            "  tfjsci inspect 'my out/models/net/float'",
            """  tfjsci inspect 'my out/models/net/it'"'"'s'""",
            "  tfjsci inspect 'my out/models/net/uint8'",
        ]
    assert told(capfd, "my out/models/net/uint8")["ops"] == {"Placeholder": 1, "Relu": 1}


def test_of_many_models_some_are_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for number in range(42):
        (tmp_path / "out" / f"m{number:02}").mkdir(parents=True)
        (tmp_path / "out" / f"m{number:02}" / "model.json").write_text("{}")
    few, every = (call(capfd, "inspect", tmp_path / "out", *more).err.splitlines() for more in ((), ("--verbose",)))
    assert few[0].endswith("m08, m09 and 32 more")
    assert few[-2:] == [f"  tfjsci inspect {tmp_path}/out/m39", "  and 2 more: --verbose shows all"]
    assert every[-1] == f"  tfjsci inspect {tmp_path}/out/m41"


def test_strings_take_the_bytes_that_they_take_in_the_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    numbers, words = np.ones(3, "<f4").tobytes(), [b"a", b"", "zwölf".encode()]
    packed = b"".join(len(word).to_bytes(4, "little") + word for word in words)
    (tmp_path / "weights.bin").write_bytes(numbers + packed)
    entries = [
        {"name": "n", "shape": [3], "dtype": "float32"},
        {"name": "words", "shape": [3], "dtype": "string"},
    ]
    document = {
        "format": "graph-model",
        "modelTopology": {"node": [{"name": each["name"], "op": "Const"} for each in entries]},
        "weightsManifest": [{"paths": ["weights.bin"], "weights": entries}],
    }
    (tmp_path / "model.json").write_text(json.dumps(document))
    assert told(capfd, tmp_path)["weights"] == [
        {"dtype": "float32", "count": 1, "stored_bytes": 12},
        {"dtype": "string", "count": 1, "stored_bytes": len(packed)},
    ]
    (tmp_path / "weights.bin").write_bytes(numbers + packed[:-1])
    done = call(capfd, "inspect", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "'words'" in done.err


def test_long_tables_are_cut_and_verbose_has_all(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    nodes = [{"name": str(i), "op": f"Op{i}"} for i in range(50)]
    folder = write_model(tmp_path / "web", nodes, {}, {})
    short, whole = call(capfd, "inspect", folder).out, call(capfd, "inspect", folder, "--verbose").out
    assert "  and 10 more: --verbose shows all" in short.splitlines()
    assert "more:" not in whole
    assert len(whole.splitlines()) > len(short.splitlines())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.keras", None, "there is no file or folder gone.keras"),
        ("cut.keras", b"PK\x03\x04", "can't be read as a .keras archive"),
        ("model.json", b'{"format": "graph-model"}', "no modelTopology"),
        ("table.csv", b"a,b\n", "table.csv is of no format"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = call(capfd, "inspect", tmp_path / name)
    assert (done.code, done.out) == (1, "")
    assert words in done.err
