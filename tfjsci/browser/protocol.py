"""What Python and the page say to each other, and what a browser session offers to the stages above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from tfjsci.dtypes import Backend

CALL = "EXECUTION"
"""Among the flags: how the graph was called, where that wasn't ``predict``. It is the model's, not the machine's."""


@dataclass(frozen=True, kw_only=True)
class BackendEnvironment:
    """Where a result was made: it travels with every result."""

    backend: Backend
    browser: str
    """Product and version, e.g. ``Chromium 156.0.8078.79``."""
    tfjs: str
    renderer: str
    """GPU renderer string (webgl, webgpu), ``wasm threaded-simd ×2`` and the like, or ``JavaScript``."""
    software: bool
    """True when a software rasteriser stands in for the GPU; always False on wasm and cpu."""
    cores: int
    """``navigator.hardwareConcurrency``."""
    flags: dict[str, str]
    """The runtime flags that change numbers or speed (float textures, SIMD, threads)."""


@dataclass(frozen=True, kw_only=True)
class BackendProbe:
    """Whether a backend really runs here (one small matmul was computed and checked), and on what."""

    backend: Backend
    environment: BackendEnvironment | None
    failure: str | None


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """Outputs by signature name, as the runtime gave them (float32, int32, bool), and where."""

    outputs: dict[str, npt.NDArray[np.generic]]
    environment: BackendEnvironment


@dataclass(frozen=True, kw_only=True)
class MemoryUse:
    """``tf.memory()``: tensors alive and their bytes."""

    tensors: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Raw milliseconds, as the page measured them; nothing is discarded here.

    ``first_inference_ms`` includes shader compilation and the weights' upload, in a fresh browser.
    Each steady sample is predict and reading the values back.
    """

    load_ms: float
    first_inference_ms: float
    warmup_ms: tuple[float, ...]
    steady_ms: tuple[float, ...]
    memory_before: MemoryUse
    """After the warm-up, before the first steady run."""
    memory_after: MemoryUse
    """After the last steady run."""
    environment: BackendEnvironment


@dataclass(frozen=True, kw_only=True)
class CustomScript:
    """A classic script that registers the custom ``ops`` in the page, where it finds ``tf``; messages call it ``name``."""

    path: Path
    name: str
    ops: tuple[str, ...]


class Session(Protocol):
    """A browser, handed in. Each call is one job in a fresh page; a job that throws, hangs or dies costs itself alone.

    ``scripts`` run before a model is loaded, unasked: whoever hands them in has made sure that they may.

    Raises ``BrowserJobFailed`` (the job), ``BackendUnavailable`` (another backend was given), ``BrowserMissing``.
    """

    def probe(self, backend: Backend) -> BackendProbe:
        """Try a backend with a small known product."""
        ...

    def describe_release(self) -> dict[str, Any]:
        """What the release runs, as it says itself: ``versions``, ``kernels`` by backend, ``ops`` by name (catalog.mjs)."""
        ...

    def predict(
        self,
        model: Path,
        backend: Backend,
        inputs: Sequence[Mapping[str, npt.NDArray[np.generic]]],
        *,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> list[Prediction]:
        """Load the artifact in folder ``model`` and run it once per entry of ``inputs`` (arrays by signature name)."""
        ...

    def intermediates(
        self,
        model: Path,
        backend: Backend,
        inputs: Mapping[str, npt.NDArray[np.generic]],
        tensors: Sequence[str],
        *,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> Prediction:
        """Load the graph model in folder ``model``, run it once, and give what nodes inside of it make.

        ``tensors`` are named as in a GraphDef, and are the names of what is given: ``conv``, ``split:1``.
        """
        ...

    def time(
        self,
        model: Path,
        backend: Backend,
        inputs: Mapping[str, npt.NDArray[np.generic]],
        *,
        warmup: int,
        runs: int,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> Timing:
        """Load time, first inference in a fresh browser, warm-up and steady runs."""
        ...

    def race(
        self,
        models: Sequence[Path],
        backend: Backend,
        inputs: Mapping[str, npt.NDArray[np.generic]],
        *,
        warmup: int,
        runs: int,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> list[Timing]:
        """Several artifacts in one page, their warm-up and steady runs interleaved (a b, b a, a b …).

        ``first_inference_ms`` is of this page, whose browser may have compiled the same shaders before.
        """
        ...

    def close(self) -> None:
        """End the browser and everything it started."""
        ...
