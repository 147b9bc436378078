"""The one place that imports TensorFlow: late, with its switches set before, and a clear error when it isn't there."""

from __future__ import annotations

import importlib
import os
from functools import cache
from typing import Any

from tfjsci.errors import TensorFlowMissing

SWITCHES = {
    # oneDNN's graph rewrites fuse activations that the TensorFlow.js runtime can't run, and change the reference's numbers
    "TF_ENABLE_ONEDNN_OPTS": "0",
    # INFO and WARNING lines of the C++ side say nothing about the user's model
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # conversion and reference run on the CPU: a GPU would only be reserved
    "CUDA_VISIBLE_DEVICES": "-1",
    # Keras 3 reads this at import; another backend's models can't be traced by TensorFlow
    "KERAS_BACKEND": "tensorflow",
}


@cache
def tensorflow() -> Any:
    """The ``tensorflow`` module. Raises ``TensorFlowMissing`` when it can't be imported."""
    for name, value in SWITCHES.items():
        os.environ[name] = value
    try:
        module = importlib.import_module("tensorflow")
    except ImportError as error:
        raise TensorFlowMissing(
            f"TensorFlow can't be imported: {error}", hint="Install it: pip install 'tensorflow>=2.16,<2.22'"
        ) from error
    module.get_logger().setLevel("ERROR")
    return module


@cache
def keras() -> Any:
    """The ``keras`` module (Keras 3). Raises ``TensorFlowMissing`` when it isn't there or is Keras 2."""
    tensorflow()
    try:
        module = importlib.import_module("keras")
    except ImportError as error:
        raise TensorFlowMissing(
            f"Keras can't be imported: {error}", hint="Install it: pip install 'keras>=3.3'"
        ) from error
    if int(str(module.__version__).partition(".")[0]) < 3:
        raise TensorFlowMissing(
            f"Keras {module.__version__} is installed, tfjsci needs Keras 3",
            hint="Upgrade it: pip install 'keras>=3.3'",
        )
    return module
