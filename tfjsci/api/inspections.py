"""What a model file says of itself, from Python: what ``tfjsci inspect`` shows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfjsci.inspection.inspection import Inspection


def inspect(path: str | os.PathLike[str], *, input_format: str | None = None) -> Inspection:
    """What a model file says of itself: signatures, ops, layers, weights; nothing of it is run.

    ``path`` is that of any format that is read or written here. Raises ``MissingModel``, ``UnknownFormat``, ``CorruptModel``
    and other ``ModelError`` kinds.
    """
    from tfjsci.inspection.look import look
    from tfjsci.source import parse_source

    return look(parse_source(path if isinstance(path, str) else Path(path)), input_format or "auto")
