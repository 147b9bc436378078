"""Installing the release: together or not at all, with its licences, and found by ``find_runtime`` afterwards."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tfjsci.browser.runtime import DEFAULT_VERSION, LICENSES, PACKAGE_FILES, file_names, find_runtime

SCRIPT = Path(__file__).parents[3] / "script" / "install_runtime.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """What ``npm ci`` leaves: each package with its manifest; seedrandom keeps its licence in its README."""
    folder = tmp_path / "node_modules"
    for package, members in PACKAGE_FILES.items():
        for member in members:
            (folder / package / member).parent.mkdir(parents=True, exist_ok=True)
            (folder / package / member).write_text(f"// {package}/{member}")
    for package in [*PACKAGE_FILES, "long", "seedrandom", "yargs"]:
        (folder / package).mkdir(exist_ok=True)
        (folder / package / "package.json").write_text(
            f'{{"name": "{package}", "version": "7.7.7", "license": "X-{package}"}}'
        )
        (folder / package / "README.md").write_text("Read me.")
    (folder / "long" / "LICENSE").write_text("the whole text of long's licence")
    (folder / "seedrandom" / "README.md").write_text("# seedrandom\nPermission is hereby granted, free of charge")
    return folder


def test_what_is_installed_is_found(script: dict[str, Any], modules: Path, tmp_path: Path) -> None:
    target = tmp_path / "files" / DEFAULT_VERSION
    install: Callable[[Path, Path], None] = script["install"]
    install(modules, target)
    assert set(find_runtime(DEFAULT_VERSION, env={"TFJSCI_RUNTIME": str(target)}).files) == set(file_names())
    assert [path.name for path in target.parent.iterdir()] == [DEFAULT_VERSION]
    (target / "tf.min.js").write_text("broken")
    install(modules, target)
    assert find_runtime(DEFAULT_VERSION, env={"TFJSCI_RUNTIME": str(target)}).folder == target
    assert [path.name for path in target.parent.iterdir()] == [DEFAULT_VERSION]


def test_a_missing_file_leaves_what_was_there(script: dict[str, Any], modules: Path, tmp_path: Path) -> None:
    target = tmp_path / "files" / DEFAULT_VERSION
    script["install"](modules, target)
    (modules / "@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js").unlink()
    with pytest.raises(FileNotFoundError):
        script["install"](modules, target)
    assert find_runtime(DEFAULT_VERSION, env={"TFJSCI_RUNTIME": str(target)}).folder == target
    with pytest.raises(FileNotFoundError):
        script["install"](modules, tmp_path / "new" / DEFAULT_VERSION)
    assert list((tmp_path / "new").iterdir()) == []


def test_licences_come_along(script: dict[str, Any], modules: Path, tmp_path: Path) -> None:
    target = tmp_path / "files" / DEFAULT_VERSION
    script["install"](modules, target)
    text = (target / LICENSES).read_text()
    for package in [*PACKAGE_FILES, "long", "seedrandom"]:
        assert f"{package} 7.7.7: X-{package}" in text
    assert "the whole text of long's licence" in text
    assert "Permission is hereby granted" in text
    assert "Read me." not in text


def test_our_own_lock_file_pins_the_release() -> None:
    lock = (SCRIPT.parents[1] / "tfjsci" / "runtime" / "package-lock.json").read_text()
    assert "resolved" not in lock
    for package in PACKAGE_FILES:
        assert f'"{package}": "{DEFAULT_VERSION}"' in lock
