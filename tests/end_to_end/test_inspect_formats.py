"""tfjsci inspect of what TensorFlow's protobufs are read for: SavedModels, modules of TensorFlow Hub, frozen graphs."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from end_to_end.command import DIGITS, call

from tfjsci.graph.tensorflow import tensorflow


def told(capfd: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    done = call(capfd, "inspect", *arguments, "--json").in_peace()
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_saved_model_and_the_same_in_an_archive(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = DIGITS / "digits_savedmodel"
    found = told(capfd, source)
    assert [each["name"] for each in found["signatures"]] == ["serve", "serving_default"]
    assert found["signatures"][1]["inputs"] == [
        {"name": "images", "tensor": "serving_default_images:0", "dtype": "float32", "shape": [None, 8, 8, 1]}
    ]
    assert found["ops"]["Conv2D"] == 3
    assert found["weights"][0] == {"dtype": "float32", "count": 27, "stored_bytes": 103464}
    assert found["size_bytes"] == sum(path.stat().st_size for path in source.rglob("*") if path.is_file())
    shutil.copytree(source, tmp_path / "without", ignore=lambda _, names: {"variables"} & {*names})
    assert found["notes"] == ["graphs by tags: serve"]
    assert told(capfd, tmp_path / "without")["notes"][1] == "its variables aren't told: variables/ is missing, or empty"
    with tarfile.open(tmp_path / "module.tar.gz", "w:gz") as archive:
        archive.add(source, arcname="module")
    packed = told(capfd, tmp_path / "module.tar.gz")
    assert packed["format"] == "hub"
    assert {key: packed[key] for key in ("signatures", "ops", "weights", "parameters")} == {
        key: found[key] for key in ("signatures", "ops", "weights", "parameters")
    }


def test_a_frozen_graph_and_what_would_touch_files_is_told_and_not_run(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tf = tensorflow()
    secret = tmp_path / "written.txt"
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder("float32", [None, 5], name="x")
        tf.matmul(x, tf.constant(np.ones((5, 3), np.float32), name="w"), name="y")
        tf.io.write_file(str(secret), "mine")
    (tmp_path / "frozen.pb").write_bytes(graph.as_graph_def().SerializeToString())
    found = told(capfd, tmp_path / "frozen.pb")
    (signature,) = found["signatures"]
    assert signature["inputs"] == [{"name": "x", "tensor": "x:0", "dtype": "float32", "shape": [None, 5]}]
    assert "y" in [spec["name"] for spec in signature["outputs"]]
    assert (found["ops"]["MatMul"], found["ops"]["WriteFile"]) == (1, 1)
    assert found["weights"] == [{"dtype": "float32", "count": 1, "stored_bytes": 60}]
    assert not secret.exists()
