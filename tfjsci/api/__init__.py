"""From Python: the same line as the command's, with the same errors and the same results object.

One file a command; each is light to import, and imports what it needs when it is called.
"""

from __future__ import annotations

from tfjsci.api.browser_models import load_graph_model, load_layers_model
from tfjsci.api.comparisons import compare_models, compare_results
from tfjsci.api.conversions import convert, convert_signatures
from tfjsci.api.inspections import inspect
from tfjsci.api.runs import run
from tfjsci.manifest.parse import load_manifest
from tfjsci.results.store import read_results as load_results

__all__ = [
    "compare_models",
    "compare_results",
    "convert",
    "convert_signatures",
    "inspect",
    "load_graph_model",
    "load_layers_model",
    "load_manifest",
    "load_results",
    "run",
]
