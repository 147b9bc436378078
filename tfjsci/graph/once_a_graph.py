"""What is worked out of a whole graph is worked out once, while rules or checks ask about its nodes one after another."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from tfjsci.graph.graph import Graph

T = TypeVar("T")


def once_a_graph(work_out: Callable[[Graph], T]) -> Callable[[Graph], T]:
    """``work_out``, which remembers its answer about the graph that it was asked about last; that graph isn't kept alive."""
    last: Callable[[], Graph | None] = lambda: None  # noqa: E731  (a reference to no graph)
    answer: T

    @wraps(work_out)
    def remembering(graph: Graph) -> T:
        nonlocal last, answer
        if last() is graph:
            return answer
        made = work_out(graph)
        last, answer = weakref.ref(graph), made
        return made

    return remembering
