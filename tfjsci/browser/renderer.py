"""Is it a GPU, or a program that stands in for one? Told from the renderer's own name, never from the flags."""

from __future__ import annotations

import re

from tfjsci.dtypes import GPU_BACKENDS, Backend

_SOFTWARE = re.compile(
    r"swiftshader|llvmpipe|lavapipe|softpipe|swrast|software|microsoft basic render|\bwarp\b|mesa offscreen|\bcpu\b",
    re.IGNORECASE,
)
"""SwiftShader (Chromium's own), Mesa's rasterisers, Windows' Basic Render Driver and WARP, and those that say so."""


def is_software(backend: Backend, renderer: str) -> bool:
    """Whether ``renderer`` rasterises on the CPU. False on wasm and cpu, which claim no GPU."""
    return backend in GPU_BACKENDS and _SOFTWARE.search(renderer) is not None
