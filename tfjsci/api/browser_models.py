"""Converted models, loaded to be run in a real browser from Python."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import UsageError

if TYPE_CHECKING:
    from tfjsci.browser.protocol import Session
    from tfjsci.browser_model import BrowserModel, Kind


def load_graph_model(
    path: str | os.PathLike[str],
    backend: Backend = "webgl",
    *,
    session: Session | None = None,
    deadline_seconds: float = 120.0,
) -> BrowserModel:
    """Load a graph model to run it in a real browser on ``backend``.

        with tfjsci.load_graph_model("web/model", backend="wasm") as model:
            scores = model.predict(images)["scores"]

    ``path`` is the folder with model.json, or that file. The browser starts with the first prediction, each of which has
    ``deadline_seconds``; a ``session`` that is handed in is shared, and stays open.
    Raises ``MissingModel``, ``CorruptModel``, ``UsageError`` for a layers model, and ``RuntimeMissing``.
    """
    return _loaded(path, "graph-model", backend, session, deadline_seconds)


def load_layers_model(
    path: str | os.PathLike[str],
    backend: Backend = "webgl",
    *,
    session: Session | None = None,
    deadline_seconds: float = 120.0,
) -> BrowserModel:
    """Load a layers model to run it in a real browser on ``backend``: as :func:`load_graph_model`."""
    return _loaded(path, "layers-model", backend, session, deadline_seconds)


def _loaded(
    path: str | os.PathLike[str], kind: Kind, backend: Backend, session: Session | None, deadline_seconds: float
) -> BrowserModel:
    from tfjsci.browser.session import BrowserSession
    from tfjsci.browser_model import BrowserModel

    if backend not in BACKENDS:
        raise UsageError(f"{backend!r} is not one of {', '.join(BACKENDS)}", hint="Choose one of these backends.")
    used = session or BrowserSession()
    try:
        return BrowserModel(
            Path(path),
            kind=kind,
            backend=backend,
            session=used,
            owns_session=session is None,
            deadline_seconds=deadline_seconds,
        )
    except BaseException:
        if session is None:
            used.close()
        raise
