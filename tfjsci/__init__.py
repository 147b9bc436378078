"""tfjsci: convert models to TensorFlow.js, run them in a real browser, and gate the result in CI.

Importing this imports neither TensorFlow nor a browser; ``tfjsci.run``, ``tfjsci.convert``, ``tfjsci.load_graph_model`` and
the others are looked up when first used.
"""

# ruff: noqa: F405 — a type checker finds what is listed in the api, and so does whoever asks for it

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tfjsci._version import __version__

if TYPE_CHECKING:
    from tfjsci.api import *  # noqa: F403

__all__ = [
    "__version__",
    "compare_models",
    "compare_results",
    "convert",
    "convert_jax",
    "convert_signatures",
    "inspect",
    "load_graph_model",
    "load_layers_model",
    "load_manifest",
    "load_results",
    "run",
]
"""What is public. Each is a function of ``tfjsci.api``."""


def __getattr__(name: str) -> Any:
    if name in __all__:
        from tfjsci import api

        return getattr(api, name)
    raise AttributeError(f"module 'tfjsci' has no attribute {name!r}")
