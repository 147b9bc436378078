"""An artifact, run in the browser on what was held out: how near it comes to the original model, and how large it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tfjsci.artifact.download import measure_download
from tfjsci.browser.protocol import Session
from tfjsci.compare.metrics import difference, topk_agreement
from tfjsci.dtypes import Backend
from tfjsci.errors import BrowserJobFailed

from ..trained.models import Samples
from ..trained.net import Trained

Figures = dict[str, Any]

BACKEND: Backend = "wasm"
DEADLINE_SECONDS = 120


def in_browser(session: Session, artifact: Path, net: Trained, samples: Samples) -> Figures:
    """All that :func:`figures` tells, and the ``brotli_bytes`` of model.json and all shards."""
    (found,) = session.predict(
        artifact, BACKEND, [{samples.input_name: samples.held}], deadline_seconds=DEADLINE_SECONDS
    )
    (output,) = found.outputs.values()
    return {**figures(net, samples, output), "brotli_bytes": brotli_bytes(artifact)}


def in_browser_if_it_runs(session: Session, artifact: Path, net: Trained, samples: Samples) -> Figures:
    """The same of an artifact that may be broken: ``failure`` is what the page said."""
    try:
        return in_browser(session, artifact, net, samples)
    except BrowserJobFailed as error:
        return {"failure": error.message.splitlines()[0]}


def figures(net: Trained, samples: Samples, output: npt.NDArray[np.generic]) -> Figures:
    """``sqnr_db`` against the original's outputs (null: exact); of a classifier also ``top1`` (the share of samples whose
    best class is the original's) and ``accuracy``; of an autoencoder ``mse`` against what went in."""
    found = difference([samples.reference], [output])
    assert found is not None
    told: Figures = {"sqnr_db": found.sqnr_db}
    if net.kind == "classifier":
        told["top1"] = topk_agreement(samples.reference, output, k=1) / len(output)
        told["accuracy"] = float(np.mean(np.argmax(output, axis=-1) == samples.labels))
    else:
        told["mse"] = float(np.mean(np.square(output - samples.labels)))  # type: ignore[operator]
    return told


def brotli_bytes(artifact: Path) -> int:
    """``model.json`` and all its shards."""
    document = json.loads((artifact / "model.json").read_text())
    files = ("model.json", *(name for group in document["weightsManifest"] for name in group["paths"]))
    return measure_download(artifact, files).brotli_bytes
