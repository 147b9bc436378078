"""What the types refuse, in plain sentences: pydantic's findings with lines, key paths and "did you mean"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tfjsci.errors import ManifestProblem
from tfjsci.manifest.node import Node
from tfjsci.manifest.problem import Key, show_path, show_value
from tfjsci.manifest.spec import ONLY_IN_MODELS, ManifestFile
from tfjsci.manifest.values import FUNCTION_PATTERN, REF_PATTERN
from tfjsci.nearest import did_you_mean

_KEY = "[key]"
"""pydantic's mark at the end of a path whose key, not its value, is wrong."""


def validation_problems(error: ValidationError, root: Node) -> Iterator[ManifestProblem]:
    """One problem for each finding; ``root`` is the tree that was validated."""
    for finding in error.errors(include_url=False):
        path = _as_written(tuple(step for step in finding["loc"] if step != _KEY), root)
        if finding["type"] == "extra_forbidden" or finding["loc"][-1:] == (_KEY,):
            yield _unknown_key(finding, path, root)
            continue
        there, node = root.deepest(path)
        if finding["type"] == "missing":
            message = f"the key {show_value(str(path[-1]))} is missing."
        elif node.value is None:
            continue  # told by the cross checks, for keys that could do without a value, too
        elif finding["type"] == "string_type" and len(there) < len(path) and isinstance(node.plain(), list):
            # the short form of a mapping: what stands here is taken for the one key that the path has more
            message = f"{show_value(node.plain())} is a list; text or a mapping belongs here."
        else:
            message = _SENTENCES.get(finding["type"], _as_pydantic_says)(node.plain(), finding)
        yield ManifestProblem(line=node.line, path=show_path(there), message=message)


def _as_written(path: tuple[Key, ...], root: Node) -> tuple[Key, ...]:
    """The path without the ``default`` that a limit with a level, ``{limit: 60, level: warn}``, is short for."""
    there, node = root.deepest(path)
    rest = path[len(there) :]
    return (*there, *rest[1:]) if rest[:1] == ("default",) and node.child("limit") is not None else path


def _unknown_key(finding: ErrorDetails, path: tuple[Key, ...], root: Node) -> ManifestProblem:
    *parent, key = path
    _, node = root.deepest(path)
    known = _known_keys(tuple(parent))
    if parent == ["defaults"] and key in ONLY_IN_MODELS:
        message, hint = f"{show_value(key)} belongs to a model, not to the defaults.", None
    elif finding["type"] == "string_pattern_mismatch":
        message, hint = f"the key {show_value(key)} is no name: {_name_rule(finding)}.", None
    else:
        message = f"unknown key {show_value(key)}."
        near = did_you_mean(str(key)[:100], known).strip()
        hint = near or (f"Known here: {', '.join(known)}." if known else None)
    return ManifestProblem(line=node.line, path=show_path(parent), message=message, hint=hint)


def _known_keys(path: Sequence[Key]) -> list[str]:
    """The keys that may stand at ``path``, from the types; none where any may."""
    annotation: Any = ManifestFile
    for step in path:
        annotation = _below(annotation, step)
    model = _first(annotation, lambda found: isinstance(found, type) and issubclass(found, BaseModel))
    if model is not None:
        return sorted(model.model_fields)
    mapping = _first(annotation, lambda found: getattr(found, "__origin__", None) is dict)
    return [name for name in get_args(get_args(mapping)[0]) if isinstance(name, str)] if mapping is not None else []


def _below(annotation: Any, step: Key) -> Any:
    """The type of what stands under ``step`` in a value of type ``annotation``."""
    model = _first(annotation, lambda found: isinstance(found, type) and issubclass(found, BaseModel))
    if model is not None:
        field = model.model_fields.get(str(step))
        return field.annotation if field is not None else None
    container = _first(annotation, lambda found: getattr(found, "__origin__", None) in (dict, list))
    return get_args(container)[-1] if container is not None else None


def _first(annotation: Any, wanted: Callable[[Any], bool]) -> Any:
    """The first type inside unions and annotations that is wanted, or None."""
    if wanted(annotation):
        return annotation
    if getattr(annotation, "__origin__", None) in (dict, list):
        return None
    return next((found for part in get_args(annotation) if (found := _first(part, wanted)) is not None), None)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "text", int: "a number", float: "a number", list: "a list", dict: "a mapping"}
    return kinds[type(value)]


