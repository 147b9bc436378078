"""What the types can't say of variants of several schemes, given (``mixed``) or searched for (``auto``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tfjsci.errors import ManifestProblem
from tfjsci.manifest.gates import THRESHOLDS
from tfjsci.manifest.node import Node
from tfjsci.manifest.problem import Key, show_path
from tfjsci.manifest.quantize_checks import OPTIONS, quantize_checks
from tfjsci.manifest.quantize_types import Auto

KINDS = ("scheme", "mixed", "auto")
"""What an entry of ``quantize`` is one of."""

GOALS = tuple(gate for gate in THRESHOLDS if gate in Auto.model_fields)


def mixed_checks(path: tuple[Key, ...], items: Sequence[Node]) -> Iterator[ManifestProblem]:
    """Every mistake of this kind in the ``quantize`` list at ``path``."""
    for position, item in enumerate(items):
        if not isinstance(item.value, dict):
            continue
        here = (*path, position)
        given = [kind for kind in KINDS if item.child(kind) is not None]
        if not given:
            yield _problem(here, item, "how is it quantised? One of scheme, mixed and auto belongs here.")
        elif len(given) > 1:
            yield _problem(here, item, f"{' and '.join(given)}: a variant has one of them.")
        elif given != ["scheme"]:
            yield from _options(here, item, given[0])
        parts = item.child("mixed")
        if parts is not None and isinstance(parts.value, tuple):
            yield from quantize_checks((*here, "mixed"), parts.value)
        auto = item.child("auto")
        if auto is not None and isinstance(auto.value, dict) and not any(auto.child(goal) for goal in GOALS):
            yield _problem(
                (*here, "auto"), auto, f"what is it to meet? At least one of {', '.join(GOALS)} belongs here."
            )


def default_name(item: Node) -> Node | None:
    """What a variant without a scheme is called if it isn't named."""
    return next((Node(kind, item.line) for kind in ("auto", "mixed") if item.child(kind) is not None), None)


def _options(path: tuple[Key, ...], item: Node, kind: str) -> Iterator[ManifestProblem]:
    where = "each part has its own" if kind == "mixed" else "auto chooses them"
    for key in (*OPTIONS, *(("include", "exclude") if kind == "mixed" else ())):
        if (node := item.child(key)) is not None:
            yield _problem((*path, key), node, f"this belongs to one scheme: {where}.")


def _problem(path: tuple[Key, ...], node: Node, message: str) -> ManifestProblem:
    return ManifestProblem(line=node.line, path=show_path(path), message=message)
