"""A short way to say a case of a function of ``keras.ops``: its name, what it is fed, its other arguments."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from case import Case
from feeds import Feed

from tfjsci.graph.tensorflow import keras


def op(
    of: str,
    *feeds: Feed,
    case: str = "",
    call: Callable[..., Any] | None = None,
    opened: bool = False,
    **kwargs: Any,
) -> tuple[Case, ...]:
    """The function of that name (``add``, ``image.resize``) on tensors of these feeds.

    ``call`` takes ``keras.ops`` and the tensors, where the function isn't simply called with them. With ``opened`` there
    is a second case whose first axes are unknown to the graph, as a batch is in a model.
    """

    def build() -> Callable[..., Any]:
        k = keras()
        if call is not None:
            return functools.partial(call, k.ops)
        function = functools.reduce(getattr, of.split("."), k.ops)
        return lambda *tensors: function(*tensors, **kwargs)

    def made(variant: str, given: tuple[Feed, ...]) -> Case:
        name = f"ops/{of}/{variant}" if variant else f"ops/{of}"
        return Case(name=name, kind="keras_ops", of=of, feeds=given, build=build)

    first = made(case, feeds)
    if not opened:
        return (first,)
    return first, made(f"{case}_open".lstrip("_"), tuple(feed.open(0) for feed in feeds))