def _not(expected: str) -> Callable[[Any, ErrorDetails], str]:
    return lambda value, _: f"{show_value(value)} is {_kind(value)}; {expected} belongs here."


def _text(value: Any, _: ErrorDetails) -> str:
    if isinstance(value, (bool, int, float)):
        return f'{show_value(value)} is {_kind(value)}, not text; write it in quotes: "{show_value(value)}".'
    return f"{show_value(value)} is {_kind(value)}; text belongs here."


def _whole(value: Any, _: ErrorDetails) -> str:
    return f"{show_value(value)} is not a whole number."


def _boolean(value: Any, _: ErrorDetails) -> str:
    meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(value).lower())
    return f"{show_value(value)} is neither true nor false." + (f" Did you mean {meant}?" if meant else "")


def _literal(value: Any, finding: ErrorDetails) -> str:
    allowed = [part.strip("'") for part in finding["ctx"]["expected"].replace(" or ", ", ").split(", ")]
    if len(allowed) == 1:
        return f"{show_value(value)} is not {allowed[0]}, the only version that this tfjsci reads."
    off = "off" in allowed and str(value).lower() in ("no", "none", "false", "never", "ignore", "0")
    near = ' Did you mean "off"?' if off else did_you_mean(str(value).lower()[:100], allowed)
    return f"{show_value(value)} is not one of {', '.join(allowed)}.{near}"


def _bound(words: str, name: str) -> Callable[[Any, ErrorDetails], str]:
    return lambda value, finding: f"{show_value(value)} is {words} {finding['ctx'][name]:g}."


def _length(value: Any, finding: ErrorDetails) -> str:
    context: Mapping[str, Any] = finding["ctx"]
    if isinstance(value, str):
        return "the text is empty."
    if not value:
        return "the list is empty; at least one belongs here."
    wanted = context.get("min_length", context.get("max_length"))
    return f"{show_value(value)} should have {wanted} values, not {len(value)}."


_RULES = {
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$": "1 to 100 letters, digits and . _ -, a letter or digit first",
    r"^[0-9]+\.[0-9]+\.[0-9]+$": "three numbers such as 4.22.0",
    r"^[A-Za-z_][A-Za-z0-9_.>]{0,99}$": "1 to 100 letters, digits and _ . >, a letter or _ first",
    r"^[^\x00-\x1f\x7f]*\.js$": "a path that ends in .js",
    r"^[^\x00-\x1f\x7f]*\.(np[yz]|csv|jsonl)$": "a path that ends in .npz, .npy, .csv or .jsonl",
    FUNCTION_PATTERN: "a module and a function such as metrics:iou",
    r"^[^\x00-\x1f\x7f]+$": "text without control characters",
    REF_PATTERN: "a branch, tag or commit such as origin/main",
}
"""The patterns of ``values``, in words."""


def _name_rule(finding: ErrorDetails) -> str:
    return _RULES[finding["ctx"]["pattern"]]


def _pattern(value: Any, finding: ErrorDetails) -> str:
    if isinstance(value, dict):  # an input file's long form without its own line
        value = finding["input"]
    return f"{show_value(value)} should be {_name_rule(finding)}."


def _own(_: Any, finding: ErrorDetails) -> str:
    return str(finding["ctx"]["error"])


def _as_pydantic_says(value: Any, finding: ErrorDetails) -> str:
    return f"{show_value(value)}: {finding['msg']}."


_SENTENCES: dict[str, Callable[[Any, ErrorDetails], str]] = {
    "string_type": _text,
    "int_type": _whole,
    "int_from_float": _whole,
    "float_type": _not("a number"),
    "finite_number": lambda value, _: f"{show_value(value)} is not a finite number.",
    "bool_type": _boolean,
    "dict_type": _not("a mapping (key: value)"),
    "model_type": _not("a mapping (key: value)"),
    "list_type": _not("a list"),
    "literal_error": _literal,
    "string_pattern_mismatch": _pattern,
    "string_too_short": _length,
    "too_short": _length,
    "too_long": _length,
    "greater_than": _bound("not above", "gt"),
    "greater_than_equal": _bound("below", "ge"),
    "less_than_equal": _bound("above", "le"),
    "value_error": _own,
}
