"""From a traced function to our graph: weights taken out, calls inlined, structure simplified.

Variables are resource handles in a function's graph. They stay so while Grappler inlines; then each read of one becomes
a Placeholder of the variable's own dtype and shape, Grappler simplifies the structure without ever seeing a weight, and
the values come back as Consts beside the graph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.graph import Array, Constant, FunctionBody, Graph, normal, unused_name
from tfjsci.graph.graphdef import from_graphdef
from tfjsci.graph.grappler import INLINE, SIMPLIFY, functions_of, optimize, prepare, reachable
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.bodies import BRANCHES, WHILE, take_functions
from tfjsci.load.origin import layer_of

_HANDS_ON = frozenset({"Identity", "Snapshot"})
_CHANGES = ("Assign", "Resource", "Rng", "StatefulUniform", "StatefulStandard", "StatefulTruncated", "StatefulRandom")
"""How the names of ops begin that write to a variable (a ResourceGather is none by the time that this is asked)."""


@dataclass(frozen=True, kw_only=True)
class Weight:
    """A variable (or captured constant) by its path in the original; ``read`` fetches its value, once, if it is used."""

    path: str
    read: Callable[[], Array]


def graph_of(
    graphdef: Any,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    weights: Mapping[str, Weight],
    layers: frozenset[str] = frozenset(),
) -> Graph:
    """The GraphDef inlined and simplified, with its variables as Consts.

    ``inputs`` are node names, ``outputs`` tensor names; ``weights`` are those behind handles (nodes that make a
    resource: captured Placeholders, VarHandleOps) and captured plain Placeholders, by node name; ``layers`` are the
    names of the model's layers, where they are known. Raises ``ConversionFailed`` when Grappler refuses the graph.
    """
    state = _State(weights=weights, layers=layers)
    return _graph(prepare(graphdef), list(inputs), list(outputs), {name: name for name in weights}, state)


@dataclass(kw_only=True)
class _State:
    """What the main graph and its functions share: the weights by handle, what was read of them, the functions' names.

    ``used`` and ``changes`` are of handles: those that an output is made of, and what writes to which.
    """

    weights: Mapping[str, Weight]
    layers: frozenset[str]
    read: dict[str, Constant] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    changes: list[tuple[str, str]] = field(default_factory=list)  # which op, and the handle

    def value(self, handle: str) -> Constant:
        """The value behind a handle: one array, however many functions read it."""
        if handle not in self.read:
            weight = self.weights[handle]
            self.read[handle] = Constant(value=weight.read(), sources=(weight.path,))
        return self.read[handle]


def _graph(
    graphdef: Any, inputs: Sequence[str], outputs: Sequence[str], handles: Mapping[str, str], state: _State
) -> Graph:
    """One graph, main or a function's; ``handles`` are its nodes that stand for a weight, by the handle in the main graph."""
    fetch = [tensor.partition(":")[0] for tensor in outputs]
    placeholders = {node.name for node in graphdef.node if node.op == "Placeholder"}
    fed = [*inputs, *(name for name in handles if name in placeholders and name not in inputs)]
    inlined = optimize(graphdef, fetch=fetch, feed=fed, passes=INLINE)
    values, functions = _reads_to_placeholders(inlined, fetch, handles, state)
    simplified = optimize(inlined, fetch=fetch, feed=[*inputs, *values], passes=SIMPLIFY)
    present = {node.name for node in simplified.node}
    # An argument that a function doesn't use is one all the same.
    simplified.node.extend(node for node in graphdef.node if node.name in set(inputs) - present)
    present |= set(inputs)
    called = {name for node in simplified.node for name in functions_of(node)}
    return from_graphdef(
        simplified,
        outputs=outputs,
        weights={name: value for name, value in values.items() if name in present},
        origins={node.name: layer_of(node.name, state.layers) for node in simplified.node},
        functions=_flat({name: body for name, body in functions.items() if name in called}),
    )


