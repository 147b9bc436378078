"""One case of the survey: a small model or function, what it is fed, and which public name it is a case of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from feeds import Feed

Kind = Literal["layers", "keras_ops", "zoo", "structural"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """``build`` makes a Keras model with these inputs, or a function of as many tensors.

    ``of`` is the public name that it is a case of (``Conv2D``, ``image.resize``), empty in the zoo. With ``exported`` a
    Keras model is saved as a SavedModel, for a ``.keras`` file with code or outside parts in it is refused.
    With ``settled`` batch norms get the statistics that such inputs have, as deep nets need to keep their signal.
    """

    name: str
    kind: Kind
    of: str
    feeds: tuple[Feed, ...]
    build: Callable[[], Any]
    exported: bool = False
    settled: bool = False

    @property
    def coarse(self) -> bool:
        """Whether the original computes in half precision. The browser doesn't, so they agree in 8 or 11 bits at most."""
        return "mixed_" in self.name
