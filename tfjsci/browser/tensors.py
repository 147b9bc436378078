"""Arrays to what the page is sent, and back: a description in JSON, values as bytes over HTTP.

The runtime has float32, int32, bool, string and complex64; other dtypes travel in the one that carries them, and a
value that doesn't fit is refused here rather than changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tfjsci.errors import BadInputs, BrowserJobFailed

_INT32 = np.iinfo(np.int32)


def encode_inputs(
    inputs: Mapping[str, npt.NDArray[np.generic]], address: str, bodies: list[bytes]
) -> dict[str, dict[str, Any]]:
    """Describes ``inputs`` for the page; their bytes are appended to ``bodies`` and addressed ``<address>/<index>``.

    Raises ``BadInputs`` for values or dtypes that the runtime can't hold.
    """
    described: dict[str, dict[str, Any]] = {}
    for name, array in inputs.items():
        sent = _as_runtime(name, np.asarray(array))
        shape = list(sent.shape)
        if sent.dtype == object:
            described[name] = {"dtype": "string", "shape": shape, "strings": sent.reshape(-1).tolist()}
        else:
            described[name] = {"dtype": sent.dtype.name, "shape": shape, "data": f"{address}/{len(bodies)}"}
            bodies.append(sent.astype(sent.dtype.newbyteorder("<"), copy=False).tobytes())
    return described


def decode_outputs(described: Sequence[Mapping[str, Any]], body: bytes) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of one run, by signature name, in the model's order.

    Raises ``BrowserJobFailed`` when descriptions and bytes don't fit each other.
    """
    outputs: dict[str, npt.NDArray[np.generic]] = {}
    start = 0
    try:
        for output in described:
            shape = tuple(output["shape"])
            if output["dtype"] == "string":
                outputs[output["name"]] = np.array(output["strings"], dtype=object).reshape(shape)
                continue
            stop = start + output["bytes"]
            values = np.frombuffer(body[start:stop], dtype=_WIRE[output["dtype"]]).reshape(shape)
            outputs[output["name"]] = values.astype(values.dtype.newbyteorder("="))
            start = stop
    except (KeyError, TypeError, ValueError) as error:
        raise BrowserJobFailed(f"the page's outputs can't be read: {error!r}") from error
    if start != len(body):
        raise BrowserJobFailed(f"the page sent {len(body)} bytes of outputs and described {start}")
    return outputs


_WIRE: dict[str, np.dtype[Any]] = {
    "float32": np.dtype("<f4"),
    "int32": np.dtype("<i4"),
    "bool": np.dtype("?"),  # one byte each, 0 or 1
    "complex64": np.dtype("<c8"),  # the runtime interleaves real and imaginary parts
}


def _as_runtime(name: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    kind = array.dtype.kind
    if kind == "b" or array.dtype in (np.float32, np.int32):
        return array
    if kind in "iu":
        low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
        if low < _INT32.min or high > _INT32.max:
            raise BadInputs(
                f"input {name!r} ({array.dtype}) holds {low if low < _INT32.min else high}, outside of int32",
                hint="TensorFlow.js has no wider integers: keep the values within ±2147483647.",
            )
        return array.astype(np.int32)
    if kind == "f" or array.dtype.name == "bfloat16":
        with np.errstate(over="ignore"):
            narrow = array.astype(np.float32)
        if np.any(np.isinf(narrow) & ~np.isinf(array)):
            raise BadInputs(f"input {name!r} ({array.dtype}) holds values too large for float32")
        return narrow
    if kind == "c":
        with np.errstate(over="ignore"):
            paired = array.astype(np.complex64)
        if np.any(np.isinf(paired) & ~np.isinf(array)):
            raise BadInputs(f"input {name!r} ({array.dtype}) holds values too large for complex64")
        return paired
    if kind in "SUO":
        return _as_strings(name, array)
    raise BadInputs(
        f"input {name!r} is {array.dtype}, which TensorFlow.js can't be given",
        hint="It takes floats, integers, booleans, complex numbers and strings.",
    )


def _as_strings(name: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    try:
        strings = [v.decode("utf-8") if isinstance(v, bytes) else v for v in array.reshape(-1).tolist()]
    except UnicodeDecodeError as error:
        raise BadInputs(f"input {name!r} holds bytes that are not UTF-8: {error}") from error
    wrong = next((v for v in strings if not isinstance(v, str)), None)
    if wrong is not None:
        raise BadInputs(f"input {name!r} is an array of objects, one of them {type(wrong).__name__}, not only strings")
    out = np.empty(len(strings), dtype=object)
    out[:] = strings
    return out.reshape(array.shape)
