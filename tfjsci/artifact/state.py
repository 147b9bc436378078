"""State that is an input and an output, told to the page: ``userDefinedMetadata.state``, which it finds as ``model.metadata``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.graph.graph import Array, dtype_name

KEY = "state"


def state_metadata(state: Mapping[str, Array]) -> dict[str, Any]:
    """``{"state": {name: {dtype, shape, initial}}}``, ``initial`` being one number where all are the same, else all in a row.

    ``state`` has the values before the first call. Complex numbers and those that JSON hasn't got (NaN) have no
    ``initial``. Nothing at all of no state.
    """
    return {KEY: {name: _entry(value) for name, value in state.items()}} if state else {}


def _entry(value: Array) -> dict[str, Any]:
    dtype = dtype_name(value)
    entry: dict[str, Any] = {"dtype": RUNTIME_DTYPE.get(dtype, dtype), "shape": list(value.shape)}
    if value.dtype.kind not in "biuf" or not np.isfinite(value).all():
        return entry
    flat = value.reshape(-1).tolist()
    entry["initial"] = flat[0] if flat and all(each == flat[0] for each in flat) else flat
    return entry
