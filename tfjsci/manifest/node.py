"""A value of the manifest with the line where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tfjsci.manifest.problem import Key

Scalar: TypeAlias = "str | int | float | bool | None"


@dataclass(frozen=True)
class Node:
    """A value and the line of its key (of itself, in a list), counted from 1. Mappings keep the file's order."""

    value: Scalar | tuple[Node, ...] | dict[str, Node]
    line: int

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, tuple):
            return [child.plain() for child in self.value]
        return self.value

    def child(self, key: Key) -> Node | None:
        """The node under a key or index, or None."""
        if isinstance(self.value, dict):
            return self.value.get(key) if isinstance(key, str) else None
        if isinstance(self.value, tuple) and isinstance(key, int) and key < len(self.value):
            return self.value[key]
        return None

    def at(self, *path: Key) -> Node | None:
        """The node at a path, or None."""
        there, node = self.deepest(path)
        return node if there == path else None

    def deepest(self, path: Sequence[Key]) -> tuple[tuple[Key, ...], Node]:
        """As far along ``path`` as the file goes: the part of the path that exists, and its node."""
        node = self
        for depth, key in enumerate(path):
            child = node.child(key)
            if child is None:
                return tuple(path[:depth]), node
            node = child
        return tuple(path), node

    def walk(self, path: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], Node]]:
        """Every node below this one, with its path from here."""
        steps: Iterator[tuple[Key, Node]] = iter(())
        if isinstance(self.value, dict):
            steps = iter(self.value.items())
        elif isinstance(self.value, tuple):
            steps = iter(enumerate(self.value))
        for key, child in steps:
            yield (*path, key), child
            yield from child.walk((*path, key))
