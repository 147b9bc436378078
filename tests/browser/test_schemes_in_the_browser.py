"""Weights in the schemes that the format itself knows, in the real runtime on all four backends: what the tool reckons with.

Those that an initializer unpacks are in test_packed_weights.py.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.artifact.quantize import Quantization
from tfjsci.artifact.write import write_artifact
from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.graph import Graph, indexed
from tfjsci.quantize.channels import channel_axes
from tfjsci.quantize.quantizer import stored_values
from tfjsci.quantize.scheme import NEEDING_INITIALIZER, Scheme
from tfjsci.signature import TensorSpec

pytestmark = pytest.mark.browser

SIZE = 16
SCHEMES = {
    "half": Scheme(name="float16"),
    "wide": Scheme(name="uint16"),
    "byte": Scheme(name="uint8"),
    "least": Scheme(name="uint8", ranges="least-error", rounding="nearest"),
    "few": Scheme(name="uint8", levels=16),
    "upstream_half": Scheme(name="float16", exact_upstream=True),
    "upstream_wide": Scheme(name="uint16", exact_upstream=True),
    "upstream_byte": Scheme(name="uint8", exact_upstream=True),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Graph]:
    """A weight in each scheme, in one artifact; the outputs are the products with them."""
    draft, draw = Draft(), np.random.default_rng(7)
    x = draft.input("x", (None, SIZE))
    for name in SCHEMES:
        draft.matmul(name, x, draft.const(f"{name}/kernel", draw.normal(0.1, 1, (SIZE, 24)).astype(np.float32)))
    graph: Graph = draft.graph(*SCHEMES)
    spec = TensorSpec(name="x", tensor="x:0", dtype="float32", shape=(None, SIZE))
    outputs = [TensorSpec(name=n, tensor=indexed(n), dtype="float32", shape=(None, 24)) for n in SCHEMES]
    folder = tmp_path_factory.mktemp("schemes") / "artifact"
    wanted = tuple(Quantization(scheme=scheme, include=(f"{name}/kernel",)) for name, scheme in SCHEMES.items())
    write_artifact(graph, inputs=[spec], outputs=outputs, folder=folder, quantization=wanted)
    return folder, graph


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_page_has_the_values_that_the_tool_reckons_with(
    browser_session: BrowserSession, made: tuple[Path, Graph], backend: Backend
) -> None:
    folder, graph = made
    identity = {"x": np.eye(SIZE, dtype=np.float32)}  # times a weight it is the weight
    (prediction,) = browser_session.predict(folder, backend, [identity], deadline_seconds=90)
    exactly = 0.0 if backend in ("cpu", "wasm") else 1e-6
    for name, scheme in SCHEMES.items():
        kernel = graph.constants[f"{name}/kernel"].value
        wanted = stored_values(kernel, scheme, axes=channel_axes(graph, f"{name}/kernel") or ())
        np.testing.assert_allclose(prediction.outputs[name], wanted, rtol=0, atol=exactly, err_msg=name)
        assert not np.array_equal(wanted, kernel), name  # it is quantised, and not float


def test_every_scheme_of_the_format_is_here() -> None:
    from tfjsci.dtypes import SCHEME_NAMES

    assert {each.name for each in SCHEMES.values()} == set(SCHEME_NAMES) - NEEDING_INITIALIZER
