"""A call in a thread of its own, where Keras has no past.

Keras keeps its open name scopes, its dtype policy and the like in thread-local state. A model that breaks in the middle
of being built leaves its scope open, and the next one's variables would be called after it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def aside(call: Callable[[], Result]) -> Result:
    """What ``call`` returns or raises, from a new thread."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="tfjsci-load") as pool:
        return pool.submit(call).result()
