"""The tree of a YAML text, from PyYAML's events: they make no objects, don't recurse, and know their lines.

Scalars follow YAML 1.2's core schema, as editors do: ``1e-4`` is a number and ``off``, ``no`` and ``2024-01-01`` are
text, where PyYAML's 1.1 would make text, false, false and a date of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from tfjsci.errors import ManifestProblem
from tfjsci.manifest.node import Node, Scalar
from tfjsci.manifest.problem import Key, show_path, show_value

MOST_NODES = 100_000
"""Keys and values, each alias counted as what it stands for: ten aliases of ten aliases … grow past any memory."""
DEEPEST = 32
"""Levels of nesting; the deepest key of a manifest is at eight."""


class RefusedError(Exception):
    """Reading can't go on: what is wrong, where."""

    def __init__(self, line: int, message: str, path: str = "") -> None:
        super().__init__(message)
        self.line, self.message, self.path = line, message, path


class Composer:
    """Builds the tree of one text.

    ``problems`` are those that reading goes on after; ``RefusedError`` and PyYAML's errors end it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[ManifestProblem] = []
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.count = 0

    def document(self) -> Node | None:
        """The only document's root, or None of an empty file."""
        self.events: Iterator[yaml.Event] = iter(yaml.parse(self.text, Loader=yaml.SafeLoader))
        root: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise RefusedError(_line(event), "a second document (---) starts here; a manifest is one.")
            elif not isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)):
                root = self.node(event, ())
        return root

    def node(self, event: yaml.Event, path: tuple[Key, ...]) -> Node:
        """The node that starts with ``event``."""
        line = _line(event)
        if len(path) > DEEPEST:
            raise RefusedError(line, f"nested deeper than {DEEPEST} levels, which no manifest is.")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, line, path)
        assert isinstance(event, (yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent))
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            message = f"tags such as {show_value(tag)} are not read in a manifest; take it out."
            self.problems.append(ManifestProblem(line=line, path=show_path(path), message=message))
        before = self.count
        self.counted(1, line)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node = Node(_scalar(event), line)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Node(tuple(self.items(path)), line)
        else:
            node = Node(self.mapping(path), line)
        if event.anchor is not None:
            self.anchors[event.anchor] = node, self.count - before
        return node

    def alias(self, event: yaml.AliasEvent, line: int, path: tuple[Key, ...]) -> Node:
        """What an alias stands for, at the alias's own line."""
        name = f"*{event.anchor}"
        if event.anchor not in self.anchors:
            raise RefusedError(line, f"the alias {show_value(name)} stands for nothing.", show_path(path))
        known = self.anchors[event.anchor]
        if known is None:
            raise RefusedError(line, f"the alias {show_value(name)} contains itself.", show_path(path))
        node, size = known
        self.counted(size, line)
        return Node(node.value, line)

    def counted(self, nodes: int, line: int) -> None:
        """Add to the count, and refuse a tree that grows too large."""
        self.count += nodes
        if self.count > MOST_NODES:
            raise RefusedError(
                line, f"more than {MOST_NODES:,} values (aliases counted in full), which no manifest has."
            )

    def items(self, path: tuple[Key, ...]) -> Iterator[Node]:
        """The rest of a list."""
        for position, event in enumerate(self.events):
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self.node(event, (*path, position))

    def mapping(self, path: tuple[Key, ...]) -> dict[str, Node]:
        """The rest of a mapping, without the keys that can't be."""
        mapping: dict[str, Node] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = _line(event)
            key = self.node(event, path).value
            value = self.node(next(self.events), (*path, key if isinstance(key, str) else show_value(key)))
            message = None
            if not isinstance(key, str):
                shown = show_value(Node(key, line).plain())
                message = (
                    f"the key {shown} is not text; write it in quotes."
                    if _is_scalar(key)
                    else f"{shown} can't be a key."
                )
            elif key == "<<":
                message = 'merge keys ("<<") are not read in a manifest; put what models share under "defaults".'
            elif key in mapping:
                message = f"the key {show_value(key)} is here a second time, first in line {mapping[key].line}."
            if message is not None:
                self.problems.append(ManifestProblem(line=line, path=show_path(path), message=message))
            else:
                assert isinstance(key, str)
                mapping[key] = Node(value.value, line)
        return mapping


def _line(event: yaml.Event) -> int:
    assert event.start_mark is not None, "every event of a text has a mark"
    return int(event.start_mark.line) + 1


def _is_scalar(value: object) -> bool:
    return not isinstance(value, (tuple, dict))


_NULL = re.compile(r"|~|null|Null|NULL")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,100}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    return plain_scalar(event.value) if event.implicit[0] else str(event.value)


def plain_scalar(text: str) -> Scalar:
    """What text without quotes stands for."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return float(text.lower().replace(".", ""))
    return text
