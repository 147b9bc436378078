"""TensorFlow as ``tf`` in the modules that declare one, so that the models in them read as usual."""

from __future__ import annotations

import pytest

from tfjsci.graph.tensorflow import tensorflow


@pytest.fixture(scope="module", autouse=True)
def _tensorflow(request: pytest.FixtureRequest) -> None:
    """Sets a module's ``tf: Any = None`` when its first test runs, with TensorFlow's switches set before."""
    if hasattr(request.module, "tf"):
        request.module.tf = tensorflow()
