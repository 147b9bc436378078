"""From Python: the same line as the command's, with the same errors and the same results object.

One file a command; each is light to import, and imports what it needs when it is called. ``tfjsci.__all__`` lists the names.
"""

from __future__ import annotations

from tfjsci.api.browser_models import load_graph_model as load_graph_model
from tfjsci.api.browser_models import load_layers_model as load_layers_model
from tfjsci.api.comparisons import compare_models as compare_models
from tfjsci.api.comparisons import compare_results as compare_results
from tfjsci.api.conversions import convert as convert
from tfjsci.api.conversions import convert_signatures as convert_signatures
from tfjsci.api.files import load_manifest as load_manifest
from tfjsci.api.files import load_results as load_results
from tfjsci.api.inspections import inspect as inspect
from tfjsci.api.jax_functions import convert_jax as convert_jax
from tfjsci.api.runs import run as run
