"""An input's values as a program hands them in."""

from __future__ import annotations

from dataclasses import dataclass

from tfjsci.graph.graph import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """``values``, samples first; ``text`` is what messages call them."""

    values: Array
    text: str = "the array that was given"
