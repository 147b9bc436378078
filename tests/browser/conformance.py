"""The conformance page: many small models, one after another on one backend, in a real browser."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from one_node_model import model_json
from op_cases import OpCase

from tfjsci.browser.chromium import Chromium
from tfjsci.browser.contract import runtime_document
from tfjsci.browser.runtime import DEFAULT_VERSION, find_runtime
from tfjsci.browser.server import PageServer
from tfjsci.dtypes import GPU_BACKENDS, Backend

HERE = Path(__file__).parent

_PAGE_SECONDS = 300


class Pages:
    """The conformance page, opened in a browser as often as it is asked for."""

    def __init__(self) -> None:
        self._server = PageServer(find_runtime(DEFAULT_VERSION, env=os.environ), logging.getLogger("conformance"))
        self._exchange = self._server.open([HERE / "conformance_page"], [])
        self._chromium = Chromium(os.environ, logging.getLogger("conformance"))

    def run(
        self,
        backend: Backend,
        cases: Sequence[OpCase],
        *,
        forward: bool = False,
        deadline_seconds: float = _PAGE_SECONDS,
    ) -> dict[str, Any]:
        """All the cases in one page: ``kernels`` of the backend, and ``results`` in the cases' order.

        ``forward`` lets the GPU backends compute small tensors on the CPU, as they do for a page that doesn't forbid it.
        """
        job = {
            "backend": backend,
            "flags": {f"{backend.upper()}_CPU_FORWARD": False} if backend in GPU_BACKENDS and not forward else {},
            "runtime": runtime_document(self._server.base, backend),
            "cases": [model_json(case) for case in cases],
        }
        address = f"{self._server.origin}{self._exchange.address}/models/0/index.html"
        what = f"{len(cases)} cases on {backend}"
        return self._chromium.run(
            address, job, what=what, deadline_seconds=deadline_seconds, fresh_browser=False, share_tab=True
        )

    def close(self) -> None:
        self._chromium.close()
        self._server.close()
