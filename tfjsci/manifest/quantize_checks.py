"""What the types can't say of a quantised variant: which options a scheme has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tfjsci.dtypes import SCHEME_NAMES
from tfjsci.errors import ManifestProblem
from tfjsci.manifest.node import Node
from tfjsci.manifest.problem import Key, show_path, show_value

_UPSTREAMS = frozenset({"float16", "uint8", "uint16"})
_BYTES = frozenset({"uint8", "uint8-per-channel"})
_WHOLE = frozenset({"uint8", "uint16", "uint8-per-channel", "uint16-per-channel", "int4", "int6"})
OPTIONS: Mapping[str, frozenset[str]] = {
    "group": frozenset({"int4", "int6"}),
    "levels": _BYTES,
    "exact_upstream": _UPSTREAMS,
    "ranges": _WHOLE,
    "rounding": _WHOLE,
    "small_weights": frozenset({"uint8", "uint8-per-channel", "int4", "int6"}),
    "calibrate": _WHOLE,
}
"""The schemes that have each option."""

_UPSTREAM_SAYS: Mapping[str, str] = {
    "ranges": "how the ranges are chosen",
    "levels": "how the ranges are chosen",
    "rounding": "how codes are chosen",
    "small_weights": "what all weights are stored in",
    "calibrate": "how codes are chosen",
}
"""What ``exact_upstream`` leaves no choice about, by the option that says it, too."""


def quantize_checks(path: tuple[Key, ...], items: Sequence[Node]) -> Iterator[ManifestProblem]:
    """Every mistake of this kind in the ``quantize`` list at ``path``."""
    for position, item in enumerate(items):
        scheme = item.child("scheme")
        if scheme is not None and scheme.value in SCHEME_NAMES:
            for option, message in mistakes_of(scheme.value, _said(item)):
                node = item.child(option)
                assert node is not None
                yield _problem((*path, position, option), node, message)


def mistakes_of(scheme: object, said: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Options that the scheme hasn't got, or about which ``exact_upstream`` leaves no choice, each with what is wrong with it."""
    for option, schemes in OPTIONS.items():
        if scheme not in schemes and _wanted(said, option):
            yield option, f"{show_value(scheme)} has none: it is of {_listed(schemes)}."
    if said.get("exact_upstream") is True:
        for option, what in _UPSTREAM_SAYS.items():
            if _wanted(said, option):
                yield option, f"exact_upstream says {what}; take one of the two out."


def _said(item: Node) -> dict[str, object]:
    return {option: node.value for option in OPTIONS if (node := item.child(option)) is not None}


def _wanted(said: Mapping[str, object], option: str) -> bool:
    """Whether the option is there, and says something: ``exact_upstream: false`` doesn't, and is no mistake."""
    return option in said and said[option] is not False and said[option] != "off"


def _listed(schemes: frozenset[str]) -> str:
    names = sorted(schemes)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _problem(path: tuple[Key, ...], node: Node, message: str) -> ManifestProblem:
    return ManifestProblem(line=node.line, path=show_path(path), message=message)
