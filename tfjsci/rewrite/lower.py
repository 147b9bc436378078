"""Lower whatever the wanted backends can't run, until nothing is left that can be lowered.

What a lowering builds is checked like anything else, and lowered in turn. A node for which there is no lowering, or for
which every one declines, stays: the check names it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tfjsci.catalog.catalog import Catalog
from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Graph, Node, TensorType, index_of, node_of, normal
from tfjsci.rewrite.build import Tensor, UnknownShapeError, identity
from tfjsci.rewrite.bypass import without_pass_ons
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.replace import Change, with_changes
from tfjsci.rewrite.rule import Declined, NewNode, Replacement

MAX_SWEEPS = 30
"""Deeper than lowerings build on one another; two that undo each other would turn for ever."""

Problems = Callable[[Graph, Node], "Sequence[tuple[str, tuple[Backend, ...]]]"]
"""Why a node can't run, and on which of the wanted backends; empty if it can on all."""

Infer = Callable[[Graph], "dict[str, TensorType]"]
"""A graph -> the dtype and shape of its tensors."""


@dataclass(frozen=True, kw_only=True)
class Lowered:
    """A node that was lowered: by what, why, and for which backends (none: it always is).

    A part of what was built counts with its origin.
    """

    node: str
    op: str
    by: str
    reason: str
    backends: tuple[Backend, ...]
    layers: tuple[str, ...]


def lower(
    graph: Graph, lowerings: Sequence[Lowering], *, problems: Problems, infer: Infer, catalog: Catalog | None = None
) -> tuple[Graph, tuple[Lowered, ...]]:
    """The graph with its types inferred anew, and what was lowered in it, functions included.

    ``catalog`` is the one that ``problems`` are told by; by default the one that the package brings along.
    Raises ``RuntimeError`` when lowerings never come to rest, or one gives another dtype than the op's: a bug of ours.
    """
    done: list[Lowered] = []
    functions = {}
    for name, body in graph.functions.items():
        inner, within = lower(body.graph, lowerings, problems=problems, infer=infer, catalog=catalog)
        functions[name] = replace(body, graph=inner)
        done += [replace(each, node=f"{name}/{each.node}") for each in within]
    graph = graph.with_functions(functions)
    by_op = _by_op(lowerings)
    for _ in range(MAX_SWEEPS):
        found = [
            each
            for node in graph.nodes
            if node.op in by_op and (each := _first(graph, node, by_op[node.op], problems, catalog))
        ]
        done += [lowered for _, lowered in found]
        changes = [change for change, _ in found]
        if not changes:
            return graph, tuple(done)
        graph = without_pass_ons(with_changes(graph, changes).pruned(), keep_debug=True)
        graph = graph.with_types(infer(graph))
    restless = sorted({f"{each.by} at {each.node}" for each in done[-len(changes) :]})
    raise RuntimeError(f"after {MAX_SWEEPS} sweeps these lowerings don't come to rest: {', '.join(restless)}")


def _first(
    graph: Graph, node: Node, lowerings: Sequence[Lowering], problems: Problems, catalog: Catalog | None
) -> tuple[Change, Lowered] | None:
    """What the first of the lowerings that doesn't decline makes of the node; None if all do, or none is needed."""
    found = problems(graph, node)
    backends = tuple(dict.fromkeys(backend for _, where in found for backend in where))
    for lowering in lowerings if found else [each for each in lowerings if each.always]:
        result = attempt(graph, node, lowering, backends, catalog)
        if isinstance(result, Declined):
            continue
        reason = "; ".join(dict.fromkeys(why for why, _ in found)) or lowering.always
        told = Lowered(
            node=node.name, op=node.op, by=lowering.name, reason=reason, backends=backends, layers=node.origin
        )
        return Change(root=node, inside=(node,), new=result), told
    return None


def tried(
    graph: Graph,
    node: Node,
    lowerings: Sequence[Lowering],
    backends: Sequence[Backend],
    catalog: Catalog | None = None,
) -> tuple[str, ...]:
    """For a node that stayed: each lowering of its op with the reason why it declines; empty if there is none."""
    answers = [(each.name, attempt(graph, node, each, backends, catalog)) for each in lowerings if node.op in each.ops]
    return tuple(f"{name}: {answer.reason}" for name, answer in answers if isinstance(answer, Declined))


def attempt(
    graph: Graph, node: Node, lowering: Lowering, backends: Sequence[Backend], catalog: Catalog | None = None
) -> Replacement | Declined:
    """What the lowering makes of the node."""
    try:
        result = lowering.lower(Subject(graph, node, backends, catalog))
    except UnknownShapeError as unknown:
        return Declined(reason=str(unknown))
    if isinstance(result, Declined):
        return result
    outputs = result if isinstance(result, tuple) else (result,)
    read = {normal(tensor) for reader in graph.readers.get(node.name, ()) for tensor in reader.inputs}
    read |= set(graph.outputs)
    beyond = [t for t in read if node_of(t) == node.name and index_of(t) >= len(outputs)]
    if beyond:
        return Declined(reason=f"its output {beyond[0].partition(':')[2]} is used, which isn't made")
    for i, output in enumerate(outputs):
        known = graph.type_of(f"{node.name}:{i}" if i else node.name)
        if known is not None and known.dtype != output.dtype:
            raise RuntimeError(f"{lowering.name} makes {output.dtype} of {node.name}, which was {known.dtype}")
    return Replacement(root=_root(outputs[0]), others=tuple(output.source for output in outputs[1:]))


def _root(output: Tensor) -> NewNode:
    """A node of its own: a tensor that is there already gets an Identity, which falls away."""
    source = output.source
    if isinstance(source, NewNode):
        return source
    made = identity(output).source
    assert isinstance(made, NewNode)
    return made


def _by_op(lowerings: Sequence[Lowering]) -> dict[str, list[Lowering]]:
    table: dict[str, list[Lowering]] = {}
    for lowering in lowerings:
        for op in lowering.ops:
            table.setdefault(op, []).append(lowering)
    return table
