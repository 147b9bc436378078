"""Parts of the graph that depend on weights alone, computed once: batch norm's factors, casts, transposed kernels.

Which parts is decided here; computing them is the evaluator's, which is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import replace

from tfjsci.graph.edited import edited
from tfjsci.graph.graph import Array, Constant, DType, Graph, Node, dtype_name, node_of, unused_name
from tfjsci.rewrite.fold_cost import too_dear

Evaluator = Callable[[Graph, Sequence[str]], "list[Array]"]
"""A graph of Consts and ops on them, and the tensors wanted of it -> their values."""


class NotComputable(Exception):  # the evaluator's answer, not a failure of ours
    """The evaluator can't compute these tensors: no kernel on the CPU, an index out of range. They stay as they are."""


NEVER = frozenset(
    {
        "Placeholder", "PlaceholderWithDefault", "Const", "NoOp", "Assert", "Print", "PrintV2",
        "TruncatedNormal", "Multinomial", "ParameterizedTruncatedNormal", "NonDeterministicInts", "Timestamp",
        "Empty", "PyFunc", "EagerPyFunc", "SleepIdentityOp", "AllToAll", "CrossReplicaSum",
        "While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase",
        "PartitionedCall", "StatefulPartitionedCall", "SymbolicGradient", "RemoteCall",
        "Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond",
    }
)  # fmt: skip
"""Not computable ahead, random, or control flow."""

NEVER_BEGINS = (
    "_", "Stateless", "Stateful", "Random", "SampleDistorted", "Tensor", "Lookup",
    "Collective", "Nccl", "_Nccl", "Xla", "TPU", "Cudnn", "Outfeed", "Infeed", "RiscWhile",
    "Stage", "MapPeek", "MapUnstage", "OrderedMap", "AddSparseTo", "AddManySparseTo", "TakeManySparseFrom", "ConvertToCoo",
)  # fmt: skip
"""Families of ops that keep state, draw random numbers, or belong to other machines."""

NEVER_ENDS = ("CandidateSampler",)

