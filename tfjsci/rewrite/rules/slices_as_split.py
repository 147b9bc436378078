"""x[…, :n], x[…, n:2n], …  ->  Split(x)

where the slices are all of the last dimension, in equal parts, each once: a GRU cuts its gates apart so.
"""

from __future__ import annotations

import numpy as np

from tfjsci.catalog.node_view import NodeView
from tfjsci.graph.graph import Constant, Graph, Node, node_of, normal
from tfjsci.rewrite.formulas.cuts import Cut, constant_cuts
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, NewOutput, Replacement, Rule

MOST = 8
"""Parts: a slice that takes a column of many is alone."""


def rewrite(match: Match) -> Replacement | Declined:
    """One output of a Split. The Splits of all slices are the same, and become one."""
    graph, root, x = match.graph, match.root, match.tensors["x"]
    known = graph.type_of(x)
    shape = () if known is None or known.shape is None else known.shape
    size = shape[-1] if shape else None
    own = None if size is None else _range(graph, root, size)
    if size is None or own is None or size % len(own) or own.start % len(own) or not 1 < size // len(own) <= MOST:
        return Declined(reason="it isn't one of equal parts of the last dimension", moot=True)
    ranges = [_range(graph, node, size) for node in graph.readers.get(node_of(x), ()) if _slices(node, x)]
    parts = [range(begin, begin + len(own)) for begin in range(0, size, len(own))]
    if sorted((each for each in ranges if each is not None), key=lambda each: (each.start, each.stop)) != parts:
        return Declined(reason="nobody takes the other parts, or somebody takes one twice")
    dtype = {"T": root.attrs["T"]}
    axis = NewConst(name="", constant=Constant(value=np.array(len(shape) - 1, np.int32)))
    split = NewNode(name="", op="Split", inputs=(axis, x), attrs={**dtype, "num_split": len(parts)})
    part = NewOutput(node=split, index=parts.index(own))
    return Replacement(root=NewNode(name=root.name, op="Identity", inputs=(part,), attrs=dtype))


def _slices(node: Node, x: str) -> bool:
    return node.op == "StridedSlice" and normal(node.inputs[0]) == normal(x)


def _range(graph: Graph, node: Node, size: int) -> range | None:
    """What a StridedSlice takes of the last dimension, if that is a range and it takes all of the others."""
    found = constant_cuts(NodeView(graph, node))
    if found is None:
        return None
    (*others, last), layout = found
    if layout != tuple(range(len(layout))) or last.index or last.step != 1 or any(each != Cut() for each in others):
        return None
    return range(*slice(last.begin, last.end).indices(size)) or None


RULE = Rule(
    name="slices_as_split",
    equation="x[:n], x[n:2n], ... -> Split(x)",
    pattern=op("StridedSlice", any_tensor("x"), constant("begin"), constant("end"), constant("strides"), name="slice"),
    rewrite=rewrite,
    where="they are all of the last dimension, in equal parts",
)
