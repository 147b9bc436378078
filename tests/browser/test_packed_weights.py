"""Packed weights in the real runtime: bit for bit what ``values()`` says; and the loader that makes such a model as any other."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packed_models import SIZE, looping_model, packed_model

from tfjsci.artifact.loader import LOADER_NAME, loader_text
from tfjsci.browser.chromium import Chromium
from tfjsci.browser.contract import runtime_document
from tfjsci.browser.runtime import DEFAULT_VERSION, find_runtime
from tfjsci.browser.server import PageServer
from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.quantize.weight import QuantizedWeight

pytestmark = pytest.mark.browser

SLOW = pytest.mark.slow
HERE = Path(__file__).parent
IDENTITY = np.eye(SIZE, dtype=np.float32)
"""Times a weight it is the weight: what is multiplied by 0 adds nothing."""

HALF = 2.0**-10
"""Two roundings to a float of 16 bits, relatively."""

SUMS = 3 * 2.0**-12
"""Three roundings of numbers below 1 to a float of 16 bits: what such a GPU adds up where it unpacks sixteen bits itself."""

Made = tuple[Path, dict[str, QuantizedWeight]]


@pytest.fixture(scope="module")
def with_table(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("packed") / "artifact"
    _, codes, _ = packed_model(folder)
    return folder, codes


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_weights_are_what_values_says_beside_a_table(
    browser_session: BrowserSession, with_table: Made, backend: Backend
) -> None:
    folder, codes = with_table
    samples = [{"x": IDENTITY, "word": np.array(["b", "?", "a"], object)}] * 2
    for prediction in browser_session.predict(folder, backend, samples, deadline_seconds=90):
        assert prediction.outputs["found"].tolist() == [2.0, -1.0, 0.5]
        for name, weight in codes.items():
            if backend in ("cpu", "wasm"):
                np.testing.assert_array_equal(prediction.outputs[name], weight.values(), err_msg=name)
            else:
                np.testing.assert_allclose(prediction.outputs[name], weight.values(), atol=1e-6, err_msg=name)


@pytest.mark.parametrize("backend", ["wasm", *(pytest.param(b, marks=SLOW) for b in ("webgl", "webgpu", "cpu"))])
def test_weights_of_loops_and_branches(browser_session: BrowserSession, tmp_path: Path, backend: Backend) -> None:
    folder = tmp_path / "artifact"
    codes = looping_model(folder)
    x = np.random.default_rng(1).normal(0, 1, (2, SIZE)).astype(np.float32)
    wanted = x
    for branch in ("inner", "inner", "kept"):
        wanted = wanted @ codes[branch].values() @ codes["both"].values()
    wanted = wanted @ codes["both"].values() @ codes["outside"].values()
    for prediction in browser_session.predict(folder, backend, [{"x": x}] * 2, deadline_seconds=90):
        np.testing.assert_allclose(prediction.outputs["y"], wanted, rtol=1e-3, atol=1e-4)


class LoaderPage:
    """A page with the loader and a model without a table, opened as often as it is asked for."""

    def __init__(self, folder: Path) -> None:
        (folder / "loader").mkdir()
        (folder / "loader" / LOADER_NAME).write_text(loader_text(), "utf-8")
        _, self.codes, _ = packed_model(folder / "model", table=False)
        log = logging.getLogger("loader")
        self._server = PageServer(find_runtime(DEFAULT_VERSION, env=os.environ), log)
        self._address = self._server.open([HERE / "loader_page", folder / "model", folder / "loader"], []).address
        self._chromium = Chromium(os.environ, log)

    def run(self, backend: Backend, **flags: bool) -> dict[str, Any]:
        job = {
            "backend": backend,
            "runtime": runtime_document(self._server.base, backend),
            "flags": flags,
            "model": f"{self._address}/models/1/model.json",
            "loader": f"{self._address}/models/2/{LOADER_NAME}",
            "x": IDENTITY.tolist(),
        }
        address = f"{self._server.origin}{self._address}/models/0/index.html"
        done = self._chromium.run(address, job, what=backend, deadline_seconds=90, fresh_browser=False)
        assert "failure" not in done, done["failure"]
        return done

    def close(self) -> None:
        self._chromium.close()
        self._server.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoaderPage]:
    opened = LoaderPage(tmp_path_factory.mktemp("loader"))
    yield opened
    opened.close()


FLAGS: dict[str, dict[str, bool]] = {"webgl-f16": {"WEBGL_FORCE_F16_TEXTURES": True}}


@pytest.mark.parametrize(
    "where", ["webgl-f16", "wasm", *(pytest.param(b, marks=SLOW) for b in ("webgl", "webgpu", "cpu"))]
)
def test_with_the_loader_it_is_a_model_as_any_other(page: LoaderPage, where: str) -> None:
    backend: Any = where.removesuffix("-f16")
    flags = FLAGS.get(where, {})
    done = page.run(backend, **flags)
    found, bare = done["loader"], done["bare"]
    wanted = np.concatenate([weight.values().ravel() for weight in page.codes.values()])
    close = {"rtol": HALF, "atol": 1e-4} if flags else {"rtol": 0, "atol": 0 if backend in ("cpu", "wasm") else 1e-6}
    # in tidy, again by an array, by a map, when that map is gone, asynchronously; and from IndexedDB
    assert len(found["predicted"]) == 5
    for values in (*found["predicted"], found["fromIndexedDb"]):
        np.testing.assert_allclose(values, wanted, **close)
    np.testing.assert_allclose(bare["fromIndexedDb"], wanted, **(close | {"atol": SUMS} if flags else close))
    assert (found["inputs"], found["inputNodes"], found["keys"]) == (["x"], ["x"], ["x"])
    assert (found["isGraphModel"], found["grown"], found["left"]) == (True, 0, 0)
    # what the docs say of a page without it
    assert bare["second"] == bare["afterMapIsDisposed"] == "Cannot read properties of undefined (reading 'backend')"
    assert bare["inTidy"] is None
    assert (bare["inputs"], bare["keys"]) == (1 + len(page.codes), 1 + len(page.codes))
    assert found["bytes"] == 4 * sum(weight.codes.size for weight in page.codes.values()) < bare["bytes"]
