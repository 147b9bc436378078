"""What lies where a model should, and is something else by its first bytes: a Git LFS pointer, a web page."""

from __future__ import annotations

import codecs

from tfjsci.errors import CorruptModel

HEAD_BYTES = 256
"""So many of a file are enough to tell."""

_LFS_POINTER = b"version https://git-lfs."
_PAGES = (b"<!doctype html", b"<html")


def refuse_mistaken(head: bytes, name: str) -> None:
    """Raises ``CorruptModel`` for the file ``name`` that begins with ``head``, where it is no model but what stands for one."""
    if head.startswith(_LFS_POINTER):
        raise CorruptModel(
            f"{name} is a Git LFS pointer, not the model itself",
            hint="Fetch the content: git lfs pull (in a workflow, lfs: true of actions/checkout).",
        )
    if head.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_PAGES):
        raise CorruptModel(
            f"{name} is a web page (HTML), not the model itself",
            hint="Fetch the file, not the page that shows it or says why it isn't there (of a hosted repository: its raw "
            "address).",
        )
