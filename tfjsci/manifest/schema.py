"""The manifest's JSON Schema, generated from the types, so that editors complete and check what the parser accepts."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from tfjsci.manifest.spec import ManifestFile


def generate_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of the types as they are now."""
    body = ManifestFile.model_json_schema(schema_generator=_Plain)
    body.pop("title", None)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": "tfjsci manifest",
        **_tidy(body),
        "description": "What tfjsci converts, runs and judges.",
    }


def schema_text() -> str:
    """The schema as a file."""
    return json.dumps(generate_schema(), indent=2, ensure_ascii=False) + "\n"


class _Plain(GenerateJsonSchema):
    """As pydantic does it, but without titles that repeat the key, without null, and with named keys as properties."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  # the parent's signature
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        # None means "not said"; an empty value in the file is a mistake
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        default = schema.get("default")
        if default is None or isinstance(default, BaseModel):
            return inner
        return {**inner, "default": default}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        mapping = super().dict_schema(schema)
        names = mapping.pop("propertyNames", {}).get("enum")
        if names:
            # editors offer properties, but not names out of a rule for names
            value = mapping.pop("additionalProperties")
            mapping["properties"] = dict.fromkeys(names, value)
        mapping["additionalProperties"] = False
        return mapping


def _tidy(schema: Any) -> Any:
    """Descriptions on one line; no titles."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {key: _tidy(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    if isinstance(tidied.get("description"), str):
        tidied["description"] = " ".join(tidied["description"].split())
    return tidied
