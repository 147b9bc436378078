"""``userDefinedMetadata`` of a TF.js model: what a page finds as ``model.metadata``, and what the runtime reads in it itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEY = "userDefinedMetadata"

STRUCTURED = "structuredOutputKeys"

RESERVED = frozenset({"signature", STRUCTURED})
"""Keys that the runtime reads itself (tfjs-converter's ``graph_model``, 4.22.0)."""


def of_the_users(document: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata in ``model.json`` that means something to the page alone: it goes on into whatever is made of the model."""
    metadata = document.get(KEY)
    own = metadata if isinstance(metadata, Mapping) else {}
    return {str(key): value for key, value in own.items() if key not in RESERVED}
