"""The oldest release that runs an initializer, and the one before it, which doesn't: what docs/quantising.md says.

npm has both: ``npm pack`` fetches 30 MB each in a few seconds, of which six files are kept, in pytest's cache.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from packed_models import SIZE, packed_model

from tfjsci.browser.runtime import LISTING, PACKAGE_FILES, sha256
from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import Backend
from tfjsci.errors import BackendUnavailable, BrowserJobFailed
from tfjsci.manifest.releases import BACKEND_PACKAGES
from tfjsci.quantize.weight import QuantizedWeight
from tfjsci.sessions import Sessions

pytestmark = pytest.mark.browser

OLDEST, BEFORE = "4.0.0", "3.21.0"
INTEGRITY = {
    ("@tensorflow/tfjs", OLDEST):
        "L4DNdK32oKRl9/Epxj9HedD470DFkvLWiqFNhY8P5QUbhrZ8aHHOwMa6+eOi"
        "/PeMKAUoxvCBhMP2iRNUkl6C+g==",
    ("@tensorflow/tfjs-backend-wasm", OLDEST):
        "Z5gqdmqywauB2ZrWFduvFc82aMMTBFN7EtWEhGAGRXVcVH2L4nIXx0bs/5aU"
        "BA0Qs9B7hiy83b+NquWrDdBeGQ==",
    ("@tensorflow/tfjs", BEFORE):
        "khcARd3/872llL/oF4ouR40qlT71mylU66PGT8kHP/GJ5YKj44sv8lDRjU7l"
        "OVlJK7jsJFWEsNVHI3eMc/GWNQ==",
    ("@tensorflow/tfjs-backend-wasm", BEFORE):
        "TVkJWrqukdxvIaQn9jZvtXR+7fmT7sti6NQH5OKVcBmFYIW7I3RiRRE66inV"
        "rHjEEvIVTUuW9yo9Ialn31EFIw==",
}  # fmt: skip
"""SHA-512 of each package's archive."""

Made = tuple[Path, dict[str, QuantizedWeight]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("packed") / "artifact"
    _, codes, _ = packed_model(folder, table=False)
    return folder, codes


@pytest.fixture(scope="module")
def oldest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserSession]:
    yield from opened(request, tmp_path_factory, OLDEST)


@pytest.fixture(scope="module")
def before(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserSession]:
    yield from opened(request, tmp_path_factory, BEFORE)


def opened(request: pytest.FixtureRequest, folders: pytest.TempPathFactory, version: str) -> Iterator[BrowserSession]:
    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir("tfjs-releases-2") if cache is not None else folders.mktemp("releases")
    if not (folder / version / LISTING).is_file():
        fetch(version, folder / version)
    with BrowserSession(tfjs_version=version, env={**os.environ, "TFJSCI_RUNTIME": str(folder)}) as session:
        yield session


def fetch(version: str, folder: Path) -> None:
    """The release as ``script/install_runtime.py`` lays it out, its listing last."""
    npm = shutil.which("npm")
    assert npm, "npm is not on PATH: install Node.js, which brings it"
    folder.mkdir(parents=True, exist_ok=True)
    for package, members in PACKAGE_FILES.items():
        if (package, version) not in INTEGRITY:
            assert package == BACKEND_PACKAGES["webgpu"], "there was no such package yet"
            continue
        done = subprocess.run(
            [npm, "pack", f"{package}@{version}", "--ignore-scripts", "--loglevel=error"],
            cwd=folder, check=True, capture_output=True, timeout=300, text=True,
        )  # fmt: skip
        archive = folder / done.stdout.split()[-1]
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        assert digest == INTEGRITY[package, version], f"{package} {version} is not what it was"
        with tarfile.open(archive) as packed:
            for member in members:
                content = packed.extractfile(f"package/{member}")
                assert content is not None
                (folder / Path(member).name).write_bytes(content.read())
        archive.unlink()
    files = {path.name: sha256(path) for path in folder.iterdir() if path.name != LISTING}
    (folder / LISTING).write_text(json.dumps({"version": version, "files": files}), encoding="utf-8")


@pytest.mark.parametrize("backend", ["cpu", "wasm", "webgl"])
def test_the_oldest_release_unpacks_every_scheme(oldest: BrowserSession, made: Made, backend: Backend) -> None:
    folder, codes = made
    for prediction in oldest.predict(folder, backend, [{"x": np.eye(SIZE, dtype=np.float32)}] * 2, deadline_seconds=90):
        assert prediction.environment.tfjs == OLDEST
        for name, weight in codes.items():
            atol = 0.0 if backend != "webgl" else 1e-6
            np.testing.assert_allclose(prediction.outputs[name], weight.values(), rtol=0, atol=atol, err_msg=name)


def test_it_says_what_it_runs_and_that_it_has_no_webgpu(oldest: BrowserSession, made: Made) -> None:
    catalog = Sessions(lambda _: oldest).catalog(OLDEST)
    assert catalog.version == OLDEST
    for op in ("MatMul", "Conv2D"):
        assert set(catalog.backends_of(op)) == {"webgl", "wasm", "cpu"}
    with pytest.raises(BackendUnavailable, match="has no webgpu: @tensorflow/tfjs-backend-webgpu isn't there"):
        oldest.predict(made[0], "webgpu", [{"x": np.eye(SIZE, dtype=np.float32)}], deadline_seconds=90)
    assert "has no webgpu" in str(oldest.probe("webgpu").failure)


def test_the_release_before_it_does_not_run_the_initializer(before: BrowserSession, made: Made) -> None:
    with pytest.raises(BrowserJobFailed, match="Missing the following inputs"):
        before.predict(made[0], "cpu", [{"x": np.eye(SIZE, dtype=np.float32)}], deadline_seconds=90)
