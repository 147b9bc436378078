"""``--metadata key:file.json``: JSON of the user's own that goes into model.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.repeated_key import RepeatedKeyError, each_key_once

LARGEST = 16 << 20
"""Bytes of one file: it becomes part of model.json, which every visitor downloads."""


def read_metadata(given: Sequence[str]) -> dict[str, Any]:
    """Key -> what its file holds. A key ends at the first colon, so that a path may have more.

    Raises ``UsageError`` for what isn't ``KEY:FILE``, a key that is given twice, and a file that isn't JSON
    or has a key twice in one of its objects.
    """
    found: dict[str, Any] = {}
    for text in given:
        key, colon, name = text.partition(":")
        if not (key and colon and name):
            raise UsageError(
                f"{one_line(text)!r} is not KEY:FILE", hint="Write it as in labels:labels.json: a key, a file of JSON."
            )
        if key in found:
            raise UsageError(f"the metadata {one_line(key)!r} is given twice", hint="Give each key once.")
        found[key] = _read(Path(name))
    return found


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path.name} is larger than {LARGEST >> 20} MiB", hint="Serve it beside the model.")
        return json.loads(path.read_bytes(), parse_constant=_no_number, object_pairs_hook=each_key_once)
    except RepeatedKeyError as error:
        raise UsageError(f"{path.name} has '{one_line(error.key, 100)}' twice", hint="Keep one of the two.") from error
    except OSError as error:
        raise UsageError(f"{path.name} can't be read: {error.strerror or error}", hint="Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path.name} isn't JSON: {error}", hint="Metadata is a file of plain JSON.") from error


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")
