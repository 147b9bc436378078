"""How a graph came of those before it: what each step changed, so that whoever looked at one needn't look at all of the next.

A step names more rather than less: what it names may be as it was, what it doesn't name is.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What may be another in one graph than in the other.

    ``nodes`` are names of nodes that are new, gone, others, or whose value is another; ``read`` those that other nodes read, or
    the same in another order; ``tensors`` those of which something else is known.
    """

    nodes: Set[str] = _NONE
    read: Set[str] = _NONE
    tensors: Set[str] = _NONE


class History:
    """The last step on a graph's way, and those ``before``. It keeps neither graphs nor weights alive."""

    __slots__ = ("_before", "_changed", "_length")

    def __init__(self, before: History | None = None, changed: Changed | None = None) -> None:
        self._before = before
        self._changed = changed or Changed()
        self._length: int = 0 if before is None else before._length + 1

    def since(self, other: History) -> Changed | None:
        """All that was changed from the one to the other, back to where their ways part and on from there.

        None where they have no step in common: anything may be another.
        """
        steps: list[Changed] = []
        one: History | None = self
        two: History | None = other
        while one is not two:
            if one is None or two is None:
                return None
            if one._length >= two._length:
                steps.append(one._changed)
                one = one._before
            else:
                steps.append(two._changed)
                two = two._before
        return Changed(
            nodes=_NONE.union(*(step.nodes for step in steps)),
            read=_NONE.union(*(step.read for step in steps)),
            tensors=_NONE.union(*(step.tensors for step in steps)),
        )
