"""Variables of TensorFlow 1's first kind (VariableV2): tensors that ops write to in place. As weights they are Placeholders.

Which ones a graph has, and what each is called in the checkpoint, is told by its collections where there is no saver.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.checkpoint import REF_VARIABLES, VARIABLES, message_error
from tfjsci.load.data_of import data_of
from tfjsci.load.functional.draft import ENTERS, SWITCHES

_COLLECTIONS = ("variables", "trainable_variables", "moving_average_variables", "local_variables", "model_variables")
_HAND_ON = ENTERS | SWITCHES | {"Identity", "RefIdentity"}
_OF_REFS = frozenset({"RefSwitch", "RefMerge", "RefEnter", "RefExit", "RefNextIteration", "RefIdentity"})
"""What hands on a tensor that can be written to; without Ref before it, the same of any tensor."""

_WRITES = (
    "Assign", "ScatterUpdate", "ScatterAdd", "ScatterSub", "ScatterNd", "Apply", "SparseApply", "CountUpTo",
    "ResourceScatter", "ResourceApply", "ResourceSparseApply",
)  # fmt: skip
"""How the names of ops begin that write to a tensor in place."""


def take_ref_variables(graphdef: Any, fetch: Sequence[str]) -> None:
    """Make each variable of this kind a Placeholder, in place, and take away what writes to a variable.

    Raises ``ConversionFailed`` where an output reads what is written: the browser would answer as if it never were.
    """
    tf = tensorflow()
    nodes = {node.name: node for node in graphdef.node}
    data = data_of(nodes, fetch)
    writes: dict[str, str] = {}
    for node in graphdef.node:
        if node.op.startswith(_WRITES) and node.input and (name := _variable(nodes, node.input[0])):
            writes[node.name] = name
    if changed := {writer: name for writer, name in writes.items() if name in data}:
        listed = "; ".join(f"{writer} changes {name}" for writer, name in list(changed.items())[:5])
        raise ConversionFailed(
            f"the model keeps state between its calls: {listed}",
            hint="State isn't converted. Export it for inference, with the state as an input and an output.",
        )
    take_out(graphdef, writes)
    for node in graphdef.node:
        if node.op in _OF_REFS:
            node.op = node.op.removeprefix("Ref")
        if node.op not in REF_VARIABLES:
            continue
        kept, shape = node.attr["dtype"].type, node.attr["shape"].shape
        made = tf.TensorShape(shape).as_proto()
        node.op = "Placeholder"
        node.attr.clear()
        node.attr["dtype"].type = kept
        node.attr["shape"].shape.CopyFrom(made)


def _variable(nodes: Mapping[str, Any], tensor: str) -> str | None:
    """The variable that a tensor is, seen through what only hands it on, into loops and branches as well."""
    name = tensor.partition(":")[0]
    while (node := nodes.get(name)) is not None and node.op in _HAND_ON and node.input:
        name = node.input[0].partition(":")[0]
    return name if node is not None and node.op in VARIABLES else None


def take_out(graphdef: Any, gone: Collection[str]) -> None:
    """Take nodes that only have effects out of the graph, in place, and the control edges that come from them."""
    places = [i for i, node in enumerate(graphdef.node) if node.name in gone]
    for i in reversed(places):
        del graphdef.node[i]
    for node in graphdef.node:
        if any(tensor.startswith("^") and tensor[1:] in gone for tensor in node.input):
            left = [tensor for tensor in node.input if not (tensor.startswith("^") and tensor[1:] in gone)]
            del node.input[:]
            node.input.extend(left)


def names_and_parts(meta: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Node of each variable -> its name in the checkpoint, and which part of that it is, by the graph's collections.

    For graphs without a saver, as TensorFlow Hub's first format has them.
    """
    variable_def = importlib.import_module("tensorflow.core.framework.variable_pb2").VariableDef
    names, parts = {}, {}
    for collection in _COLLECTIONS:
        entries = meta.collection_def[collection].bytes_list.value if collection in meta.collection_def else ()
        for entry in entries:
            try:
                variable = variable_def.FromString(entry)
            except message_error() as error:
                raise ValueError(f"the collection {collection} holds something else than variables") from error
            node = variable.variable_name.partition(":")[0]
            info = variable.save_slice_info_def
            names[node] = info.full_name or node
            if info.full_name:
                cuts = ":".join(f"{at},{size}" for at, size in zip(info.var_offset, info.var_shape, strict=True))
                parts[node] = f"{' '.join(map(str, info.full_shape))} {cuts}"
    return names, parts
