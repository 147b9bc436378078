"""Values of one dtype for an input of another: cast only where nothing is lost that the model could see."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfjsci.catalog.exactness import WEBGL_INTEGERS, farthest
from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.errors import BadInputs
from tfjsci.graph.graph import dtype_name

FEEDABLE = frozenset(RUNTIME_DTYPE) - {"bfloat16"}
"""What an input can be. numpy has no bfloat16 of its own, so no file and no generator can make one."""

_INT32 = np.iinfo(np.int32)


def require_feedable(name: str, dtype: str) -> None:
    """Refuse an input whose dtype can't be brought into TensorFlow.js. Raises ``BadInputs``."""
    if dtype not in FEEDABLE:
        raise BadInputs(
            f"input {name!r} is of dtype {dtype}, which can't be fed to TensorFlow.js",
            hint="Give the model a float32 or int32 input and cast inside it.",
        )


def fit_dtype(values: npt.NDArray[np.generic], *, dtype: str, where: str) -> npt.NDArray[np.generic]:
    """``values`` as ``dtype``, the signature's; the same shape.

    Floats become floats, integers and bools any number, strings strings. Integers must fit; so must 64-bit ones into
    the int32 that TensorFlow.js holds them as. ``where`` opens the message. Raises ``BadInputs``.
    """
    have = dtype_name(values)
    if have == "string" or dtype == "string":
        if have != dtype:
            raise _refused(where, have, dtype, "only strings go with strings")
        return values
    target = np.dtype(dtype)
    if target.kind == "b" and values.dtype.kind != "b":
        raise _refused(where, have, dtype, "what is true isn't evident")
    if target.kind in "iu":
        if values.dtype.kind not in "biu":
            raise _refused(where, have, dtype, "fractions would be lost")
        _require_in_range(values, target, where)
    if target.kind == "f" and values.dtype.kind == "c":
        raise _refused(where, have, dtype, "imaginary parts would be lost")
    with np.errstate(over="ignore"):  # looked for below, and told with its place
        fitted: npt.NDArray[np.generic] = values.astype(target)
    if target.kind in "fc" and np.isfinite(values).sum() != np.isfinite(fitted).sum():
        raise BadInputs(f"{where} holds {have} values that are infinite as {dtype}", hint="Scale them before saving.")
    return fitted


def notes_on(name: str, values: npt.NDArray[np.generic]) -> tuple[str, ...]:
    """What the reader should know of values: NaN and infinities are fed as they are, but rarely meant; webgl rounds integers."""
    number = farthest(values)
    if number is not None and abs(number) > WEBGL_INTEGERS:
        return (f"input {name!r} holds {number}: webgl keeps whole numbers in floats, exact to ±{WEBGL_INTEGERS}",)
    if values.dtype.kind not in "fc":
        return ()
    counts = {"NaN": int(np.isnan(values).sum()), "infinite": int(np.isinf(values).sum())}
    odd = [f"{count} {what}" for what, count in counts.items() if count]
    return (f"input {name!r} holds {' and '.join(odd)} of {values.size} values",) if odd else ()


def _require_in_range(
    values: npt.NDArray[np.generic], target: np.dtype[np.signedinteger | np.unsignedinteger], where: str
) -> None:
    if values.dtype.kind == "b" or values.size == 0:
        return
    info = np.iinfo(target)
    smallest, largest = max(info.min, _INT32.min), min(info.max, _INT32.max)
    least, most = int(values.min()), int(values.max())
    if least < smallest or most > largest:
        held = target.name if info.bits <= 32 else f"{target.name} (int32 in TensorFlow.js)"
        raise BadInputs(
            f"{where} holds integers from {least} to {most}; {held} goes from {smallest} to {largest}",
            hint="Map the values into that range, in the file and in the model.",
        )


def _refused(where: str, have: str, dtype: str, why: str) -> BadInputs:
    return BadInputs(
        f"{where} is {have}, the model wants {dtype}; that isn't cast, because {why}",
        hint=f"Save it as {dtype}: numpy.asarray(values, dtype={dtype if dtype != 'string' else 'str'!r}).",
    )