def _flat(functions: Mapping[str, FunctionBody]) -> dict[str, FunctionBody]:
    """These functions and those inside of them, side by side."""
    flat: dict[str, FunctionBody] = {}
    for name, body in functions.items():
        flat[name] = replace(body, graph=replace(body.graph, functions={}))
        flat |= body.graph.functions
    return flat


def _reads_to_placeholders(
    graphdef: Any, fetch: Sequence[str], handles: Mapping[str, str], state: _State
) -> tuple[dict[str, Constant], dict[str, FunctionBody]]:
    """Rewrite, in place, each read of a weight into a Placeholder named by the variable's path.

    Returns their values, and the functions of loops and branches. Raises ``ConversionFailed`` for state.
    """
    tf = tensorflow()
    nodes = {node.name: node for node in graphdef.node}
    source = _sources(nodes, handles)
    needed = _data_of(nodes, fetch)

    def load(part: Any, inputs: Sequence[str], outputs: Sequence[str], inside: Mapping[str, str]) -> Graph:
        return _graph(reachable(part), inputs, outputs, {name: handles[outer] for name, outer in inside.items()}, state)

    _refuse_state(nodes, source, handles, needed, state)
    functions = take_functions(graphdef, needed, source, load, state.taken)
    _drop_effects(graphdef, needed)
    made = _Placeholders(graphdef, taken=set(nodes))
    resource = tf.resource.as_datatype_enum

    renamed: dict[str, str] = {}  # what read the weight -> the Placeholder that takes its place
    for node in list(graphdef.node):
        if node.op == "ReadVariableOp" and (handle := source(node.input[0])):
            renamed[node.name] = made.of(handle, state.value(handles[handle]))
        elif node.op == "ResourceGather" and (handle := source(node.input[0])):
            made.gather(node, made.of(handle, state.value(handles[handle])))
        elif node.op == "Placeholder" and node.name in handles and node.attr["dtype"].type != resource:
            renamed[node.name] = made.of(node.name, state.value(handles[node.name]))
    _rename_inputs(graphdef, renamed)
    _drop(graphdef, set(renamed), handles=set(handles))
    return made.values, functions


def _refuse_state(
    nodes: Mapping[str, Any],
    source: Callable[[str], str | None],
    handles: Mapping[str, str],
    needed: set[str],
    state: _State,
) -> None:
    """A variable that the model changes and an output reads: the browser would answer as if it never changed.

    What is written and reaches no output (the state of a generator whose numbers inference doesn't use) falls away.
    """

    def of(node: Any) -> list[str]:
        found = (source(tensor) for tensor in node.input if not tensor.startswith("^"))
        return [handles[handle] for handle in found if handle]

    for node in nodes.values():
        if node.op in WHILE | BRANCHES:
            continue  # what its functions do to the variable is what counts
        touched = of(node)
        if node.name in needed:
            state.used |= set(touched)
        if node.op.startswith(_CHANGES) and node.op != "ResourceGather":
            state.changes += [(f"{node.op} {node.name}", handle) for handle in touched]
    if changes := [(what, handle) for what, handle in state.changes if handle in state.used]:
        listed = "; ".join(f"{what} changes {state.weights[handle].path}" for what, handle in changes[:5])
        raise ConversionFailed(
            f"the model keeps state between its calls: {listed}",
            hint="State isn't converted. Export it for inference (training=False), with the state as an input and an output.",
        )


def _data_of(nodes: Mapping[str, Any], fetch: Sequence[str]) -> set[str]:
    """The nodes whose data the outputs are made of; what only has to run before them is none of these."""
    needed: set[str] = set()
    stack = list(fetch)
    while stack:
        name = stack.pop()
        if name in nodes and name not in needed:
            needed.add(name)
            stack += [tensor.partition(":")[0] for tensor in nodes[name].input if not tensor.startswith("^")]
    return needed


