"""A graph as a SavedModel: a TensorFlow edge."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from tfjsci.graph.graph import Array, Graph, indexed, node_of
from tfjsci.graph.graphdef import to_graphdef
from tfjsci.graph.tables import TableContents, contents_of, tables_in
from tfjsci.graph.tensorflow import tensorflow


def save_graph(graph: Graph, folder: Path, *, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Write ``graph`` to ``folder`` as a SavedModel with the signature ``serving_default``.

    ``inputs`` are the signature's names and the Placeholders behind them, ``outputs`` its names and the tensors. Constants go
    into the graph itself, so it must stay below protobuf's 2 GB. Look-up tables belong to the model and are filled when it is
    loaded, as those of ``tf.lookup`` are. Raises ``ValueError`` when TensorFlow refuses the graph.
    """
    tf = tensorflow()
    graphdef = to_graphdef(graph, keep_bytes=None)
    tables = {name: _table(tf, contents) for name, contents in _contents(graph)}
    make = _with_tables if tables else _plain
    module = tf.Module()
    module.tables = list(tables.values())
    module.function = make(tf, graphdef, tables, inputs, outputs)
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.function})


def _plain(tf: Any, graphdef: Any, _: Mapping[str, Any], inputs: Mapping[str, str], outputs: Mapping[str, str]) -> Any:
    """The graph as it stands, its nodes under their names."""

    def imported() -> None:
        tf.graph_util.import_graph_def(graphdef, name="")

    wrapped = tf.compat.v1.wrap_function(imported, [])
    return wrapped.prune(
        {name: wrapped.graph.as_graph_element(indexed(tensor)) for name, tensor in inputs.items()},
        {name: wrapped.graph.as_graph_element(indexed(tensor)) for name, tensor in outputs.items()},
    )


def _with_tables(
    tf: Any, graphdef: Any, tables: Mapping[str, Any], inputs: Mapping[str, str], outputs: Mapping[str, str]
) -> Any:
    """A function that reads the tables, which a call can be taken out of only where TensorFlow says itself that it does."""
    given = {node_of(tensor): name for name, tensor in inputs.items()}
    specs = {
        node.name: tf.TensorSpec(
            tf.TensorShape(node.attr["shape"].shape), tf.as_dtype(node.attr["dtype"].type), given[node.name]
        )
        for node in graphdef.node
        if node.name in given
    }
    _take_out(graphdef, {*tables, *given})

    def serve(*tensors: Any) -> Any:
        here = tf.compat.v1.get_default_graph()
        arguments = {f"{name}:0": tensor for name, tensor in zip(specs, tensors, strict=True)}
        handles = {f"{name}:0": here.capture(table.resource_handle) for name, table in tables.items()}
        wanted = [indexed(tensor) for tensor in outputs.values()]
        inside = [tensor for tensor in wanted if tensor not in arguments]
        made = tf.graph_util.import_graph_def(
            graphdef, name="graph", input_map={**arguments, **handles}, return_elements=inside
        )
        found = {**arguments, **dict(zip(inside, made, strict=True))}
        return {name: tf.identity(found[tensor]) for name, tensor in zip(outputs, wanted, strict=True)}

    return tf.function(serve, input_signature=list(specs.values()), autograph=False).get_concrete_function()


_IMMUTABLE = {
    "int32": ("float64", "float32", "int32", "string"),
    "int64": ("float64", "float32", "int32", "int64", "string"),
    "string": ("bool", "float64", "float32", "int32", "int64", "string"),
}
"""TensorFlow's HashTableV2: keys -> values of its kernels on the CPU."""


def _contents(graph: Graph) -> Iterator[tuple[str, TableContents]]:
    """Tables that belong to a model can be made of: each with one value for a key."""
    for node in tables_in(graph):
        found = contents_of(graph, node.name)
        if found is not None and found.values.ndim == 1:
            yield node.name, found


def _table(tf: Any, contents: TableContents) -> Any:
    """What a key has that isn't there is said by who looks it up."""
    keys, values = (_constant(tf, value) for value in (contents.keys, contents.values))
    default = tf.zeros([], values.dtype) if values.dtype != tf.string else tf.constant("")
    if values.dtype.name in _IMMUTABLE.get(keys.dtype.name, ()):
        return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), default)
    table = tf.lookup.experimental.MutableHashTable(keys.dtype, values.dtype, default)
    table.insert(keys, values)
    return table


def _constant(tf: Any, value: Array) -> Any:
    return tf.constant(value.tolist(), tf.string) if value.dtype.kind in "OSU" else tf.constant(value)


def _take_out(graphdef: Any, names: Collection[str]) -> None:
    """The nodes of these names, and those that would fill such a table anew in each call. In place."""
    fillers = {node.name for node in graphdef.node if node.op == "LookupTableImportV2" and node.input[0] in names}
    kept = [node for node in graphdef.node if node.name not in names and node.name not in fillers]
    for node in kept:
        inputs = [each for each in node.input if each.removeprefix("^") not in fillers]
        del node.input[:]
        node.input.extend(inputs)
    copies = type(graphdef)()
    copies.node.extend(kept)
    del graphdef.node[:]
    graphdef.node.extend(copies.node)
