"""The JSON Schema that comes with the package: the file alone, without the types that it was made from."""

from __future__ import annotations

from importlib.resources import files

SCHEMA_NAME = "tfjsci.schema.json"


def shipped_schema_text() -> str:
    """The schema; a test holds it equal to what the types give now (``script/make_docs`` writes it)."""
    return files("tfjsci.manifest").joinpath(SCHEMA_NAME).read_text("utf-8")
