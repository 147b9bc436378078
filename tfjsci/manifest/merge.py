"""A model laid over the defaults: mappings merge key by key, anything else that a model says replaces the default."""

from __future__ import annotations

from tfjsci.manifest.gates import BUDGETS, THRESHOLDS
from tfjsci.manifest.node import Node
from tfjsci.manifest.spec import ONLY_IN_MODELS

_WITH_DEFAULT = frozenset({"level", *THRESHOLDS, *BUDGETS})
"""Keys whose plain value is short for ``{default: value}``."""


def merge(defaults: Node | None, model: Node) -> Node:
    """The model's entry as if it had said all itself; each node keeps the line where it was written."""
    if defaults is None:
        return model
    assert not ONLY_IN_MODELS & set(_mapping(defaults) or {}), "refused by the types"
    return _merge(defaults, model, "")


def _merge(under: Node, over: Node, key: str, parent: str = "") -> Node:
    limits = key in _WITH_DEFAULT or (parent == "metric" and _is_limit(under))
    theirs, own = _mapping(under), _mapping(over)
    if own is None:
        return over
    if limits:
        theirs, own = _by_name(under), _by_name(over)
    if theirs is None or own is None:
        return over  # `benchmark: off` under {runs: 5}
    merged = dict(theirs)
    for name, node in own.items():
        merged[name] = _merge(theirs[name], node, name, key) if name in theirs else node
    return Node(merged, over.line)


def _is_limit(node: Node) -> bool:
    """What a metric of the user's is held to, not what it is: that is text, or names a function."""
    mapping = _mapping(node)
    return not isinstance(node.value, str) if mapping is None else "function" not in mapping


def _by_name(node: Node) -> dict[str, Node]:
    mapping = _mapping(node)
    return {"default": node} if mapping is None or "limit" in mapping else mapping


def _mapping(node: Node) -> dict[str, Node] | None:
    return node.value if isinstance(node.value, dict) else None
