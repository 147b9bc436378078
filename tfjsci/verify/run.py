"""A graph run on given inputs by the evaluator of constants: a Const stands where a Placeholder was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tfjsci.graph.calls import roles
from tfjsci.graph.graph import Array, Constant, DType, Graph, Node, dtype_name
from tfjsci.rewrite.fold_constants import Evaluator, NotComputable
from tfjsci.rewrite.unfused import unfused

_DRAWS = frozenset(
    {
        "Multinomial", "NonDeterministicInts", "ParameterizedTruncatedNormal", "RandomCrop", "RandomGamma", "RandomPoisson",
        "RandomPoissonV2", "RandomShuffle", "RandomStandardNormal", "RandomUniform", "RandomUniformInt",
        "SampleDistortedBoundingBox", "SampleDistortedBoundingBoxV2", "StatefulRandomBinomial", "StatefulStandardNormal",
        "StatefulStandardNormalV2", "StatefulTruncatedNormal", "StatefulUniform", "StatefulUniformFullInt",
        "StatefulUniformInt", "TruncatedNormal",
    }
)  # fmt: skip
"""Something else at each run. The stateless ones give the same for the same seed."""


def run_graph(graph: Graph, inputs: Mapping[str, Array], evaluate: Evaluator) -> list[Array]:
    """The values of the graph's outputs for ``inputs`` by Placeholder name; fused ops are taken apart.

    An input is cast to the Placeholder's dtype, which rewriting may have changed. Raises ``NotComputable`` with the reason
    when the evaluator can't run it, or would give something else at each run.
    """
    if reason := _why_not(graph):
        raise NotComputable(reason)
    nodes: list[Node] = []
    fed: dict[str, Constant] = {}
    apart = unfused(graph)
    for node in apart.nodes:
        if node.op == "Placeholder" and node.name in inputs:
            value = _as_wanted(inputs[node.name], node)
            fed[node.name] = Constant(value=value)
            nodes.append(Node(name=node.name, op="Const", attrs={"dtype": DType(dtype_name(value))}))
        else:
            nodes.append(node)
    functions = {name: replace(body, graph=unfused(body.graph)) for name, body in graph.functions.items()}
    fed_graph = Graph(
        nodes=tuple(nodes), outputs=graph.outputs, constants={**apart.constants, **fed}, functions=functions
    )
    return evaluate(fed_graph, fed_graph.outputs)


def _as_wanted(value: Array, placeholder: Node) -> Array:
    wanted = placeholder.attrs.get("dtype")
    own = dtype_name(value)
    target = wanted.name if isinstance(wanted, DType) else own
    # A copy in any case: a Constant makes its array read-only, and this one is the caller's.
    copied: Array = value.copy() if "string" in (target, own) or target == own else value.astype(target)
    return copied


def _why_not(graph: Graph) -> str | None:
    nodes = [node for _, part in graph.walk() for node in part.nodes]
    calls = [node for node in nodes if any(name not in graph.functions for name in roles(node).values())]
    if calls:
        return f"it calls functions that aren't there: {_some(calls)}"
    drawn = drawing(graph)
    return f"it draws random numbers: {drawn}" if drawn else None


def drawing(graph: Graph) -> str | None:
    """What gives something else at each run, to be told; None: nothing does."""
    nodes = [node for _, part in graph.walk() for node in part.nodes]
    found = [node for node in nodes if node.op in _DRAWS or node.op.endswith("CandidateSampler")]
    return _some(found) if found else None


def _some(nodes: list[Node]) -> str:
    return f"{nodes[0].op} {nodes[0].name}" + (f" and {len(nodes) - 1} more" if len(nodes) > 1 else "")
