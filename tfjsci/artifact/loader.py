"""The loader for web pages, one ES module: it comes with the package, and users put it among their own files."""

from __future__ import annotations

from importlib.resources import files

LOADER_NAME = "tfjsci-loader.mjs"


def loader_text() -> str:
    """The module, UTF-8 text."""
    return files("tfjsci.artifact").joinpath(LOADER_NAME).read_text("utf-8")
