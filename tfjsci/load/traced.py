"""From a traced function to our graph: weights taken out, calls inlined, structure simplified.

Variables are resource handles in a function's graph. They stay so while Grappler inlines; then each read of one becomes
a Placeholder of the variable's own dtype and shape, Grappler simplifies the structure without ever seeing a weight, and
the values come back as Consts beside the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.calls import CALLS
from tfjsci.graph.graph import Array, Constant, FunctionBody, Graph
from tfjsci.graph.graphdef import from_graphdef
from tfjsci.graph.grappler import INLINE, SIMPLIFY, functions_of, optimize, prepare, reachable
from tfjsci.graph.tables import FIND, SIZE, TableContents, table_nodes
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.bodies import take_functions
from tfjsci.load.changes import handed_to_writers
from tfjsci.load.data_of import data_of
from tfjsci.load.origin import layer_of
from tfjsci.load.stand_ins import StandIns
from tfjsci.load.state import thread_state

_HANDS_ON = frozenset({"Identity", "Snapshot"})
_CHANGES = (
    "Assign", "Resource", "Rng", "StatefulUniform", "StatefulStandard", "StatefulTruncated", "StatefulRandom",
    "LookupTableImport", "LookupTableInsert", "LookupTableRemove", "InitializeTable",
)  # fmt: skip
"""How the names of ops begin that write to a variable or table (a ResourceGather is none by the time that this is asked)."""


@dataclass(frozen=True, kw_only=True)
class Weight:
    """A variable (or captured constant) by its path in the original; ``read`` fetches its value, once, if it is used."""

    path: str
    read: Callable[[], Array]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A look-up table by its path in the original; ``read`` fetches what it holds, once, if it is asked.

    ``read`` is told the dtypes of keys and values, by TensorFlow's numbers, where the node that asks says them (else 0).
    """

    path: str
    read: Callable[[int, int], TableContents]


def graph_of(
    graphdef: Any,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    weights: Mapping[str, Weight],
    tables: Mapping[str, Table] = {},
    layers: frozenset[str] = frozenset(),
) -> Graph:
    """The GraphDef inlined and simplified, with its variables as Consts.

    ``inputs`` are node names, ``outputs`` tensor names; ``weights`` are those behind handles (nodes that make a
    resource: captured Placeholders, VarHandleOps) and captured plain Placeholders, by node name; ``tables`` are those behind
    handles of look-up tables, in the same way; ``layers`` are the names of the model's layers, where they are known.
    Raises ``ConversionFailed`` when Grappler refuses the graph, and for state.
    """
    graph, _ = stateful_graph_of(
        graphdef, inputs=inputs, outputs=outputs, weights=weights, tables=tables, layers=layers
    )
    return graph


def stateful_graph_of(
    graphdef: Any,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    weights: Mapping[str, Weight],
    tables: Mapping[str, Table] = {},
    layers: frozenset[str] = frozenset(),
    state_as_io: bool = False,
) -> tuple[Graph, tuple[StateTensors, ...]]:
    """The same; with ``state_as_io`` a variable that is read and written is a Placeholder and one output more of the graph.

    Those are told in order behind the graph. State that stays is refused.
    """
    state = _State(weights=weights, tables=tables, layers=layers, as_io=state_as_io)
    handles = {name: name for name in (*weights, *tables)}
    graph = _graph(prepare(graphdef), list(inputs), list(outputs), handles, state)
    return graph, tuple(state.threaded)


@dataclass(frozen=True, kw_only=True)
class StateTensors:
    """One variable as input and output: its handle, its value before the first call, and the two tensors."""

    handle: str
    path: str
    initial: Array
    before: str
    after: str


