"""What a GraphDef's outputs are made of by data: what only has to run before them changes no number of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any


def data_of(
    nodes: Mapping[str, Any], fetch: Sequence[str], also: Callable[[Any], Iterable[str]] = lambda _: ()
) -> set[str]:
    """The names of the nodes (NodeDefs by name) whose data ``fetch`` (names) is made of, itself among them.

    ``also`` is asked once of each such node, and names others that are needed with it.
    """
    needed: set[str] = set()
    stack = list(fetch)
    while stack:
        name = stack.pop()
        if name in nodes and name not in needed:
            needed.add(name)
            stack += [tensor.partition(":")[0] for tensor in nodes[name].input if not tensor.startswith("^")]
            stack += also(nodes[name])
    return needed
