"""Look-up tables: what the runtime's map of tensors makes of the keys it is asked for.

Source: ``hash_table`` and ``hash_table_executor`` of tfjs-converter 4.22.0, and what the browser did (op_cases).
"""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.restriction import Restriction, ops
from tfjsci.graph.graph import Graph, node_of
from tfjsci.graph.tables import contents_of

_FINDS = ops("LookupTableFind", "LookupTableFindV2")
_LIKE_FIRST = frozenset(
    {
        "Cast", "ExpandDims", "Identity", "Reshape", "Squeeze", "StaticRegexReplace", "StringLower", "StringUpper",
        "StringStrip", "Transpose",
    }
)  # fmt: skip
"""Ops that make as many elements as their first input has."""


def maybe_empty(graph: Graph, tensor: str) -> bool:
    """Whether a run may find no element in the tensor; a model's own input is never fed an empty one."""
    known = graph.type_of(tensor)
    if known is not None and known.shape is not None and None not in known.shape:
        return 0 in known.shape
    node = graph[node_of(tensor)]
    if node.op in _LIKE_FIRST:
        return maybe_empty(graph, node.inputs[0])
    if node.op == "ConcatV2":
        return all(maybe_empty(graph, part) for part in node.inputs[:-1])
    return node.op != "Placeholder"


def _not_in_a_row(view: NodeView) -> bool:
    return view.rank(1) != 1


def _maybe_none(view: NodeView) -> bool:
    return maybe_empty(view.graph, view.node.inputs[1])


def _not_text(view: NodeView) -> bool:
    table = contents_of(view.graph, view.node.inputs[0])
    if table is None or table.keys.dtype.kind not in "OS":
        return False
    return any(not _is_utf8(key) for key in table.keys.tolist())


def _is_utf8(text: bytes | str) -> bool:
    try:
        return isinstance(text, str) or text.decode("utf-8") is not None
    except UnicodeDecodeError:
        return False


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=_FINDS,
        effect="silently wrong",
        says="what is found is one row, whatever shape the keys have",
        when=_not_in_a_row,
        hint="Look up a vector (Reshape), and bring what is found into shape.",
    ),
    Restriction(
        ops=_FINDS,
        effect="throws",
        says="no keys at all can't be looked up, as an empty text has no words",
        when=_maybe_none,
        hint="Look up one key more than needed (ConcatV2), and drop what is found for it.",
    ),
    Restriction(
        ops=_FINDS,
        effect="silently wrong",
        says="keys that aren't UTF-8 are all one key",
        when=_not_text,
        hint="Use texts as keys.",
    ),
)