@dataclass(kw_only=True)
class _State:
    """What the main graph and its functions share: the weights by handle, what was read of them, the functions' names.

    ``used`` and ``changes`` are of handles: those that an output is made of, and what writes to which.
    """

    weights: Mapping[str, Weight]
    tables: Mapping[str, Table]
    layers: frozenset[str]
    as_io: bool = False
    threaded: list[StateTensors] = field(default_factory=list)
    read: dict[str, Constant] = field(default_factory=dict)
    held: dict[str, TableContents] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    changes: list[tuple[str, str]] = field(default_factory=list)  # which op, and the handle

    def value(self, handle: str) -> Constant:
        """The value behind a handle: one array, however many functions read it."""
        if handle not in self.read:
            weight = self.weights[handle]
            self.read[handle] = Constant(value=weight.read(), sources=(weight.path,))
        return self.read[handle]

    def contents(self, handle: str, node: Any) -> TableContents:
        """What the table behind a handle holds, for a node that asks it."""
        if handle not in self.held:
            key, value = (node.attr[name].type if name in node.attr else 0 for name in ("Tin", "Tout"))
            self.held[handle] = self.tables[handle].read(key, value)
        return self.held[handle]

    def path(self, handle: str) -> str:
        """The variable's or table's name in the original."""
        return self.weights[handle].path if handle in self.weights else self.tables[handle].path


def _graph(
    graphdef: Any, inputs: Sequence[str], outputs: Sequence[str], handles: Mapping[str, str], state: _State
) -> Graph:
    """One graph, main or a function's; ``handles`` are its nodes that stand for a weight, by the handle in the main graph."""
    fetch = [tensor.partition(":")[0] for tensor in outputs]
    placeholders = {node.name for node in graphdef.node if node.op == "Placeholder"}
    fed = [*inputs, *(name for name in handles if name in placeholders and name not in inputs)]
    inlined = optimize(graphdef, fetch=fetch, feed=fed, passes=INLINE)
    if state.as_io:
        state.as_io = False  # what functions do to a variable isn't followed
        state.threaded = _threaded(inlined, fetch, handles, state)
        inputs = [*inputs, *(each.before for each in state.threaded)]
        outputs = [*outputs, *(each.after for each in state.threaded)]
        fetch = [tensor.partition(":")[0] for tensor in outputs]
    values, tables, functions = _reads_to_placeholders(inlined, fetch, handles, state)
    simplified = optimize(inlined, fetch=fetch, feed=[*inputs, *values, *tables], passes=SIMPLIFY)
    present = {node.name for node in simplified.node}
    # An argument that a function doesn't use is one all the same.
    simplified.node.extend(node for node in graphdef.node if node.name in set(inputs) - present)
    present |= set(inputs)
    called = {name for node in simplified.node for name in functions_of(node)}
    graph = from_graphdef(
        simplified,
        outputs=outputs,
        weights={name: value for name, value in values.items() if name in present},
        origins={node.name: layer_of(node.name, state.layers) for node in simplified.node},
        functions=_flat({name: body for name, body in functions.items() if name in called}),
    )
    return _with_tables(graph, {name: held for name, held in tables.items() if name in graph})


def _threaded(graphdef: Any, fetch: Sequence[str], handles: Mapping[str, str], state: _State) -> list[StateTensors]:
    """The variables that the main graph reads and writes, as Placeholders and outputs more of it, in place."""
    nodes = {node.name: node for node in graphdef.node}
    source = _sources(nodes, {name: handle for name, handle in handles.items() if handle in state.weights})
    made = StandIns(graphdef, taken=set(nodes))
    threads = thread_state(
        graphdef, fetch, source, lambda handle: made.of(handle, state.value(handles[handle])), made.unused
    )
    return [
        StateTensors(
            handle=each.handle,
            path=state.path(handles[each.handle]),
            initial=made.values[each.placeholder].value,
            before=each.placeholder,
            after=each.last,
        )
        for each in sorted(threads, key=lambda each: state.path(handles[each.handle]))
    ]


