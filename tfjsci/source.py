"""What a model is given as: a path, or the address of one that lies elsewhere; and the formats that are read.

Nothing is looked up here but whether a path is there. What an address means is for whoever fetches it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

SourceFormat = Literal["auto", "keras", "h5", "saved_model", "hub", "frozen", "tfjs_graph_model", "tfjs_layers_model"]
"""What a source may be said to be; ``auto``: it is looked at."""

FORMATS: tuple[SourceFormat, ...] = get_args(SourceFormat)

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://.+", re.DOTALL)
_KAGGLE_FRAMEWORKS = frozenset({"tensorflow1", "tensorflow2", "keras"})
_KAGGLE_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A model that lies elsewhere: a URL, or a handle of Kaggle's (``owner/model/framework/variation[/version]``)."""

    text: str
    kind: Literal["url", "kaggle"]

    @property
    def name(self) -> str:
        """The address without what only says how it is fetched; for messages."""
        return self.text.partition("#")[0].partition("?")[0]

    def __str__(self) -> str:
        return self.text


Source: TypeAlias = "Path | Remote"


def parse_source(text: str | Path, *, folder: Path | None = None) -> Source:
    """A path (from ``folder``, where it is relative), or an address: with ``://``, or shaped like a Kaggle handle.

    Such a handle could be a path too: it is one where there is such a file or folder.
    """
    if isinstance(text, str) and (address := _ADDRESS.fullmatch(text)):
        if address[1].lower() == "kaggle":
            return Remote(text=text.partition("://")[2].strip("/"), kind="kaggle")
        return Remote(text=text, kind="url")
    path = Path(text) if folder is None else (folder / text).absolute()
    if isinstance(text, str) and _is_handle(text) and not os.path.lexists(path):
        return Remote(text=text, kind="kaggle")
    # "." and ".." have no name, which is what messages call a model by
    return path if path.name not in ("", "..") else path.resolve()


def _is_handle(text: str) -> bool:
    parts = text.split("/")
    return (
        len(parts) in (4, 5)
        and all(_KAGGLE_PART.fullmatch(part) for part in parts)
        and parts[2].lower() in _KAGGLE_FRAMEWORKS
        and (len(parts) == 4 or parts[4].isdigit())
    )
