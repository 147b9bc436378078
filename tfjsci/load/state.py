"""Variables that inference reads and writes, as inputs and outputs: the value before a call comes in, the one after it goes out.

TensorFlow orders what touches a variable by control edges. Followed in that order, each read is of the value last written, so
the graph needs no variable: the first value is an input, the last one an output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.data_of import data_of

_ARITHMETIC = {"AssignAddVariableOp": "AddV2", "AssignSubVariableOp": "Sub"}
_SCATTERS = {
    "ResourceScatterUpdate": "TensorScatterUpdate",
    "ResourceScatterAdd": "TensorScatterAdd",
    "ResourceScatterSub": "TensorScatterSub",
    "ResourceScatterNdUpdate": "TensorScatterUpdate",
    "ResourceScatterNdAdd": "TensorScatterAdd",
    "ResourceScatterNdSub": "TensorScatterSub",
}
WRITES = frozenset({"AssignVariableOp", *_ARITHMETIC, *_SCATTERS})
"""What changes a variable and can be said as a value."""
READS = frozenset({"ReadVariableOp", "ResourceGather"})

Source = Callable[[str], "str | None"]
"""A tensor -> the handle that it is, if it is one."""


@dataclass(frozen=True, kw_only=True)
class Threaded:
    """One variable: its handle, the Placeholder that brings its value in, and the node that hands the last one out."""

    handle: str
    placeholder: str
    last: str


def thread_state(
    graphdef: Any,
    fetch: Sequence[str],
    source: Source,
    placeholder_of: Callable[[str], str],
    unused: Callable[[str], str],
) -> list[Threaded]:
    """Take the variables that inference reads and writes out of ``graphdef``, in place, and say what stands for each.

    ``graphdef`` has its calls inlined; ``fetch`` are the nodes of its outputs; ``placeholder_of`` puts in a Placeholder for a
    variable and ``unused`` makes a name. What is written in a loop or a branch, or by an op that isn't in ``WRITES``,
    stays. Raises ``ConversionFailed`` when nothing orders a write and another use.
    """
    nodes = {node.name: node for node in graphdef.node}
    touching = _touching(graphdef, source)
    changed = {
        handle
        for handle, ops in touching.items()
        if any(op.op in WRITES for op in ops) and all(op.op in WRITES | READS for op in ops)
    }
    wanted = _read_and_written(nodes, touching, changed, fetch)
    if not wanted:
        return []
    order = list(_in_order(nodes))
    _require_ordered(nodes, {handle: touching[handle] for handle in wanted})
    current = {handle: placeholder_of(handle) for handle in wanted}
    first = dict(current)
    builder = _Builder(graphdef, unused)
    for name in order:
        node = nodes[name]
        if node.op not in READS | WRITES or (handle := source(node.input[0])) not in current or handle is None:
            continue
        if node.op == "ReadVariableOp":
            builder.turn_into_identity(node, current[handle])
        elif node.op == "ResourceGather":
            builder.turn_into_gather(node, current[handle])
        else:
            current[handle] = builder.written(node, current[handle])
    return [
        Threaded(handle=handle, placeholder=first[handle], last=builder.identity(first[handle], current[handle]))
        for handle in wanted
    ]


def _touching(graphdef: Any, source: Source) -> dict[str, list[Any]]:
    """Each handle with the nodes that do something with the variable behind it."""
    found: dict[str, list[Any]] = {}
    for node in graphdef.node:
        if node.op in ("Identity", "Snapshot"):
            continue
        for tensor in node.input:
            if not tensor.startswith("^") and (handle := source(tensor)) is not None:
                found.setdefault(handle, []).append(node)
    return found


def _read_and_written(
    nodes: Mapping[str, Any], touching: Mapping[str, list[Any]], changed: set[str], fetch: Sequence[str]
) -> list[str]:
    """The changed variables that the outputs are made of, or that such a variable's new value is made of."""
    handle_of = {node.name: handle for handle in changed for node in touching[handle]}
    wanted: dict[str, None] = {}

    def writers(node: Any) -> list[str]:
        handle = handle_of.get(node.name)
        if handle is None or node.op not in READS or handle in wanted:
            return []
        wanted[handle] = None
        return [writer.name for writer in touching[handle] if writer.op in WRITES]

    data_of(nodes, [name.partition(":")[0] for name in fetch], also=writers)
    return list(wanted)


def _in_order(nodes: Mapping[str, Any]) -> Iterator[str]:
    """The nodes' names, what a node waits for (data and control) before it."""
    done: set[str] = set()
    for first in nodes:
        stack = [(first, iter(_waits_for(nodes, first)))] if first not in done else []
        done.add(first)
        while stack:
            name, rest = stack[-1]
            for before in rest:
                if before not in done:
                    done.add(before)
                    stack.append((before, iter(_waits_for(nodes, before))))
                    break
            else:
                stack.pop()
                yield name


