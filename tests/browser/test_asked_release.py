"""The catalogue that a release gives of itself in the browser: the pinned one's is the shipped one, another's is its own."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tfjsci.browser.runtime import DEFAULT_VERSION, LISTING, find_runtime, sha256
from tfjsci.browser.session import BrowserSession
from tfjsci.catalog.asked import catalog_of
from tfjsci.catalog.catalog import load_catalog
from tfjsci.dtypes import BACKENDS
from tfjsci.sessions import Sessions

SHIPPED = load_catalog()


def test_the_pinned_release_gives_the_shipped_catalogue(browser_session: BrowserSession) -> None:
    asked = catalog_of(browser_session.describe_release(), SHIPPED)
    assert asked.version == SHIPPED.version
    assert asked.kernels == SHIPPED.kernels
    assert asked.ops == SHIPPED.ops


def another_release(folder: Path) -> Path:
    """A release 9.9.9, that webgl has no Tanh in, that calls Softplus otherwise, and lists an op which it can't run."""
    folder.mkdir()
    for path in find_runtime(DEFAULT_VERSION, env=os.environ).files.values():
        shutil.copy(path, folder)
    script = folder / "tf.min.js"
    text = script.read_text(encoding="utf-8")
    for old, new in [
        (f'"{DEFAULT_VERSION}"', '"9.9.9"'),
        ('tfOpName:"Softplus"', 'tfOpName:"Softplush"'),
        ('case"Softplus"', 'case"Softplush"'),
        ('tfOpName:"Selu"', 'tfOpName:"Seluh"'),
    ]:
        assert old in text, old
        text = text.replace(old, new)
    script.write_text(f'{text}\n;tf.unregisterKernel("Tanh", "webgl");\n', encoding="utf-8")
    files = {path.name: sha256(path) for path in folder.iterdir()}
    (folder / LISTING).write_text(json.dumps({"version": "9.9.9", "files": files}), encoding="utf-8")
    return folder


def test_another_release_gives_its_own(tmp_path: Path) -> None:
    env = {**os.environ, "TFJSCI_RUNTIME": str(another_release(tmp_path / "release"))}
    with Sessions(lambda tfjs: BrowserSession(tfjs_version=tfjs, env=env)) as sessions:
        asked = sessions.catalog("9.9.9")
        assert sessions.catalog("9.9.9") is asked
    assert asked.version == "9.9.9"
    assert SHIPPED.kernels["webgl"] - asked.kernels["webgl"] == {"Tanh"}
    assert [backend for backend in BACKENDS if backend not in asked.backends_of("Tanh")] == ["webgl"]
    assert set(SHIPPED.ops) - set(asked.ops) == {"Softplus", "Selu"}
    # nobody here has an example of it, so nobody knows what it calls
    assert set(asked.ops) - set(SHIPPED.ops) == {"Softplush"}
    assert asked.ops["Softplush"].kernels == ()


def test_the_pinned_release_starts_nothing() -> None:
    def refuse(tfjs: str) -> BrowserSession:
        pytest.fail(f"a session for {tfjs}")

    with Sessions(refuse) as sessions:
        assert sessions.catalog(DEFAULT_VERSION) is SHIPPED
