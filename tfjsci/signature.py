"""One input or output of a model, as its signature tells it: the name that loaders, artifacts and input files share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TensorSpec:
    """One input or output of the signature, under the model's own name, in the model's own order.

    ``tensor`` is its name in the graph (``"Identity:0"``); ``dtype`` the original's, by numpy's name; a dimension
    that is dynamic is None.
    """

    name: str
    tensor: str
    dtype: str
    shape: tuple[int | None, ...] | None
