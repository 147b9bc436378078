"""A frozen graph -> LoadedGraph: a GraphDef with its weights as Consts and nothing that says what its inputs and outputs are.

Outputs are named by who converts it; inputs are the Placeholders that they are made of, unless others are named. Nothing of
it is run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from tfjsci.errors import CodeRefused, ConversionFailed, CorruptModel, MissingModel, UnknownSignature
from tfjsci.graph.complaint import complaint
from tfjsci.graph.graph import Array, Shape, TensorType, normal
from tfjsci.graph.grappler import prepare
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.listed import listed, plural
from tfjsci.load.danger import dangerous_nodes
from tfjsci.load.frozen_tables import tables_in_file
from tfjsci.load.functional.made_functional import make_functional
from tfjsci.load.graph_file import GraphFile, read_graph_file
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.placeholders import WITH_DEFAULT, as_placeholders, keep_unused, needed_by, outputs_apart, shape_of
from tfjsci.load.ref_variables import take_out
from tfjsci.load.session import SessionOriginal
from tfjsci.load.traced import Weight, graph_of
from tfjsci.nearest import did_you_mean
from tfjsci.quoted import quoted
from tfjsci.signature import TensorSpec

_VARIABLES = frozenset({"Variable", "VariableV2", "VarHandleOp", "AutoReloadVariable"})
_NO_OUTPUT = frozenset({"Assert", "Const", "NoOp", "Placeholder", "Print", "SaveV2"})
_MOST_NAMED = 20


def load_frozen(
    file: Path,
    *,
    input_nodes: Sequence[str] = (),
    output_nodes: Sequence[str] = (),
    input_shapes: Mapping[str, Shape] | None = None,
) -> LoadedGraph:
    """Load the part of a frozen graph that makes ``output_nodes`` (``softmax``, ``split:1``) of ``input_nodes``.

    Without ``input_nodes`` the inputs are the Placeholders that are needed, and the needed PlaceholderWithDefaults but for
    scalars, which keep their defaults; any node can be named. ``input_shapes``, by name, tell of those of unknown rank. Raises
    ``MissingModel``, ``CorruptModel``, ``CodeRefused``, ``UnknownSignature`` (a node that isn't there, or none named), and
    ``ConversionFailed``.
    """
    if not file.is_file():
        raise MissingModel(f"there is no file {file.name}", hint="Give the frozen graph's .pb.")
    read = read_graph_file(file)
    try:
        return _loaded(file, read, input_nodes, output_nodes, input_shapes or {})
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise CorruptModel(
            f"the frozen graph {file.name} doesn't hold together: {quoted(error)}",
            hint="It is damaged, or was changed by hand: freeze it again. If TensorFlow itself runs it, please report it.",
        ) from error


def _loaded(
    file: Path, read: GraphFile, input_nodes: Sequence[str], output_nodes: Sequence[str], shapes: Mapping[str, Shape]
) -> LoadedGraph:
    nodes = {node.name: node for node in read.graphdef.node}
    wanted = _outputs(file, read.graphdef, nodes, output_nodes)
    named = _inputs(file, nodes, input_nodes)
    fetch = list(dict.fromkeys(tensor.partition(":")[0] for tensor in wanted))
    held = tables_in_file(file, read)
    part = prepare(read.graphdef, fetch=[*fetch, *named])
    _refuse_danger(file, part, [*fetch, *named])
    types = _types(file, part)
    needed = needed_by(part, fetch, stop=named)
    _refuse_what_isnt_frozen(file, part, needed)
    inferred, kept = _inferred(part, needed, read.weights)
    if named and (left := [name for name in inferred if name not in named and nodes[name].op == "Placeholder"]):
        raise ConversionFailed(
            f"the outputs of {file.name} are made of more than the inputs named: also of {listed(left, _MOST_NAMED)}",
            hint="Name them too, with --input-node (input_nodes: in a manifest), or none of all: they are found then.",
        )
    inputs = tuple(_spec(file, part, nodes[name], types, shapes) for name in (named or inferred))
    outputs = tuple(_output(file, tensor, types) for tensor in wanted)
    as_placeholders(part, inputs)
    apart = outputs_apart(part, wanted, [spec.name for spec in inputs] + list(read.weights))
    ends = [tensor.partition(":")[0] for tensor in apart]
    least = prepare(part, fetch=ends)
    make_functional(least, ends)
    take_out(least, held.fillers)
    keep_unused(least, inputs, part)
    graph = graph_of(
        least,
        inputs=[spec.name for spec in inputs],
        outputs=apart,
        weights={name: Weight(path=name, read=_giver(value)) for name, value in read.weights.items() if name in needed},
        tables={name: table for name, table in held.tables.items() if name in needed},
    )
    return LoadedGraph(
        graph=graph,
        inputs=inputs,
        outputs=outputs,
        format="frozen",
        signature=None,
        original=SessionOriginal(_filler(file, fetch, held.fillers), name=file.name, inputs=inputs, outputs=outputs),
        notes=() if named else _notes_of_defaults(kept),
    )


def _giver(value: Array) -> Callable[[], Array]:
    return lambda: value


def _filler(file: Path, fetch: Sequence[str], fillers: Sequence[str]) -> Callable[[Any], None]:
    """What puts the file as it is, down to what the outputs and the look-up tables need, into a session."""

    def fill(session: Any) -> None:
        tf = tensorflow()
        read = read_graph_file(file)
        part = prepare(read.graphdef, fetch=[*fetch, *fillers])
        for node in part.node:
            if node.name in read.weights:
                node.op = "Const"
                del node.attr["shape"]
                node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(read.weights[node.name]))
        with session.graph.as_default():
            tf.graph_util.import_graph_def(part, name="")
            if fillers:
                session.run([session.graph.get_operation_by_name(name) for name in fillers])

    return fill


def _outputs(file: Path, graphdef: Any, nodes: Mapping[str, Any], wanted: Sequence[str]) -> list[str]:
    candidates = _sinks(graphdef)
    if not wanted:
        raise UnknownSignature(
            f"the frozen graph {file.name} doesn't say what its outputs are",
            hint="Name them with --output-node (output_nodes: in a manifest). "
            + (
                f"Nobody reads {listed(candidates, _MOST_NAMED)}."
                if candidates
                else "Each of its nodes is read by another."
            ),
        )
    tensors = [normal(tensor.strip()) for tensor in wanted]
    for tensor in tensors:
        name = tensor.partition(":")[0]
        if name not in nodes:
            raise UnknownSignature(
                f"{file.name} has no node {name!r}.{did_you_mean(name, [*candidates, *nodes])}",
                hint=f"Nobody reads {listed(candidates, _MOST_NAMED)}: the outputs may be among these.",
            )
    return list(dict.fromkeys(tensors))


def _inputs(file: Path, nodes: Mapping[str, Any], wanted: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(normal(name.strip()) for name in wanted))
    for name in names:
        if ":" in name:
            raise UnknownSignature(
                f"the input {name!r} is one of several outputs of a node", hint="Name a node that has one output."
            )
        if name not in nodes:
            placeholders = [node.name for node in nodes.values() if node.op in ("Placeholder", WITH_DEFAULT)]
            raise UnknownSignature(
                f"{file.name} has no node {name!r}.{did_you_mean(name, [*placeholders, *nodes])}",
                hint="Leave the inputs out: then they are its Placeholders that the outputs need.",
            )
    return names


def _sinks(graphdef: Any) -> list[str]:
    """The nodes whose data no other reads."""
    read = {tensor.partition(":")[0] for node in graphdef.node for tensor in node.input if not tensor.startswith("^")}
    return [node.name for node in graphdef.node if node.name not in read and node.op not in _NO_OUTPUT]


def _refuse_danger(file: Path, part: Any, fetch: Sequence[str]) -> None:
    found = dangerous_nodes(part, fetch)
    if found:
        ops = "; ".join(f"{op} ({reason}): {', '.join(names[:5])}" for (op, reason), names in sorted(found.items()))
        raise CodeRefused(
            f"{file.name} was not loaded: its graph has ops that touch files, the network or Python: {ops}",
            hint="Name inputs (--input-node) that lie behind them, and freeze the rest alone.",
        )


def _refuse_what_isnt_frozen(file: Path, part: Any, needed: Collection[str]) -> None:
    if variables := [node.name for node in part.node if node.name in needed and node.op in _VARIABLES]:
        raise ConversionFailed(
            f"{file.name} isn't frozen: {listed(variables, _MOST_NAMED)} "
            f"{'is a variable' if len(variables) == 1 else 'are variables'}, "
            "whose values aren't in it",
            hint="Give the SavedModel, or freeze the graph with its checkpoint.",
        )


def _types(file: Path, part: Any) -> Mapping[str, TensorType]:
    """What TensorFlow infers of each tensor, by ``node`` or ``node:1``."""
    tf = tensorflow()
    with tf.Graph().as_default() as imported:
        try:
            tf.graph_util.import_graph_def(part, name="")
        except (ValueError, tf.errors.OpError) as error:
            raise ConversionFailed(
                f"TensorFlow can't read the graph {file.name}: {complaint(error)[:500]}",
                hint="It has ops or attributes that the TensorFlow installed here doesn't know, or is damaged.",
            ) from error
    found = {}
    for op in imported.get_operations():
        for tensor in op.outputs:
            shape = None if tensor.shape.rank is None else tuple(tensor.shape.as_list())
            found[normal(tensor.name)] = TensorType(dtype=tensor.dtype.base_dtype.name, shape=shape)
    return found


def _inferred(part: Any, needed: Collection[str], weights: Collection[str]) -> tuple[list[str], list[Any]]:
    """The inputs that nobody named, in the file's order, and the PlaceholderWithDefaults that keep their defaults."""
    there = [node for node in part.node if node.name in needed and node.name not in weights]
    defaults = [node for node in there if node.op == WITH_DEFAULT]
    kept = [node for node in defaults if shape_of(node, part.versions.producer) == ()]
    left = {node.name for node in defaults} - {node.name for node in kept}
    return [node.name for node in there if node.op == "Placeholder" or node.name in left], kept


def _notes_of_defaults(kept: Sequence[Any]) -> tuple[str, ...]:
    if not kept:
        return ()
    names = listed([node.name for node in kept], _MOST_NAMED)
    if len(kept) == 1:
        return (f"{names} has its default; to be fed, it must be named as an input",)
    return (f"{names} have their defaults; to be fed, they must be named as inputs",)


def _spec(file: Path, part: Any, node: Any, types: Mapping[str, TensorType], shapes: Mapping[str, Shape]) -> TensorSpec:
    known = types.get(node.name)
    if known is None or f"{node.name}:1" in types:
        raise UnknownSignature(
            f"the node {node.name} can't be an input: it has {'several outputs' if known else 'no output'}",
            hint="Name a node that has one output.",
        )
    shape = shape_of(node, part.versions.producer) if node.op in ("Placeholder", WITH_DEFAULT) else known.shape
    if shape is None:
        shape = shapes.get(node.name)
    if shape is None:
        raise ConversionFailed(
            f"{file.name} doesn't say how many dimensions its input {node.name} has",
            hint=f"Say it: --input-shape {node.name}=1,224,224,3 (? leaves a size open; shapes: and pin_shapes: in a manifest).",
        )
    return TensorSpec(name=node.name, tensor=f"{node.name}:0", dtype=known.dtype, shape=shape)


def _output(file: Path, tensor: str, types: Mapping[str, TensorType]) -> TensorSpec:
    known = types.get(tensor)
    if known is None:
        name = tensor.partition(":")[0]
        count = sum(normal(t).partition(":")[0] == name for t in types)
        raise UnknownSignature(
            f"{file.name} has no tensor {tensor!r}: {name} has {plural(count, 'output')}",
            hint="The first of them is called by the node's name alone, the second has :1 behind it.",
        )
    return TensorSpec(
        name=tensor, tensor=tensor if ":" in tensor else f"{tensor}:0", dtype=known.dtype, shape=known.shape
    )
