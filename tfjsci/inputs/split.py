"""How the arrays of files become inference calls: which axis counts the samples, and how many of them go at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tfjsci.errors import BadInputs
from tfjsci.graph.graph import Shape

MAX_ROWS = 32
"""Samples per call when the model leaves it open: a batch of 224² images still fits a browser's memory."""

Role = Literal["rows", "calls", "whole"]
"""What an array's first axis is: samples of a dynamic batch, one entry per call, or no axis of samples at all."""


@dataclass(frozen=True, kw_only=True)
class Arranged:
    """One file's values. For ``calls`` the first axis has one entry per call, whatever the file looked like."""

    role: Role
    values: npt.NDArray[np.generic]


@dataclass(frozen=True, kw_only=True)
class Split:
    """Which samples go into each call; ``rows`` has a slice per call, or is None when no file has dynamic rows."""

    calls: int
    rows: tuple[slice, ...] | None

    def take(self, arranged: Arranged, call: int) -> npt.NDArray[np.generic]:
        """The part of ``arranged`` that belongs to this call."""
        if arranged.role == "whole":
            return arranged.values
        if arranged.role == "calls":
            return np.asarray(arranged.values[call])
        assert self.rows is not None
        return arranged.values[self.rows[call]]


def arrange(values: npt.NDArray[np.generic], *, shape: Shape, where: str) -> Arranged:
    """Hold an array against the input's shape (None: any rank) and find the axis of samples.

    A dynamic first dimension takes any number of samples. A fixed shape takes exactly itself (then every call gets the
    same), a multiple of its first dimension, or one axis more in front: one entry per call.
    ``where`` opens the message. Raises ``BadInputs``.
    """
    if values.size == 0:
        raise BadInputs(f"{where} is empty: its shape is {show_shape(values.shape)}", hint="Save at least one sample.")
    if shape is None or (shape and shape[0] is None and _matches(values.shape, shape)):
        return Arranged(role="rows" if values.ndim else "whole", values=values)
    if _matches(values.shape, shape):
        return Arranged(role="whole", values=values)
    if shape and shape[0] is not None:
        calls, rest = divmod(values.shape[0], shape[0]) if values.ndim else (0, 0)
        if not rest and _matches(values.shape[1:], shape[1:]):
            return Arranged(role="calls", values=values.reshape(calls, shape[0], *values.shape[1:]))
    if (not shape or shape[0] is not None) and values.ndim and _matches(values.shape[1:], shape):
        return Arranged(role="calls", values=values)
    raise BadInputs(
        f"{where} has shape {show_shape(values.shape)}, the model wants {show_shape(shape)}",
        hint="The first axis counts the samples; the others must be the model's. "
        "A dimension shown as ? may have any size.",
    )


def split(arranged: Mapping[str, Arranged], samples_per_call: int = MAX_ROWS) -> Split:
    """Calls for all inputs together; they must agree on how many samples there are. Raises ``BadInputs``.

    Of a dynamic batch at most ``samples_per_call`` samples go together.
    """
    calls = _agreed({n: len(a.values) for n, a in arranged.items() if a.role == "calls"}, "inferences")
    rows = _agreed({n: len(a.values) for n, a in arranged.items() if a.role == "rows"}, "samples")
    if rows is None:
        return Split(calls=calls or 1, rows=None)
    if calls is None:
        starts: Sequence[int] = range(0, rows, samples_per_call)
        return Split(calls=len(starts), rows=tuple(slice(s, min(s + samples_per_call, rows)) for s in starts))
    if rows % calls:
        raise BadInputs(
            f"the inputs don't agree: {rows} samples can't be shared out among {calls} inferences",
            hint="An input of fixed shape sets the number of inferences; the others need a multiple of it.",
        )
    size = rows // calls
    return Split(calls=calls, rows=tuple(slice(s, s + size) for s in range(0, rows, size)))


def show_shape(shape: Shape) -> str:
    """``[?, 8, 8, 1]``: a dimension that is dynamic is a question mark."""
    return "of unknown rank" if shape is None else "[" + ", ".join("?" if s is None else str(s) for s in shape) + "]"


def _agreed(lengths: Mapping[str, int], what: str) -> int | None:
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name!r} has {length}" for name, length in lengths.items())
        raise BadInputs(f"the inputs don't agree on the number of {what}: {told}", hint="Sample n is entry n of each.")
    return next(iter(lengths.values()), None)


def _matches(have: tuple[int, ...], want: tuple[int | None, ...]) -> bool:
    return len(have) == len(want) and all(w is None or h == w for h, w in zip(have, want, strict=True))
