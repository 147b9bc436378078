"""A graph against the ops and kernels that the TensorFlow.js release has: what can't run, where, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tfjsci.catalog.catalog import Catalog, load_catalog
from tfjsci.catalog.hints import hint_for
from tfjsci.catalog.impossible import why_not
from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.read_back import HINT, REASON, made_to_be_read
from tfjsci.catalog.restrictions import RESTRICTIONS_OF, RESTRICTIONS_OF_ANY
from tfjsci.dtypes import Backend
from tfjsci.graph.calls import roles
from tfjsci.graph.graph import Graph, Node


@dataclass(frozen=True, kw_only=True)
class UnsupportedOp:
    """One op (with one reason) that can't run on ``backends``.

    ``nodes`` are all the nodes that have it, ``layers`` the layers of the original model that they came from; ``tried``
    are the lowerings of the op that declined, each with its reason.
    """

    op: str
    reason: str
    hint: str
    backends: tuple[Backend, ...]
    nodes: tuple[str, ...]
    layers: tuple[str, ...]
    tried: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How often it occurs."""
        return len(self.nodes)

    @property
    def attempts(self) -> str:
        """What was tried, as a sentence's end."""
        if self.tried:
            return f"no lowering fits ({'; '.join(self.tried)})"
        reason = why_not(self.op)
        return f"there is no lowering for it{f': {reason}' if reason else ''}"


@dataclass(frozen=True, kw_only=True)
class LoweredOp:
    """One op of the original (with one reason) that ``backends`` couldn't run, and the lowering that replaced it.

    Without ``backends`` it is replaced always, as ``reason`` says.
    """

    op: str
    by: str
    reason: str
    backends: tuple[Backend, ...]
    nodes: tuple[str, ...]
    layers: tuple[str, ...]

    @property
    def count(self) -> int:
        """How often it occurred."""
        return len(self.nodes)

    @property
    def beneficiaries(self) -> str:
        """The backends, for a sentence."""
        return ", ".join(self.backends) or "every backend"


@dataclass(frozen=True, kw_only=True)
class OpCheck:
    """What the check found: every op with its count, those that can't run, and those that were made to."""

    ops: dict[str, int]
    unsupported: tuple[UnsupportedOp, ...]
    lowered: tuple[LoweredOp, ...] = ()

    def fewer(self, backends: Sequence[Backend]) -> tuple[Backend, ...]:
        """Those of ``backends`` that run all of it, where some can't; else none."""
        refusing = {backend for op in self.unsupported for backend in op.backends}
        return tuple(each for each in backends if each not in refusing) if refusing else ()


@dataclass(frozen=True, kw_only=True)
class _Problem:
    """Why one node can't run."""

    reason: str
    hint: str
    backends: tuple[Backend, ...]


def check_ops(graph: Graph, backends: Sequence[Backend], catalog: Catalog | None = None) -> OpCheck:
    """Every op of ``graph`` and of the functions it reaches, against what ``backends`` can run.

    A node inside a function is named ``function/node``. An op counts as unsupported where it throws, and where it gives
    wrong numbers without saying so. ``unsupported`` is sorted by op and reason, so that the same graph reads the same.
    """
    known = catalog or load_catalog()
    counts: Counter[str] = Counter()
    found: dict[tuple[str, _Problem], list[tuple[str, Node]]] = {}
    for prefix, part in _reached(graph):
        for node in part:
            counts[node.op] += 1
            for problem in _problems(part, node, tuple(backends), known):
                found.setdefault((node.op, problem), []).append((prefix + node.name, node))
    return OpCheck(
        ops=dict(sorted(counts.items())),
        unsupported=tuple(
            UnsupportedOp(
                op=op,
                reason=problem.reason,
                hint=problem.hint,
                backends=problem.backends,
                nodes=tuple(name for name, _ in nodes),
                layers=tuple(dict.fromkeys(layer for _, node in nodes for layer in node.origin)),
            )
            for (op, problem), nodes in sorted(found.items(), key=lambda item: (item[0][0], item[0][1].reason))
        ),
    )


def problems_of(
    graph: Graph, node: Node, backends: Sequence[Backend], catalog: Catalog | None = None
) -> list[tuple[str, tuple[Backend, ...]]]:
    """Why a node of ``graph`` can't run, each reason with those of ``backends`` that it's about; empty if it can."""
    found = _problems(graph, node, tuple(backends), catalog or load_catalog())
    return [(problem.reason, problem.backends) for problem in found]


def _reached(graph: Graph) -> Iterator[tuple[str, Graph]]:
    """The main graph, then each function that it or a function reached before names, once; with the prefix of its nodes."""
    yield "", graph
    waiting, seen = list(_functions_named(graph)), set()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in graph.functions:
            continue
        seen.add(name)
        body = graph.functions[name].graph
        yield f"{name}/", body
        waiting += _functions_named(body)


def _functions_named(graph: Graph) -> Iterator[str]:
    for node in graph:
        yield from roles(node).values()


def _problems(graph: Graph, node: Node, backends: tuple[Backend, ...], catalog: Catalog) -> Iterator[_Problem]:
    """All that is wrong with a node; where a backend hasn't got the op at all, how it is used there doesn't matter."""
    if node.op in catalog.custom:
        return
    by_name = list(_by_name(node.op, catalog))
    without = {backend for problem in by_name for backend in problem.backends}
    for problem in by_name:
        yield from _narrowed(problem, backends)
    having = tuple(backend for backend in backends if backend not in without)
    for problem in _by_use(NodeView(graph, node)):
        yield from _narrowed(problem, having)
    if "webgpu" in having and node.name in made_to_be_read(graph, catalog):
        yield _Problem(reason=REASON, hint=HINT, backends=("webgpu",))


def _narrowed(problem: _Problem, backends: tuple[Backend, ...]) -> Iterator[_Problem]:
    """The problem on those of ``backends`` that have it, if any."""
    hit = tuple(backend for backend in backends if backend in problem.backends)
    if hit:
        yield replace(problem, backends=hit)


def _by_name(op: str, catalog: Catalog) -> Iterator[_Problem]:
    """What the op's name alone tells."""
    entry = catalog.ops.get(op)
    if entry is None:
        everywhere = tuple(catalog.kernels)
        hint = hint_for(op, everywhere, catalog)
        yield _Problem(reason=f"TensorFlow.js {catalog.version} has no such op", hint=hint, backends=everywhere)
        return
    if entry.fails:
        everywhere = tuple(catalog.kernels)
        reason = f"throws: the runtime's own definition of it is broken ({entry.fails})"
        yield _Problem(reason=reason, hint=hint_for(op, everywhere, catalog), backends=everywhere)
        return
    for kernels, lackers in catalog.lacking[op].items():
        reason = f"throws: the backend has no kernel {', '.join(kernels)}"
        yield _Problem(reason=reason, hint=hint_for(op, lackers, catalog), backends=lackers)


def _by_use(view: NodeView) -> Iterator[_Problem]:
    """What attributes, shapes and dtypes do to it."""
    for restriction in RESTRICTIONS_OF.get(view.op, RESTRICTIONS_OF_ANY):
        reason = restriction.reason(view)
        if reason is not None:
            yield _Problem(reason=reason, hint=restriction.hint, backends=restriction.backends)
