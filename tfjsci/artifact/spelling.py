"""Attributes as the runtime reads them, which isn't as TensorFlow does: a regular expression becomes JavaScript's.

Until it is written a graph means what TensorFlow means by it, so that TensorFlow can run it.
"""

from __future__ import annotations

from dataclasses import replace

from tfjsci.catalog.regular_expressions import pattern_in_javascript, rewrite_in_javascript
from tfjsci.graph.graph import AttrValue, Graph, Node

_SPELLINGS = {"pattern": pattern_in_javascript, "rewrite": rewrite_in_javascript}


def for_the_runtime(graph: Graph) -> Graph:
    """The graph with what it says of regular expressions in JavaScript's spelling, in functions too."""
    functions = {name: replace(body, graph=for_the_runtime(body.graph)) for name, body in graph.functions.items()}
    nodes = tuple(_node(node) if node.op == "StaticRegexReplace" else node for node in graph.nodes)
    changed = any(new is not old for new, old in zip(nodes, graph.nodes, strict=True))
    return replace(graph, nodes=nodes, functions=functions) if changed or functions else graph


def _node(node: Node) -> Node:
    attrs: dict[str, AttrValue] = dict(node.attrs)
    for name, spelt in _SPELLINGS.items():
        text = attrs.get(name, b"")
        assert isinstance(text, bytes)
        attrs[name] = spelt(text.decode("utf-8", "replace")).encode()
    return replace(node, attrs=attrs)
