"""What a graph of TensorFlow 1 is fed at, made plain Placeholders; and what it carries along that only its own machine needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tfjsci.graph.graph import unused_name
from tfjsci.graph.shape_proto import shape_in
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.signature import TensorSpec

WITH_DEFAULT = "PlaceholderWithDefault"
_OF_ITS_MACHINE = ("_class", "_output_shapes")
"""Attributes that say beside which node a node is kept, and which shapes were once inferred."""

_SHAPE_OF_NONE_IS_UNKNOWN = 24
"""GraphDefs of older producers say of a Placeholder of unknown rank that its shape is ()."""


def as_placeholders(graphdef: Any, specs: Collection[TensorSpec]) -> None:
    """Make the nodes behind ``specs`` Placeholders of their dtypes and shapes, and other Placeholders' defaults their values.

    In place. What fed such a node before, and nothing else, is left for pruning.
    """
    tf = tensorflow()
    by_name = {spec.tensor.partition(":")[0]: spec for spec in specs}
    for node in graphdef.node:
        node.device = ""
        for name in _OF_ITS_MACHINE:
            node.attr.pop(name, None)
        if node.name in by_name:
            spec = by_name[node.name]
            node.op = "Placeholder"
            del node.input[:]
            node.attr.clear()
            node.attr["dtype"].type = tf.as_dtype(spec.dtype).as_datatype_enum
            node.attr["shape"].shape.CopyFrom(tf.TensorShape(spec.shape).as_proto())
        elif node.op == WITH_DEFAULT:
            dtype = node.attr["dtype"].type
            node.op = "Identity"
            node.attr.clear()
            node.attr["T"].type = dtype


def keep_unused(part: Any, specs: Collection[TensorSpec], graphdef: Any) -> None:
    """Inputs that no output needs are inputs all the same: take them over from ``graphdef``, in place."""
    missing = {spec.tensor.partition(":")[0] for spec in specs} - {node.name for node in part.node}
    if missing:
        part.node.extend(node for node in graphdef.node if node.name in missing)
        as_placeholders(part, specs)


def shape_of(node: Any, producer: int) -> tuple[int | None, ...] | None:
    """What a Placeholder says of its shape; None: not even how many dimensions it has."""
    if "shape" not in node.attr:
        return None
    proto = node.attr["shape"].shape
    if not proto.dim and producer < _SHAPE_OF_NONE_IS_UNKNOWN:
        return None
    return shape_in(proto)


def needed_by(graphdef: Any, fetch: Collection[str], *, stop: Collection[str] = ()) -> set[str]:
    """The nodes that ``fetch`` is made of, by data and control, not looking behind ``stop``."""
    nodes: Mapping[str, Any] = {node.name: node for node in graphdef.node}
    found: set[str] = set()
    pending = list(fetch)
    while pending:
        name = pending.pop()
        if name in nodes and name not in found:
            found.add(name)
            if name not in stop:
                pending += [tensor.lstrip("^").partition(":")[0] for tensor in nodes[name].input]
    return found


def outputs_apart(graphdef: Any, outputs: Sequence[str], fed: Collection[str]) -> list[str]:
    """``outputs``, those of the nodes in ``fed`` under a name of their own: a weight that is one is renamed later."""
    taken = {node.name: node for node in graphdef.node}
    apart = []
    for tensor in outputs:
        name = tensor.partition(":")[0]
        if name in fed:
            made = graphdef.node.add(name=unused_name(f"{name}/output", taken), op="Identity", input=[name])
            made.attr["T"].type = taken[name].attr["dtype"].type
            taken[made.name] = made
            tensor = made.name
        apart.append(tensor)
    return apart