def _drop_effects(graphdef: Any, needed: set[str]) -> None:
    """Take out, in place, what no output is made of, and every control edge: a converted graph has no side effects."""
    places = [i for i, node in enumerate(graphdef.node) if node.name not in needed and node.op != "Placeholder"]
    for i in reversed(places):
        del graphdef.node[i]
    for node in graphdef.node:
        if any(tensor.startswith("^") for tensor in node.input):
            data = [tensor for tensor in node.input if not tensor.startswith("^")]
            del node.input[:]
            node.input.extend(data)


def _sources(nodes: Mapping[str, Any], weights: Mapping[str, str]) -> Callable[[str], str | None]:
    def source(tensor: str) -> str | None:
        """The handle that a tensor is, seen through nodes that only hand it on."""
        name = tensor.partition(":")[0]
        while (node := nodes.get(name)) is not None and node.op in _HANDS_ON and node.input:
            name = node.input[0].partition(":")[0]
        return name if name in weights else None

    return source


class _Placeholders:
    """New Placeholders in a GraphDef, one for each weight that is read, and their values."""

    def __init__(self, graphdef: Any, taken: set[str]) -> None:
        self._graphdef = graphdef
        self._taken = taken
        self._named: dict[str, str] = {}
        self.values: dict[str, Constant] = {}

    def of(self, handle: str, weight: Constant) -> str:
        """The Placeholder that stands for this weight."""
        if handle not in self._named:
            tf = tensorflow()
            value = weight.value
            name = self._unused(weight.sources[0])
            self._named[handle] = name
            self.values[name] = weight
            made = self._graphdef.node.add(name=name, op="Placeholder")
            made.attr["dtype"].type = tf.as_dtype(
                "string" if value.dtype.kind in "OSU" else value.dtype
            ).as_datatype_enum
            made.attr["shape"].shape.CopyFrom(tf.TensorShape(value.shape).as_proto())
        return self._named[handle]

    def gather(self, node: Any, weight: str) -> None:
        """ResourceGather(handle, indices) -> GatherV2(weight, indices, 0), in place."""
        tf = tensorflow()
        axis = self._unused(f"{node.name}/axis")
        const = self._graphdef.node.add(name=axis, op="Const")
        const.attr["dtype"].type = tf.int32.as_datatype_enum
        const.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(0, dtype=tf.int32))
        dtype, indices_dtype = node.attr["dtype"].type, node.attr["Tindices"].type
        batch_dims = node.attr["batch_dims"].i
        indices, *control = node.input[1:]
        node.op = "GatherV2"
        del node.input[:]
        node.input.extend([weight, indices, axis, *control])
        node.attr.clear()
        node.attr["Tparams"].type = dtype
        node.attr["Tindices"].type = indices_dtype
        node.attr["Taxis"].type = tf.int32.as_datatype_enum
        node.attr["batch_dims"].i = batch_dims

    def _unused(self, wanted: str) -> str:
        """A legal node name that isn't taken, made from a variable's path."""
        name = re.sub(r"[^A-Za-z0-9_./>-]", "_", normal(wanted))
        if not re.match(r"[A-Za-z0-9.]", name):
            name = f"w{name}"
        unused = unused_name(name, self._taken)
        self._taken.add(unused)
        return unused


def _rename_inputs(graphdef: Any, renamed: Mapping[str, str]) -> None:
    for node in graphdef.node:
        for i, tensor in enumerate(node.input):
            bare = tensor.lstrip("^").partition(":")[0]
            if bare in renamed:
                node.input[i] = f"^{renamed[bare]}" if tensor.startswith("^") else renamed[bare]


def _drop(graphdef: Any, gone: set[str], *, handles: set[str]) -> None:
    """Take out the nodes in ``gone``, and the handles that nothing reads any more."""
    read = {t.lstrip("^").partition(":")[0] for node in graphdef.node if node.name not in gone for t in node.input}
    gone = gone | (handles - read)
    places = [i for i, node in enumerate(graphdef.node) if node.name in gone]
    for i in reversed(places):  # in place: copying the others would cost more than all the rest of this function
        del graphdef.node[i]
