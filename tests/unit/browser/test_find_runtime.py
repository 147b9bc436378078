"""The release's files: found in each of the layouts, and refused when another version, cut short or changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tfjsci.browser.runtime import LISTING, PACKAGE_FILES, file_names, find_runtime, sha256
from tfjsci.errors import RuntimeMissing


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The layout that script/install_runtime.py writes."""
    folder = tmp_path / "1.2.3"
    folder.mkdir()
    for name in file_names():
        (folder / name).write_text(f"// {name}")
    listing = {"version": "1.2.3", "files": {name: sha256(folder / name) for name in file_names()}}
    (folder / LISTING).write_text(json.dumps(listing))
    return folder


@pytest.fixture
def node_modules(tmp_path: Path) -> Path:
    folder = tmp_path / "node_modules"
    for package, members in PACKAGE_FILES.items():
        (folder / package / "dist").mkdir(parents=True)
        (folder / package / "package.json").write_text('{"version": "1.2.3"}')
        for member in members:
            (folder / package / member).write_text("//")
    return folder


def test_found_in_a_folder_of_versions_and_in_the_folder_itself(installed: Path) -> None:
    for chosen in (installed, installed.parent):
        runtime = find_runtime("1.2.3", env={"TFJSCI_RUNTIME": str(chosen)})
        assert runtime.version == "1.2.3"
        assert runtime.files == {name: installed / name for name in file_names()}


def test_found_in_node_modules(node_modules: Path) -> None:
    runtime = find_runtime("1.2.3", env={"TFJSCI_RUNTIME": str(node_modules)})
    assert set(runtime.files) == set(file_names())
    assert runtime.files["tf.min.js"] == node_modules / "@tensorflow/tfjs/dist/tf.min.js"


def test_another_version_is_refused(installed: Path, node_modules: Path) -> None:
    with pytest.raises(RuntimeMissing, match=r"holds TensorFlow.js 1\.2\.3, asked for was 9\.9\.9"):
        find_runtime("9.9.9", env={"TFJSCI_RUNTIME": str(installed)})
    with pytest.raises(RuntimeMissing, match=r"is version 1\.2\.3, asked for was 9\.9\.9"):
        find_runtime("9.9.9", env={"TFJSCI_RUNTIME": str(node_modules)})


def test_a_changed_file_is_refused(installed: Path) -> None:
    (installed / "tf.min.js").write_text("// something else")
    with pytest.raises(RuntimeMissing, match=r"tf\.min\.js is missing or not as it was installed"):
        find_runtime("1.2.3", env={"TFJSCI_RUNTIME": str(installed)})


def test_a_missing_file_is_refused(installed: Path, node_modules: Path) -> None:
    (installed / "tfjs-backend-wasm.wasm").unlink()
    (node_modules / "@tensorflow/tfjs/dist/tf.min.js").unlink()
    for folder in (installed, node_modules):
        with pytest.raises(RuntimeMissing, match="is missing"):
            find_runtime("1.2.3", env={"TFJSCI_RUNTIME": str(folder)})


@pytest.mark.parametrize("listing", ["", "[]", '{"version": "1.2.3"}', '{"version": "1.2.3", "files": 3}'])
def test_an_unreadable_listing_is_refused(installed: Path, listing: str) -> None:
    (installed / LISTING).write_text(listing)
    with pytest.raises(RuntimeMissing, match="can't be read"):
        find_runtime("1.2.3", env={"TFJSCI_RUNTIME": str(installed)})


def test_nothing_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RuntimeMissing) as told:
        find_runtime("1.2.3", env={"TFJSCI_RUNTIME": str(tmp_path)})
    assert told.value.hint is not None
    assert "script/install_runtime.py" in told.value.hint
    assert told.value.exit_code == 3