def _with_tables(graph: Graph, tables: Mapping[str, TableContents]) -> Graph:
    """The Placeholders that stand for tables become tables."""
    for name, contents in tables.items():
        nodes, constants = table_nodes(name, contents, taken=graph)
        others = tuple(node for node in graph.nodes if node.name != name)
        graph = replace(graph, nodes=(*nodes, *others), constants={**graph.constants, **constants})
    return graph


def _flat(functions: Mapping[str, FunctionBody]) -> dict[str, FunctionBody]:
    """These functions and those inside of them, side by side."""
    flat: dict[str, FunctionBody] = {}
    for name, body in functions.items():
        flat[name] = replace(body, graph=replace(body.graph, functions={}))
        flat |= body.graph.functions
    return flat


def _reads_to_placeholders(
    graphdef: Any, fetch: Sequence[str], handles: Mapping[str, str], state: _State
) -> tuple[dict[str, Constant], dict[str, TableContents], dict[str, FunctionBody]]:
    """Rewrite, in place, each read of a weight into a Placeholder named by the variable's path, and each table into one.

    Returns their values, what the tables hold, and the functions of loops and branches. Raises ``ConversionFailed`` for state.
    """
    tf = tensorflow()
    nodes = {node.name: node for node in graphdef.node}
    source = _sources(nodes, handles)
    needed = data_of(nodes, fetch)

    def load(part: Any, inputs: Sequence[str], outputs: Sequence[str], inside: Mapping[str, str]) -> Graph:
        return _graph(reachable(part), inputs, outputs, {name: handles[outer] for name, outer in inside.items()}, state)

    library = {function.signature.name: function for function in graphdef.library.function}
    _refuse_state(nodes, library, source, handles, needed, state)
    functions = take_functions(graphdef, needed, source, load, state.taken)
    _drop_effects(graphdef, needed)
    made = StandIns(graphdef, taken=set(nodes))
    resource = tf.resource.as_datatype_enum

    renamed: dict[str, str] = {}  # what read the weight -> the Placeholder that takes its place
    for node in list(graphdef.node):
        if node.op == "ReadVariableOp" and (handle := source(node.input[0])):
            renamed[node.name] = made.of(handle, state.value(handles[handle]))
        elif node.op == "ResourceGather" and (handle := source(node.input[0])):
            made.gather(node, made.of(handle, state.value(handles[handle])))
        elif node.op in (FIND, SIZE) and (handle := source(node.input[0])) and handles[handle] in state.tables:
            node.input[0] = made.table(handle, state.contents(handles[handle], node))
        elif node.op == "Placeholder" and node.name in handles and node.attr["dtype"].type != resource:
            renamed[node.name] = made.of(node.name, state.value(handles[node.name]))
    _rename_inputs(graphdef, renamed)
    _drop(graphdef, set(renamed), handles=set(handles))
    return made.values, made.tables, functions


def _writes(node: Any) -> bool:
    return bool(node.op.startswith(_CHANGES) and node.op != "ResourceGather")


def _refuse_state(
    nodes: Mapping[str, Any],
    library: Mapping[str, Any],
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
        if node.op in CALLS:
            if (
                node.name not in needed
            ):  # it may be there for what it writes alone; what a needed one does its functions tell
                data = [tensor for tensor in node.input if not tensor.startswith("^")]
                written = (source(data[i]) for i in handed_to_writers(node, library, _writes))
                state.changes += [(f"{node.op} {node.name}", handles[handle]) for handle in written if handle]
            continue
        touched = of(node)
        if node.name in needed:
            state.used |= set(touched)
        if _writes(node):
            state.changes += [(f"{node.op} {node.name}", handle) for handle in touched]
    if changes := [(what, handle) for what, handle in state.changes if handle in state.used]:
        listed = "; ".join(f"{what} changes {state.path(handle)}" for what, handle in changes[:5])
        raise ConversionFailed(
            f"the model keeps state between its calls: {listed}",
            hint="Convert it with --state-as-io (in a manifest state_as_io: true), which makes an input and an output of each "
            "such variable that no loop or branch changes; or export it for inference (training=False).",
        )


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
