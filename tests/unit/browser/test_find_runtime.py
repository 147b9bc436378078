"""The release's files: found in each of the layouts, and refused when another version, cut short or changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tfjsci.browser.runtime import DEFAULT_VERSION, LISTING, PACKAGE_FILES, file_names, find_runtime, sha256
from tfjsci.dtypes import Backend
from tfjsci.errors import BackendUnavailable, RuntimeMissing


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


def test_a_backend_that_npm_hasnt_got_of_a_release_is_lacking(installed: Path, node_modules: Path) -> None:
    shutil.rmtree(node_modules / "@tensorflow/tfjs-backend-webgpu")
    listing = json.loads((installed / LISTING).read_text())
    del listing["files"]["tf-backend-webgpu.min.js"]
    (installed / LISTING).write_text(json.dumps(listing))
    for folder in (installed, node_modules):
        runtime = find_runtime("1.2.3", env={"TFJSCI_RUNTIME": str(folder)})
        assert runtime.lacking == ("webgpu",)
        assert set(file_names()) - set(runtime.files) == {"tf-backend-webgpu.min.js"}
        there: tuple[Backend, ...] = ("cpu", "webgl", "wasm")
        for backend in there:
            runtime.require(backend)
        with pytest.raises(
            BackendUnavailable, match=r"1\.2\.3 in .* has no webgpu: .* npm has it from 4\.6\.0 on"
        ) as told:
            runtime.require("webgpu")
        assert told.value.hint == "Leave webgpu out of `backends`, or take another release of TensorFlow.js (`tfjs:`)."


def test_a_backend_that_npm_has_is_to_be_installed(node_modules: Path) -> None:
    shutil.rmtree(node_modules / "@tensorflow/tfjs-backend-wasm")
    for manifest in node_modules.rglob("package.json"):
        manifest.write_text('{"version": "4.6.0"}')
    runtime = find_runtime("4.6.0", env={"TFJSCI_RUNTIME": str(node_modules)})
    assert runtime.lacking == ("wasm",)
    with pytest.raises(BackendUnavailable, match=r"tfjs-backend-wasm isn't there\n") as told:
        runtime.require("wasm")
    assert told.value.hint == "Install it beside the others, or leave wasm out of `backends`."


def test_without_the_core_package_there_is_no_release(node_modules: Path) -> None:
    shutil.rmtree(node_modules / "@tensorflow/tfjs")
    with pytest.raises(RuntimeMissing, match="holds no readable @tensorflow/tfjs:"):
        find_runtime("1.2.3", env={"TFJSCI_RUNTIME": str(node_modules)})


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
        find_runtime(DEFAULT_VERSION, env={"TFJSCI_RUNTIME": str(tmp_path)})
    assert told.value.hint is not None
    assert "script/install_runtime.py" in told.value.hint
    assert told.value.exit_code == 3


@pytest.mark.parametrize(
    ("version", "packages"),
    [
        ("4.0.0", "tfjs@4.0.0 @tensorflow/tfjs-backend-wasm@4.0.0`"),
        ("4.18.0", "tfjs@4.18.0 @tensorflow/tfjs-backend-webgpu@4.18.0`"),
        ("4.21.0", "tfjs@4.21.0 @tensorflow/tfjs-backend-wasm@4.21.0 @tensorflow/tfjs-backend-webgpu@4.21.0`"),
    ],
)
def test_another_release_is_installed_with_the_packages_that_npm_has(
    tmp_path: Path, version: str, packages: str
) -> None:
    with pytest.raises(RuntimeMissing) as told:
        find_runtime(version, env={"TFJSCI_RUNTIME": str(tmp_path)})
    assert f"`npm install --ignore-scripts @tensorflow/{packages}" in str(told.value.hint)
    assert "script/install_runtime.py" not in str(told.value.hint), "it installs one release alone"
