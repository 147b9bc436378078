"""The page of docs/page.md as it stands there, with the example's model: it shows the digit that it is shown."""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image

import tfjsci
from tfjsci.browser.chromium import Chromium
from tfjsci.browser.runtime import DEFAULT_VERSION, find_runtime

pytestmark = [pytest.mark.browser, pytest.mark.tensorflow]

ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "examples" / "digits"

LOOK = """
<script>
  globalThis.run = async () => {
    const answer = document.getElementById('answer');
    while (answer.value === '…') await new Promise(resolve => setTimeout(resolve, 20));
    return {answer: answer.value, backend: tf.getBackend(), left: tf.memory().numTensors};
  };
</script>
"""
"""What asks the page, in place of eyes."""


def test_the_page_of_the_docs_shows_the_digit(tmp_path: Path) -> None:
    (page,) = re.findall(
        r"^```html\n(.*?)^```", (ROOT / "docs" / "page.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    made = tfjsci.convert(DIGITS / "models" / "digits.keras", tmp_path / "model")
    runtime = find_runtime(DEFAULT_VERSION, env=os.environ)
    (tmp_path / "tfjs").mkdir()
    for name, path in runtime.files.items():
        shutil.copy(path, tmp_path / "tfjs" / name)
    assert set(re.findall(r'src="tfjs/([^"]+)"', page)) < set(runtime.files)
    (tmp_path / "index.html").write_text(page + LOOK, "utf-8")

    samples = np.load(DIGITS / "samples" / "digits.npz")
    shown = [0, 1, 2]
    seen = []
    with served(tmp_path) as origin, closing(Chromium(os.environ, logging.getLogger("page"))) as chromium:
        for number in shown:
            pixels = np.rint(samples["images"][number, :, :, 0] * 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "digit.png")
            done = chromium.run(f"{origin}/index.html", {}, what="the page", deadline_seconds=90, fresh_browser=False)
            seen.append((done["answer"], done["backend"]))
            assert done["left"] == sum(each.count for each in made.weights), "the weights, and no tensor of the page"
    assert seen == [(str(samples["labels"][number]), "wasm") for number in shown]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """As any host serves static files: our own server is stricter than the docs ask for. Nothing is kept in a cache."""

    class Handler(SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Cache-Control", "no-store")
            super().end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
