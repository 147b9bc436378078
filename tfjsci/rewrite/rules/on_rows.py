"""f(Reshape(x, [-1, n, c]), y)  ->  Reshape(f(x, Reshape(y, [-1, c])), [-1, n, c])

where x are rows, f treats each row alike (element by element, or along it), and rows are wanted again further on. Each Dense of a
sequence or an image is a product of rows between two Reshapes; what stands between two of them (GELU, layer norm, the sum with
what went around) is done on rows, too, and the Reshapes meet and go. Which nodes those are is found for the whole graph at once;
they read one another's rows, so that a Reshape is left only where somebody else reads.
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.graph.graph import Constant, DType, Graph, Node, node_of, normal
from tfjsci.graph.once_a_graph import once_a_graph
from tfjsci.rewrite.channels import made_of
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rowwise import REDUCING, ROWWISE, operands, treats_rows_alike
from tfjsci.rewrite.rule import BehindNewRoot, Declined, NewConst, NewNode, Replacement, Rule, Source, kept
from tfjsci.rewrite.symbolic.sizes import Sizes, sizes_of


def rewrite(match: Match) -> Replacement | Declined:
    """The node on rows, and a Reshape under its name."""
    graph, node = match.graph, match.root
    plan = _plan_of(graph.whole)
    if node.name not in plan.chosen:
        return Declined(reason=plan.reason(node), moot=True)
    dims = plan.sizes.shape(node.name)
    assert dims is not None
    whole = [n if isinstance(n, int) else -1 for n in dims]
    attrs = {"T": node.attrs["T"], "Tshape": DType("int32")}
    inputs: list[Source] = []
    for tensor in operands(node):
        constant = graph.constant(tensor)
        if constant is not None:
            inputs.append(_vector(tensor, constant))
        elif plan.sizes.shape(tensor) == ():
            inputs.append(tensor)
        elif tensor in plan.chosen:
            inputs.append(BehindNewRoot(root=tensor))
        elif plan.from_rows(tensor):
            inputs.append(graph[tensor].inputs[0])
        else:
            last = (plan.sizes.shape(tensor) or ())[-1]
            assert isinstance(last, int)
            inputs.append(NewNode(name="", op="Reshape", inputs=(tensor, new_integers([-1, last])), attrs=attrs))
    own = dict(kept(node))
    if node.op in REDUCING:
        inputs.append(new_integers([-1]))
        own["Tidx"] = DType("int32")
    made = NewNode(name="", op=node.op, inputs=tuple(inputs), attrs=own)
    return Replacement(root=NewNode(name=node.name, op="Reshape", inputs=(made, new_integers(whole)), attrs=attrs))


def _vector(tensor: str, constant: Constant) -> Source:
    """The same numbers for every row: as many dimensions as a row has, or none."""
    if constant.value.ndim <= 1:
        return tensor
    flat = constant.value.reshape(-1)
    return NewConst(name=tensor, constant=Constant(value=np.array(flat), sources=made_of(constant)))


class _Plan:
    """Which nodes of a graph are done on rows."""

    def __init__(self, graph: Graph) -> None:
        self.sizes: Sizes = sizes_of(graph)
        self._nodes = {node.name: node for node in graph.nodes if node.op == "Reshape"}
        capable = {node.name for node in graph.nodes if self._capable(graph, node)}
        self.wanted: set[str] = set()
        only_rows: set[str] = set()
        outputs = {node_of(tensor) for tensor in graph.outputs}
        for node in reversed(graph.nodes):
            if self._to_rows(node):
                self.wanted.add(node.inputs[0])
                only_rows.add(node.name)
            elif _over_rows(graph, node):
                self.wanted.add(node.inputs[0])
            elif node.name in self.wanted and node.name in capable:
                self.wanted.update(tensor for tensor in operands(node) if graph.constant(tensor) is None)
                if node.name not in outputs and all(r.name in only_rows for r in graph.readers[node.name]):
                    only_rows.add(node.name)
        self.chosen: set[str] = set()
        for node in graph.nodes:
            if node.name in capable and node.name in self.wanted:
                # a norm whose result is wanted as rows alone: its input is reshaped instead
                begins = node.op in REDUCING and node.name in only_rows
                if begins or any(map(self._had, operands(node))):
                    self.chosen.add(node.name)

    def reason(self, node: Node) -> str:
        """Why a node isn't among the chosen ones."""
        if node.name not in self.wanted:
            return "nobody wants rows of it"
        return "its operands aren't rows, or not only rows treated alike"

    def from_rows(self, tensor: str) -> bool:
        """Whether the tensor is a Reshape of rows that leaves each row whole."""
        node = self._nodes.get(normal(tensor))
        if node is None:
            return False
        before, after = self.sizes.shape(node.inputs[0]), self.sizes.shape(node.name)
        return bool(before and after and len(before) == 2 and len(after) > 2 and before[-1] == after[-1])

    def _to_rows(self, node: Node) -> bool:
        if node.op != "Reshape":
            return False
        before, after = self.sizes.shape(node.inputs[0]), self.sizes.shape(node.name)
        return bool(before and after and len(after) == 2 and len(before) > 2 and before[-1] == after[-1])

    def _had(self, tensor: str) -> bool:
        return tensor in self.chosen or self.from_rows(tensor)

    def _capable(self, graph: Graph, node: Node) -> bool:
        """Whether it could be done on rows."""
        dims = self.sizes.shape(node.name) if node.op in ROWWISE else None
        if dims is None or len(dims) < 3 or not treats_rows_alike(graph, node, len(dims)):
            return False
        known = [n for n in dims if isinstance(n, int)]
        if len(known) < len(dims) - 1 or math.prod(known) == 0 or not isinstance(dims[-1], int):
            return False
        return all(self._alike(graph, tensor, dims) for tensor in operands(node))

    def _alike(self, graph: Graph, tensor: str, dims: tuple[object, ...]) -> bool:
        constant = graph.constant(tensor)
        if constant is not None:
            shape = constant.value.shape
            return len(shape) <= len(dims) and all(size == 1 for size in shape[:-1])
        own = self.sizes.shape(tensor)
        if own == ():
            return True
        return bool(own and tensor == node_of(tensor) and own[:-1] == dims[:-1] and isinstance(own[-1], int))


def _over_rows(graph: Graph, node: Node) -> bool:
    """Whether it is a mean of all rows, as at the end of a classifier: that is done on an image of one more dimension, which
    a Reshape in front makes as well as the matrices.
    """
    axes = graph.constant(node.inputs[1]) if node.op == "Mean" else None
    return axes is not None and axes.value.reshape(-1).tolist() == [1]


@once_a_graph
def _plan_of(graph: Graph) -> _Plan:
    return _Plan(graph)


RULE = Rule(
    name="on_rows",
    equation="f(Reshape(x, [-1, n, c]), y) -> Reshape(f(x, Reshape(y, [-1, c])), [-1, n, c])",
    pattern=op("|".join(sorted(ROWWISE)), any_tensor("x"), name="f"),
    rewrite=rewrite,
    where="f treats each row alike, and rows are wanted again further on",
)