def _waits_for(nodes: Mapping[str, Any], name: str) -> list[str]:
    bare = (tensor.lstrip("^").partition(":")[0] for tensor in nodes[name].input)
    return [before for before in bare if before in nodes]


def _require_ordered(nodes: Mapping[str, Any], touching: Mapping[str, list[Any]]) -> None:
    """Of a write and another use of a variable, one must wait for the other."""
    for handle, ops in touching.items():
        before = {op.name: _ancestors(nodes, op.name) for op in ops}
        for write in (op for op in ops if op.op in WRITES):
            for other in ops:
                ordered = write.name in before[other.name] or other.name in before[write.name]
                if other.name != write.name and not ordered:
                    raise ConversionFailed(
                        f"nothing says which comes first, {write.op} {write.name} or {other.op} {other.name}, of {handle}",
                        hint="Trace the model as one tf.function, which keeps the order of its statements.",
                    )


def _ancestors(nodes: Mapping[str, Any], name: str) -> set[str]:
    found: set[str] = set()
    stack = [name]
    while stack:
        for before in _waits_for(nodes, stack.pop()):
            if before not in found:
                found.add(before)
                stack.append(before)
    return found


class _Builder:
    """Nodes in a GraphDef that compute with values what others did to a variable."""

    def __init__(self, graphdef: Any, unused: Callable[[str], str]) -> None:
        self._graphdef = graphdef
        self._unused = unused

    def turn_into_identity(self, node: Any, value: str) -> None:
        dtype = node.attr["dtype"].type
        self._rewrite(node, "Identity", [value])
        node.attr["T"].type = dtype

    def turn_into_gather(self, node: Any, value: str) -> None:
        dtype, indices, batch = node.attr["dtype"].type, node.attr["Tindices"].type, node.attr["batch_dims"].i
        self._rewrite(node, "GatherV2", [value, node.input[1], self._const(node.name, "axis", 0)])
        node.attr["Tparams"].type, node.attr["Tindices"].type = dtype, indices
        node.attr["Taxis"].type = tensorflow().int32.as_datatype_enum
        node.attr["batch_dims"].i = batch

    def written(self, node: Any, value: str) -> str:
        """The variable's value after the node that writes it."""
        if node.op == "AssignVariableOp":
            return str(node.input[1])
        made = self._graphdef.node.add(name=self._unused(f"{node.name}/value"))
        if node.op in _ARITHMETIC:
            made.op = _ARITHMETIC[node.op]
            made.input.extend([value, node.input[1]])
            made.attr["T"].type = node.attr["dtype"].type
            return str(made.name)
        made.op = _SCATTERS[node.op]
        nested = "Nd" in node.op
        types = ("T", "Tindices") if nested else ("dtype", "Tindices")
        dtype, indices = (node.attr[name].type for name in types)
        at = node.input[1] if nested else self._expanded(node.name, node.input[1], indices)
        made.input.extend([value, at, node.input[2]])
        made.attr["T"].type, made.attr["Tindices"].type = dtype, indices
        return str(made.name)

    def identity(self, placeholder: str, value: str) -> str:
        """A node of its own for the last value."""
        dtype = next(node for node in self._graphdef.node if node.name == placeholder).attr["dtype"].type
        made = self._graphdef.node.add(name=self._unused(f"{placeholder}/after"), op="Identity")
        made.input.append(value)
        made.attr["T"].type = dtype
        return str(made.name)

    def _expanded(self, name: str, tensor: str, dtype: int) -> str:
        made = self._graphdef.node.add(name=self._unused(f"{name}/rows"), op="ExpandDims")
        made.input.extend([tensor, self._const(name, "last", -1)])
        made.attr["T"].type = dtype
        made.attr["Tdim"].type = tensorflow().int32.as_datatype_enum
        return str(made.name)

    def _const(self, name: str, what: str, value: int) -> str:
        tf = tensorflow()
        made = self._graphdef.node.add(name=self._unused(f"{name}/{what}"), op="Const")
        made.attr["dtype"].type = tf.int32.as_datatype_enum
        made.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, dtype=tf.int32))
        return str(made.name)

    def _rewrite(self, node: Any, op: str, inputs: Sequence[str]) -> None:
        control = [tensor for tensor in node.input if tensor.startswith("^")]
        node.op = op
        del node.input[:]
        node.input.extend([*inputs, *control])
        node.attr.clear()
