"""Numbers that webgpu makes on the GPU, and that the runtime then takes as a shape, an axis or a count.

Such a number is read at once, which webgpu can't: a detour over a canvas gives zeros, or ends the device. Sizes come out of Shape
on the CPU and stay there as long as a kernel computes small tensors on the CPU; one that doesn't breaks the chain.
Sources: ``getParamValue`` of tfjs-converter 4.22.0, ``shouldExecuteOnCPU`` and ``readSync`` of its webgpu backend, and what the
browser did (tests/browser/test_lowerings.py, test_coverage_sample.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from tfjsci.catalog.catalog import Catalog
from tfjsci.graph.graph import Graph, Node, node_of
from tfjsci.graph.once_a_graph import once_a_graph

ON_CPU = frozenset(
    {
        "Abs", "Add", "BroadcastArgs", "Cast", "Ceil", "Concat", "Equal", "Exp", "ExpandDims", "Expm1", "Floor", "FloorDiv",
        "GatherNd", "GatherV2", "Greater", "GreaterEqual", "Identity", "Less", "LessEqual", "Log", "Max", "Maximum", "Minimum",
        "Multiply", "Neg", "NotEqual", "Pack", "Prod", "Range", "Reshape", "Rsqrt", "Slice", "SplitV", "StridedSlice", "Sub",
        "Tile", "TopK", "Transpose", "Unpack",
    }
)  # fmt: skip
"""webgpu's kernels that compute small tensors on the CPU while all that they are given is there, or only call it otherwise."""

AWAITED = frozenset({"Where"})
"""Ops that wait for what they are given, and make their result on the CPU."""

REASON = "throws or silently wrong: webgpu computes it on the GPU, and can't read it back as the shape, axis or count made of it"
HINT = "Compute sizes with +, -, ×, //, max and min, or give the input a known shape (--input-shape)."


def made_to_be_read(graph: Graph, catalog: Catalog) -> frozenset[str]:
    """The nodes of ``graph`` (not of its functions) whose results webgpu would have to read back."""
    answers = _answers(graph)
    for asked, names in answers:
        if asked is catalog:
            return names
    names = _worked_out(graph, catalog)
    answers.append((catalog, names))
    return names


@once_a_graph
def _answers(graph: Graph) -> list[tuple[Catalog, frozenset[str]]]:  # noqa: ARG001
    """What was said of the graph, by catalogue: the check and the lowerings ask for each node in turn."""
    return []


def _worked_out(graph: Graph, catalog: Catalog) -> frozenset[str]:
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [tensor for node in graph for tensor in _parameters(node, catalog)]
    while waiting:
        name = node_of(waiting.pop())
        if name in seen or name not in graph:
            continue
        seen.add(name)
        before = graph[name]
        entry = catalog.ops.get(before.op)
        if entry is None or not entry.kernels or before.op in AWAITED:
            continue  # given, made by the executor itself, or told apart as an op that there isn't
        if ON_CPU.issuperset(entry.kernels):
            parameters = set(_parameters(before, catalog))
            waiting += [tensor for tensor in before.inputs if tensor not in parameters]
        else:
            found.add(name)
    return frozenset(found)


def _parameters(node: Node, catalog: Catalog) -> Iterator[str]:
    """The inputs that the executor takes as numbers."""
    entry = catalog.ops.get(node.op)
    count = len(node.inputs)
    for parameter in entry.inputs if entry is not None else ():
        if parameter.type in ("tensor", "tensors"):
            continue
        start = parameter.start if parameter.start >= 0 else count + parameter.start
        end = start + 1 if parameter.end is None else parameter.end if parameter.end > 0 else count + parameter.end
        yield from node.inputs[max(start, 0) : end]
