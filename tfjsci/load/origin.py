"""Which layer a node came from, read off its scoped name."""

from __future__ import annotations

import re

_CALLS = re.compile(r"(Stateful)?PartitionedCall(_\d+)?")
_COPY = re.compile(r"_\d+$")


def layer_of(node: str, layers: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """``StatefulPartitionedCall/net_1/conv_1/Relu`` -> ``("conv",)`` when the layers are known, else ``("net_1/conv_1",)``.

    Keras adds ``_1`` to a scope that it opens a second time, so a part that names no layer is tried without it.
    """
    scope = _parts(node)[:-1]
    for part in reversed(scope):
        for name in (part, _COPY.sub("", part)):
            if name in layers:
                return (name,)
    return ("/".join(scope[:3]),) if scope else ()


def without_calls(node: str) -> str:
    """``StatefulPartitionedCall/net_1/lstm_1/while`` -> ``net_1/lstm_1/while``."""
    return "/".join(_parts(node)) or node


def _parts(node: str) -> list[str]:
    return [part for part in node.split("/") if part and not _CALLS.fullmatch(part)]
