"""Loop variables that needn't be: what stays the same in each turn, what another counts as well, what nobody reads.

A weight that a loop hands round becomes a Const of its body; what only passes through is read from outside after the loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tfjsci.graph.calls import LOOPS, arguments, bodies, calls, dtypes, shapes
from tfjsci.graph.graph import Constant, DType, FunctionBody, Graph, Node, dtype_name, node_of, normal
from tfjsci.rewrite.control.parts import led, output, part_of, read_outputs, with_part


def with_fewer_variables(graph: Graph) -> Graph:
    """Each loop with as few variables as it needs, each branch with as few arguments."""
    if not graph.functions:
        return graph
    while True:
        for part, node in calls(graph):
            changed = _loop(graph, part, node) if node.op in LOOPS else _branch(graph, part, node)
            if changed is not None:
                graph = changed
                break
        else:
            return graph


@dataclass(frozen=True)
class _Loop:
    """One loop where it stands: ``same`` are the numbers of variables that each turn leaves as they are."""

    part: Graph
    node: Node
    cond: FunctionBody
    body: FunctionBody

    @property
    def same(self) -> list[int]:
        outputs = self.body.graph.outputs
        return [i for i, name in enumerate(self.body.inputs) if normal(outputs[i]) == name]


def _loop(graph: Graph, where: str, node: Node) -> Graph | None:
    """The graph with one loop simplified, or None if there is nothing to do."""
    inside = bodies(graph, node)
    loop = _Loop(part_of(graph, where), node, inside["cond"], inside["body"])
    done = loop
    while (better := _step(done)) is not None:
        done = better
    if done is loop:
        return None
    graph = with_part(graph, where, done.part)
    graph = with_part(graph, done.cond.name, done.cond.graph, done.cond.inputs)
    return with_part(graph, done.body.name, done.body.graph, done.body.inputs)


def _step(loop: _Loop) -> _Loop | None:
    for step in (_past_the_loop, _sink_constants, _merge, _drop_unread):
        done = step(loop)
        if done is not None:
            return done
    return None


def _past_the_loop(loop: _Loop) -> _Loop | None:
    """What reads a variable after the loop that is the same in each turn reads what came in."""
    read = read_outputs(loop.part, loop.node)
    outputs = set(map(normal, loop.part.outputs))
    past = {
        output(loop.node, i): loop.node.inputs[i]
        for i in loop.same
        if i in read and output(loop.node, i) not in outputs
    }
    return replace(loop, part=led(loop.part, past)) if past else None


def _sink_constants(loop: _Loop) -> _Loop | None:
    """A constant that is handed round is a constant of the functions."""
    for i in loop.same:
        constant = loop.part.constant(loop.node.inputs[i])
        if constant is not None and (_reads(loop.cond, i) or _reads(loop.body, i)):
            return replace(
                loop,
                cond=with_constant(loop.cond, i, loop.part, loop.node.inputs[i]),
                body=with_constant(loop.body, i, loop.part, loop.node.inputs[i]),
            )
    return None


def _reads(body: FunctionBody, i: int) -> bool:
    return bool(body.graph.readers.get(body.inputs[i]))


def with_constant(body: FunctionBody, i: int, outside: Graph, tensor: str) -> FunctionBody:
    """Whoever reads argument ``i`` in the function reads a Const there that is the one outside."""
    graph = body.graph
    constant = outside.constant(tensor)
    assert constant is not None
    name = graph.fresh(node_of(tensor))
    kept = normal(body.inputs[i])
    outputs = graph.outputs
    made = Node(
        name=name,
        op="Const",
        attrs={"dtype": DType(dtype_name(constant.value))},
        origin=outside[node_of(tensor)].origin,
    )
    with_it = replace(graph, nodes=(made, *graph.nodes), constants={**graph.constants, name: constant})
    changed = led(with_it, {kept: name})
    own = tuple(kept if normal(t) == kept else new for t, new in zip(outputs, changed.outputs, strict=True))
    changed = replace(changed, outputs=own)
    return replace(body, graph=changed)


def _merge(loop: _Loop) -> _Loop | None:
    """Two variables that begin alike and go on alike are one."""
    count = len(loop.body.inputs)
    for j in range(count):
        for i in range(j):
            if _alike(loop, i, j):
                return _merged(loop, i, j)
    return None


def _alike(loop: _Loop, i: int, j: int) -> bool:
    if output(loop.node, j) in map(normal, loop.part.outputs):
        return False  # two outputs of a graph are two tensors
    if not _reads(loop.body, j) and not _reads(loop.cond, j) and j not in read_outputs(loop.part, loop.node):
        return False  # it goes as one that nobody reads
    first, second = loop.node.inputs[i], loop.node.inputs[j]
    if first != second and not _equal(loop.part.constant(first), loop.part.constant(second)):
        return False
    if i in loop.same or j in loop.same:
        return i in loop.same and j in loop.same and first == second
    one, two = (counts(loop.body, k) for k in (i, j))
    return one is not None and one == two


def _equal(a: Constant | None, b: Constant | None) -> bool:
    if a is None or b is None or a.value.dtype != b.value.dtype or a.value.shape != b.value.shape:
        return False
    return a.value.dtype.kind in "iu" and bool(np.array_equal(a.value, b.value))


def counts(body: FunctionBody, i: int) -> int | None:
    """How much a turn adds to variable ``i``, if it does nothing else to it and that is a constant whole number."""
    maker = body.graph.by_name.get(normal(body.graph.outputs[i]))
    if maker is None or maker.op not in {"AddV2", "Add"}:
        return None
    for mine, other in (maker.inputs, maker.inputs[::-1]):
        step = body.graph.constant(other)
        if (
            normal(mine) == body.inputs[i]
            and step is not None
            and step.value.shape == ()
            and step.value.dtype.kind in "iu"
        ):
            return int(step.value)
    return None


def _merged(loop: _Loop, i: int, j: int) -> _Loop:
    """Whoever reads variable ``j`` reads ``i``; ``j`` itself stays, and nobody reads it."""
    part, node = loop.part, loop.node
    return replace(
        loop,
        part=led(part, {output(node, j): output(node, i)}),
        cond=_led_argument(loop.cond, i, j),
        body=_led_argument(loop.body, i, j, own=j),
    )


def _led_argument(body: FunctionBody, i: int, j: int, own: int | None = None) -> FunctionBody:
    """Readers of argument ``j`` read ``i``, but what makes the next ``j`` stays apart: it falls away with it."""
    graph = body.graph
    changed = led(graph, {body.inputs[j]: body.inputs[i]})
    if own is not None:
        outputs = list(changed.outputs)
        outputs[own] = body.inputs[j]
        changed = replace(changed, outputs=tuple(outputs)).pruned()
    return replace(body, graph=changed)


def _drop_unread(loop: _Loop) -> _Loop | None:
    """A variable goes that neither the condition reads, nor anything after the loop, nor another that stays."""
    needed = read_outputs(loop.part, loop.node)
    needed |= _made_of(loop.cond, loop.cond.graph.outputs)
    while True:
        more = needed | _made_of(loop.body, [loop.body.graph.outputs[i] for i in needed])
        if more == needed:
            break
        needed = more
    stay = sorted(needed)
    if len(stay) == len(loop.node.inputs):
        return None
    return _only(loop, stay)


def _made_of(body: FunctionBody, tensors: Sequence[str]) -> set[int]:
    """The numbers of the arguments that these tensors are computed from."""
    places = {name: i for i, name in enumerate(body.inputs)}
    seen: set[str] = set()
    stack = [node_of(tensor) for tensor in tensors]
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            stack += [node_of(tensor) for tensor in body.graph[name].inputs]
    return {places[name] for name in seen if name in places}


def _only(loop: _Loop, stay: Sequence[int]) -> _Loop:
    node = loop.node
    attrs = dict(node.attrs)
    attrs["T"] = tuple(dtypes(node, "T")[i] for i in stay)
    attrs["output_shapes"] = tuple(known[i] for i in stay) if (known := shapes(node)) else ()
    changed = replace(node, inputs=tuple(node.inputs[i] for i in stay), attrs=attrs)
    moved = {output(node, old): output(node, new) for new, old in enumerate(stay) if old != new}
    part = _with_node(loop.part, changed, moved)
    body = only_arguments(loop.body, stay, outputs=tuple(loop.body.graph.outputs[i] for i in stay))
    return replace(loop, part=part, node=changed, cond=only_arguments(loop.cond, stay), body=body)


def only_arguments(body: FunctionBody, stay: Sequence[int], outputs: tuple[str, ...] | None = None) -> FunctionBody:
    """The function without the other arguments, which nothing needs."""
    gone = {name for i, name in enumerate(body.inputs) if i not in stay}
    graph = body.graph if outputs is None else replace(body.graph, outputs=outputs)
    nodes = tuple(replace(n, op="NoOp") if n.name in gone else n for n in graph.nodes)  # no Placeholder: it is pruned
    pruned = replace(graph, nodes=nodes).pruned()
    return replace(body, inputs=tuple(body.inputs[i] for i in stay), graph=pruned)


def _with_node(part: Graph, node: Node, moved: dict[str, str]) -> Graph:
    types = {moved.get(t, t): known for t, known in part.types.items() if node_of(t) != node.name or t in moved}
    kept = {t: known for t, known in part.types.items() if node_of(t) == node.name and t not in moved}
    nodes = tuple(node if each.name == node.name else each for each in part.nodes)
    return led(replace(part, nodes=nodes, types={**kept, **types}), moved).pruned()


def _branch(graph: Graph, where: str, node: Node) -> Graph | None:
    """A branch's arguments that are constants, or that no branch reads, go."""
    inside = bodies(graph, node)
    part = part_of(graph, where)
    given = arguments(node)
    for i, tensor in enumerate(given):
        if part.constant(tensor) is not None and any(_used(body, i) for body in inside.values()):
            for body in inside.values():
                changed = with_constant(body, i, part, tensor)
                changed = replace(changed, graph=led(changed.graph, _outputs_too(body, i, changed)))
                graph = with_part(graph, body.name, changed.graph)
            return graph
    stay = [i for i in range(len(given)) if any(_used(body, i) for body in inside.values())]
    if len(stay) == len(given):
        return None
    for body in inside.values():
        fewer = only_arguments(body, stay)
        graph = with_part(graph, body.name, fewer.graph, fewer.inputs)
    first = node.inputs[0]
    attrs = {**node.attrs, "Tin": tuple(dtypes(node, "Tin")[i] for i in stay)}
    changed_node = replace(node, inputs=(first, *(given[i] for i in stay)), attrs=attrs)
    return with_part(graph, where, _with_node(part, changed_node, {}))


def _used(body: FunctionBody, i: int) -> bool:
    return _reads(body, i) or body.inputs[i] in map(normal, body.graph.outputs)


def _outputs_too(body: FunctionBody, i: int, changed: FunctionBody) -> dict[str, str]:
    """An argument given back as it is is the constant, too."""
    new = next(node.name for node in changed.graph.nodes if node.op == "Const" and node.name not in body.graph)
    return {body.inputs[i]: new}