FOLDABLE_DTYPES = frozenset(
    {"float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "int64", "bool"}
)

NO_NUMBERS = frozenset({"string", "resource", "variant"})

GROWTH_BYTES = 1 << 20
"""What is computed on the way may be this large whatever it is made of; beyond, no larger than its inputs. What it costs to store
a result is weighed once it is there (``fold_cost.py``)."""

CHUNK_BYTES = 64 << 20
"""Constants read by one call of the evaluator, about: bounds the memory."""


def fold_constants(graph: Graph, evaluate: Evaluator) -> Graph:
    """Each tensor that depends on Consts alone and is read by something that doesn't becomes a Const."""
    for name, body in graph.functions.items():
        graph = replace(
            graph, functions={**graph.functions, name: replace(body, graph=fold_constants(body.graph, evaluate))}
        )
    values: dict[str, Array] = {}
    stays: set[str] = set()
    while True:
        wanted = _frontier(graph, _computable(graph, stays))
        _compute(graph, [tensor for tensor in wanted if tensor not in values], values, evaluate)
        folded = {tensor: values[tensor] for tensor in wanted if tensor in values}
        dear = too_dear(graph, folded)
        if not dear:
            break
        stays |= {node_of(tensor) for tensor in dear}  # what it is made of may be folded instead
    made = {tensor: Constant(value=value, sources=_sources(graph, tensor)) for tensor, value in folded.items()}
    return _with_constants(graph, made) if made else graph


def _frontier(graph: Graph, known: set[str]) -> list[str]:
    """The tensors that can be computed and are read by what can't."""
    frontier: list[str] = []
    for node in graph.nodes:
        if node.name not in known:
            frontier += [t for t in node.inputs if node_of(t) in known and graph[node_of(t)].op != "Const"]
    frontier += [t for t in graph.outputs if node_of(t) in known and graph[node_of(t)].op != "Const"]
    return list(dict.fromkeys(frontier))


def _compute(graph: Graph, wanted: Sequence[str], values: dict[str, Array], evaluate: Evaluator) -> None:
    """Put the values of those that can be computed into ``values``."""
    if wanted:
        for chunk in _chunks(graph, wanted):
            values.update(_computed(graph, chunk, evaluate))


def _sources(graph: Graph, tensor: str) -> tuple[str, ...]:
    """The variables that it is made of, each once."""
    made_of = (graph.constants[name] for name in _constants_under(graph, tensor))
    return tuple(dict.fromkeys(source for constant in made_of for source in constant.sources))


def _computed(graph: Graph, chunk: Sequence[str], evaluate: Evaluator) -> list[tuple[str, Array]]:
    """The tensors of ``chunk`` that can be computed, with their values."""
    try:
        return list(zip(chunk, evaluate(_ancestors(graph, chunk), chunk), strict=True))
    except NotComputable:
        if len(chunk) == 1:
            return []
        return [pair for tensor in chunk for pair in _computed(graph, [tensor], evaluate)]


def _computable(graph: Graph, stays: Set[str] = frozenset()) -> set[str]:
    known: set[str] = set()
    for node in graph.nodes:
        if node.name in stays:
            continue
        if node.op == "Const" or (_may_fold(graph, node) and all(node_of(tensor) in known for tensor in node.inputs)):
            known.add(node.name)
    return known


def always_the_same(op: str) -> bool:
    """Whether an op gives the same results whenever it is given the same: nothing random, no state, no control flow."""
    return op not in NEVER and not op.startswith(NEVER_BEGINS) and not op.endswith(NEVER_ENDS)


def _may_fold(graph: Graph, node: Node) -> bool:
    if not always_the_same(node.op):
        return False
    if node.control or not node.inputs:
        return False
    if any((known := graph.type_of(tensor)) is not None and known.dtype in NO_NUMBERS for tensor in node.inputs):
        return False  # text may be the path of a file to read: RestoreV2
    own = graph.type_of(node.name)
    if own is None or own.dtype not in FOLDABLE_DTYPES:
        return False
    if own.shape is None or any(size is None for size in own.shape):
        return True  # made of constants, so it has a size; it is only not inferred
    size = 1
    for dimension in own.shape:
        size *= dimension or 0
    made_of = sum(_bytes(graph, tensor) for tensor in set(node.inputs))
    return size * 4 <= max(GROWTH_BYTES, made_of)


def _bytes(graph: Graph, tensor: str) -> int:
    if (constant := graph.constant(tensor)) is not None:
        return int(constant.value.nbytes)
    known = graph.type_of(tensor)
    if known is None or known.shape is None:
        return 0
    size = 4
    for dimension in known.shape:
        size *= dimension or 0
    return size


def _chunks(graph: Graph, wanted: Sequence[str]) -> list[list[str]]:
    chunks: list[list[str]] = [[]]
    total = 0
    for tensor in wanted:
        size = sum(int(graph.constants[name].value.nbytes) for name in _constants_under(graph, tensor))
        if chunks[-1] and total + size > CHUNK_BYTES:
            chunks.append([])
            total = 0
        chunks[-1].append(tensor)
        total += size
    return chunks


def _needed(graph: Graph, tensors: Sequence[str]) -> dict[str, None]:
    """The names of the nodes that these tensors need, first inputs first."""
    needed: dict[str, None] = {}
    stack = [node_of(tensor) for tensor in reversed(tensors)]
    while stack:
        name = stack.pop()
        if name not in needed:
            needed[name] = None
            stack += [node_of(tensor) for tensor in reversed(graph[name].inputs)]
    return needed


def _constants_under(graph: Graph, tensor: str) -> list[str]:
    return [name for name in _needed(graph, [tensor]) if name in graph.constants]


def _ancestors(graph: Graph, tensors: Sequence[str]) -> Graph:
    """The part of the graph that these tensors need."""
    needed = _needed(graph, tensors)
    return Graph(
        nodes=tuple(node for node in graph.nodes if node.name in needed),
        outputs=tuple(tensors),
        constants={name: value for name, value in graph.constants.items() if name in needed},
    )


def _with_constants(graph: Graph, values: dict[str, Constant]) -> Graph:
    """The graph with each tensor replaced by a Const: under the node's own name if that is all it is read for, else beside it."""
    names: dict[str, str] = {}
    taken = set(graph.by_name)
    for tensor in values:
        alone = tensor == node_of(tensor) and _read_of(graph, tensor) == {tensor}
        names[tensor] = tensor if alone else unused_name(tensor.replace(":", "/output_"), taken)
        taken.add(names[tensor])

    def renamed(tensor: str) -> str:
        return names.get(tensor, tensor)

    consts = {
        name: Node(
            name=name,
            op="Const",
            attrs={"dtype": DType(dtype_name(values[tensor].value))},
            origin=graph[node_of(tensor)].origin,
        )
        for tensor, name in names.items()
    }
    readers = {reader.name: reader for tensor in values for reader in graph.readers.get(node_of(tensor), ())}
    led = {
        name: reader.reading(tuple(map(renamed, reader.inputs)))
        for name, reader in readers.items()
        if name not in consts
    }
    return edited(
        graph,
        gone=consts.keys() & graph.by_name.keys(),  # each new one comes last
        put={**led, **consts},
        constants={name: values[tensor] for tensor, name in names.items()},
        outputs=tuple(map(renamed, graph.outputs)),
    ).pruned()


def _read_of(graph: Graph, name: str) -> set[str]:
    """The outputs of the node that something reads, or that are the graph's."""
    read = [tensor for reader in graph.readers.get(name, ()) for tensor in reader.inputs]
    return {tensor for tensor in (*read, *graph.outputs) if node_of(tensor) == name}
