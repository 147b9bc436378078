"""Short forms, units and small rules in the manifest: how one is read, and what the JSON Schema says of it.

Each class here annotates a type of ``spec``; a ``ValueError`` that it raises is the manifest's message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from tfjsci.manifest.problem import show_value


class _Before:
    """Reads the value as it stands in the file, before its type is checked."""

    def read(self, value: Any) -> Any:
        """What the value stands for."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))


class _After:
    """Checks the value once its type is right."""

    def check(self, value: Any) -> Any:
        """The value itself, or a ``ValueError``."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))


@dataclass(frozen=True)
class Short(_Before):
    """A value that isn't a mapping counts as a mapping of one key: ``50`` is ``{default: 50}``."""

    key: str

    def read(self, value: Any) -> Any:
        """The long form."""
        return value if isinstance(value, dict) else {self.key: value}

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        long = handler(schema)
        resolved = handler.resolve_ref_schema(long)
        if self.key in resolved.get("properties", {}):
            short = resolved["properties"][self.key]
        else:
            (short,) = resolved["patternProperties"].values()
        return {"anyOf": [{key: value for key, value in short.items() if key not in ("title", "description")}, long]}


@dataclass(frozen=True)
class ShortLimit(Short):
    """The same of limits, which may be mappings themselves: ``{limit: 50, level: warn}`` is one, not several by name."""

    def read(self, value: Any) -> Any:
        """The long form."""
        return {self.key: value} if isinstance(value, dict) and "limit" in value else super().read(value)


@dataclass(frozen=True)
class ShortNumber(Short):
    """The same, where the key's value is a number: its bounds are told here, for the schema."""

    least: float | None = None
    most: float | None = None

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        bounds = {"minimum": self.least, "maximum": self.most}
        short = {"type": "number", **{name: bound for name, bound in bounds.items() if bound is not None}}
        return {"anyOf": [short, handler(schema)]}


@dataclass(frozen=True)
class Quantity(_Before):
    """A number with a unit, or a bare one. ``unit`` is the pattern of the units that ``parse`` knows."""

    what: str
    parse: Callable[[Any], float]
    unit: str
    expected: str

    def read(self, value: Any) -> float:
        """The number without its unit."""
        try:
            return self.parse(value)
        except ValueError as cause:
            raise ValueError(f"{show_value(value)} is not a {self.what}: write {self.expected}") from cause

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        bare: JsonSchemaValue = {"type": "number", "minimum": 0}
        limits = handler(schema)
        for name in ("minimum", "exclusiveMinimum"):
            if name in limits:
                bare[name] = limits[name]
        text = rf"^\s*([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*{self.unit}?\s*$"
        return {"$comment": self.what, "anyOf": [bare, {"type": "string", "pattern": text}]}


class OffIsFalse(_Before):
    """``false`` where ``off`` may stand: older YAML readers make the one out of the other."""

    def read(self, value: Any) -> Any:
        """``off`` for false."""
        return "off" if value is False else value

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"enum": [*handler(schema)["enum"], False]}


class NotBoolean(_Before):
    """A number that ``true`` isn't taken for, though Python holds it equal to 1."""

    def read(self, value: Any) -> Any:
        """The value itself."""
        if isinstance(value, bool):
            raise ValueError(f"{show_value(value)} is not a number.")
        return value


class OffOr(_Before):
    """``off`` (or ``false``) is None; anything else must be the mapping."""

    def read(self, value: Any) -> Any:
        """None, or the mapping."""
        if value is False or value == "off":
            return None
        if not isinstance(value, dict):
            raise ValueError(f"{show_value(value)} is neither off nor a mapping such as {{warmup: 3, runs: 20}}.")
        return value

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"enum": ["off", False]}]}


@dataclass(frozen=True)
class OnOr(_Before):
    """``true`` is an empty mapping, ``off`` (or ``false``) is None; anything else must be the mapping, as in ``example``."""

    example: str = "{sqnr_db: 60}"

    def read(self, value: Any) -> Any:
        """None, or the mapping."""
        if value is True:
            return {}
        if value is False or value == "off":
            return None
        if not isinstance(value, dict):
            raise ValueError(f"{show_value(value)} is neither true, off nor a mapping such as {self.example}.")
        return value

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"enum": [True, "off", False]}]}


class NamedByFunction(_Before):
    """A mapping by name, or one ``module:function`` whose function's name is the name."""

    def read(self, value: Any) -> Any:
        """The mapping."""
        return {value.rpartition(":")[2]: value} if isinstance(value, str) and ":" in value else value

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        several = handler(schema)
        (one,) = several["patternProperties"].values()
        return {"anyOf": [one["anyOf"][0], several]}


class OneOrMore(_Before):
    """A list, or its only item."""

    def read(self, value: Any) -> Any:
        """The list."""
        return value if isinstance(value, (list, dict)) else [value]

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        several = handler(schema)
        return {"anyOf": [several["items"], several]}


class Unique(_After):
    """A list that says nothing twice."""

    def check(self, value: list[Any]) -> list[Any]:
        """The list itself."""
        for position, item in enumerate(value):
            if item in value[:position]:
                raise ValueError(f"{show_value(item)} is given twice.")
        return value

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "uniqueItems": True}


class Ascending(_After):
    """A pair, the lower number first."""

    def check(self, value: list[float]) -> list[float]:
        """The pair itself."""
        low, high = value
        if not low < high:
            raise ValueError(f"{show_value(value)} is an empty range: the first number must be below the second.")
        return value
