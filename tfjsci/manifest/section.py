"""What the types of the manifest have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A mapping of the manifest: unknown keys are mistakes, and nothing is taken for another type.

    The docstring under a field is its description in the JSON Schema and in docs/manifest.md.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
