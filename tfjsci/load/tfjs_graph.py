"""A TF.js graph model (``model.json`` and its shards) -> LoadedGraph: as this package writes it, or upstream's converter.

Read as data. Fused ops are taken apart, since TensorFlow, which is to check and to run the graph, doesn't know them all;
the rules fuse again. A weight that was quantised has the values that the runtime computes with.

Source: tfjs-converter 4.22.0, ``operation_mapper.ts`` and ``graph_executor.ts``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfjsci.errors import CodeRefused, ConversionFailed, CorruptModel
from tfjsci.format.metadata import of_the_users
from tfjsci.format.weights import GRAPH_MODEL, corrupt, model_json_in, read_document, read_weights
from tfjsci.graph.graph import Array, DType, Graph, GraphError, Node, ShapeAttr, node_of
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.running import RunnableGraph
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.graph.unfused import FusionError, take_apart
from tfjsci.load.dangerous_ops import READS_CHECKPOINT, WHY, WRITES_CHECKPOINT
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.tfjs_captured import with_captured
from tfjsci.load.tfjs_functions import with_functions
from tfjsci.load.tfjs_nodes import graph_with, take_weights
from tfjsci.load.tfjs_signature import inputs_of, outputs_of, signature_in, structured_in
from tfjsci.load.tfjs_tables import with_tables
from tfjsci.load.tfjs_wide import with_wide_consts
from tfjsci.quoted import quoted
from tfjsci.signature import TensorSpec

FORMAT = "tfjs_graph_model"

_DANGEROUS = {**WHY, **WRITES_CHECKPOINT, **READS_CHECKPOINT}


def load_tfjs_graph(path: Path) -> LoadedGraph:
    """Load the graph model in the folder ``path``, or whose ``model.json`` it is. Raises as :func:`load_as_written`."""
    return _load(path)[0]


def load_as_written(path: Path) -> tuple[LoadedGraph, Graph]:
    """The same, and its graph with the fused ops that it was written with, for who holds its nodes against the page's.

    Types are known in its functions, too. Raises ``MissingModel``, ``CorruptModel``, ``CodeRefused`` (nothing of it was run) and
    ``ConversionFailed`` for what TensorFlow can't take: ops of one's own, and control flow that isn't understood.
    """
    loaded, written = _load(path)
    return loaded, _with_types_inside(written, loaded.graph, model_json_in(path).parent.name)


def _load(path: Path) -> tuple[LoadedGraph, Graph]:
    file = model_json_in(path)
    document = read_document(file, GRAPH_MODEL)
    weights, _ = read_weights(file.parent, document)
    label = file.parent.name
    topology = document.get("modelTopology")
    if not isinstance(topology, dict):
        raise corrupt(f"{label}/model.json has no modelTopology")
    graphdef = _graphdef(topology, label)
    _refuse(graphdef, label)
    if document.get("modelInitializer"):
        _refuse(_graphdef(document["modelInitializer"], label), label)
    try:
        weights = with_captured(graphdef, document, weights, lambda part: _graphdef(part, label))
        weights = with_tables(graphdef, document, weights, lambda part: _graphdef(part, label), label)
        return _loaded(document, graphdef, weights, label)
    except FusionError as error:
        raise ConversionFailed(
            f"{label}: {error}", hint="Was it changed by hand? Convert the original again."
        ) from error
    except (GraphError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise corrupt(f"the graph model {label} doesn't hold together: {quoted(error)}") from error


def _graphdef(topology: Any, label: str) -> Any:
    tf = tensorflow()
    json_format = importlib.import_module("google.protobuf.json_format")
    if not isinstance(topology, dict):
        raise corrupt(f"a graph of {label} isn't an object")
    known = {key: topology[key] for key in ("node", "library", "versions") if key in topology}
    try:
        return json_format.ParseDict(known, tf.compat.v1.GraphDef(), ignore_unknown_fields=True)
    except (json_format.ParseError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise corrupt(f"a graph of {label} isn't one: {quoted(error)}") from error


def _refuse(graphdef: Any, label: str) -> None:
    """What is never to run here, and what TensorFlow has no ops for."""
    registry = importlib.import_module("tensorflow.python.framework.op_def_registry")
    places = [("", node) for node in graphdef.node]
    places += [(f"{f.signature.name}/", node) for f in graphdef.library.function for node in f.node_def]
    dangerous = sorted({f"{n.op} ({_DANGEROUS[n.op]}): {at}{n.name}" for at, n in places if n.op in _DANGEROUS})
    if dangerous:
        raise CodeRefused(
            f"{label} was not loaded: its graph has ops that touch files, the network or Python: "
            f"{'; '.join(dangerous[:5])}",
            hint="The runtime couldn't run them either. Export the original without them, and convert it again.",
        )
    ours = {"Prelu", "FusedDepthwiseConv2dNative"}
    unknown = sorted({n.op for _, n in places if n.op not in ours and registry.get(n.op) is None})
    if unknown:
        raise ConversionFailed(
            f"{label} has ops that TensorFlow doesn't know, so that nothing tells what they compute: {', '.join(unknown)}",
            hint="Ops of one's own (custom_ops) can be converted from the original model alone.",
        )


def _loaded(
    document: Mapping[str, Any], graphdef: Any, weights: Mapping[str, Array], label: str
) -> tuple[LoadedGraph, Graph]:
    signature = signature_in(document)
    take_weights(graphdef.node, weights)
    for function in graphdef.library.function:
        take_weights(function.node_def, weights)
    placeholders = [node.name for node in graphdef.node if node.op == "Placeholder" and "value" not in node.attr]
    outputs = outputs_of(graphdef, signature, document)
    inputs = inputs_of(graphdef, signature, placeholders)
    main = with_wide_consts(graph_with(graphdef, [tensor for _, tensor, _ in outputs], weights).pruned())
    graph, names = with_functions(main, graphdef.library, weights)
    inputs = tuple(replace(spec, tensor=f"{_now(names, spec)}:0") for spec in inputs)
    written = _shaped(graph, {spec.tensor.partition(":")[0]: spec.shape for spec in inputs})
    graph = _typed(_unfused(written), label)
    read = {node.name for part in (graphdef.node, *(f.node_def for f in graphdef.library.function)) for node in part}
    initializer = document.get("modelInitializer") or {}
    unread = sorted(weights.keys() - read - {str(node.get("name")) for node in initializer.get("node") or ()})
    given = tuple(_input_spec(spec, graph) for spec in inputs)
    made = tuple(_output_spec(name, tensor, graph) for (name, _, _), tensor in zip(outputs, graph.outputs, strict=True))
    notes = tuple(f"the weight {name} is read by nothing, and left out" for name in unread[:5])
    if any(node.op == "StaticRegexReplace" for _, part in graph.walk() for node in part.nodes):
        notes += ("its regular expressions are JavaScript's, and TensorFlow takes them for its own (RE2)",)
    loaded = LoadedGraph(
        graph=graph,
        inputs=given,
        outputs=made,
        format=FORMAT,
        signature=None,
        original=_Original(graph, given, made),
        notes=notes,
        metadata={**of_the_users(document), **structured_in(document, [spec.name for spec in made])},
    )
    return loaded, written.with_types(graph.types)


def _now(names: Mapping[str, str], spec: TensorSpec) -> str:
    name = node_of(spec.tensor)
    return names.get(name, name)


class _Original:
    """The graph model itself, its fused ops taken apart, run by TensorFlow: there is no other original."""

    def __init__(self, graph: Graph, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...]) -> None:
        self._graph, self._inputs, self._outputs = graph, inputs, outputs
        self._running: RunnableGraph | None = None

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        if self._running is None:
            self._running = RunnableGraph(self._graph)
        fed = {spec.tensor: arrays[spec.name] for spec in self._inputs}
        values = self._running(fed)
        return {spec.name: value for spec, value in zip(self._outputs, values, strict=True)}


def _unfused(graph: Graph) -> Graph:
    functions = {name: replace(body, graph=take_apart(body.graph)) for name, body in graph.functions.items()}
    return take_apart(replace(graph, functions=functions))


def _shaped(graph: Graph, shapes: Mapping[str, tuple[int | None, ...] | None]) -> Graph:
    """Placeholders have the shapes of the signature, which say more than theirs in some files."""

    def told(node: Node) -> Node:
        if node.name not in shapes:
            return node
        dtype = node.attrs.get("dtype", DType("float32"))
        return replace(node, attrs={"dtype": dtype, "shape": ShapeAttr(shapes[node.name])})

    return replace(graph, nodes=tuple(told(node) for node in graph.nodes))


def _typed(graph: Graph, label: str) -> Graph:
    """With what TensorFlow infers. Raises ``CorruptModel`` when it refuses the graph."""
    errors: tuple[type[BaseException], ...] = (ValueError, TypeError, tensorflow().errors.OpError)
    try:
        return replace(graph, types=infer_types(graph))
    except errors as error:
        raise CorruptModel(
            f"TensorFlow can't take the graph of {label}: {quoted(error)}",
            hint="The runtime asks for less than TensorFlow does. Convert the original model.",
        ) from error


def _with_types_inside(written: Graph, unfused: Graph, label: str) -> Graph:
    """``written`` with the types of what its functions compute, which are known of the same graph without fused ops."""
    functions = {
        name: replace(body, graph=body.graph.with_types(_typed(unfused.functions[name].graph, label).types))
        for name, body in written.functions.items()
    }
    return written.with_functions(functions)


def _input_spec(spec: TensorSpec, graph: Graph) -> TensorSpec:
    known = graph.type_of(node_of(spec.tensor))
    return spec if known is None else replace(spec, dtype=known.dtype)


def _output_spec(name: str, tensor: str, graph: Graph) -> TensorSpec:
    known = graph.type_of(tensor)
    return TensorSpec(
        name=name,
        tensor=tensor if ":" in tensor else f"{tensor}:0",
        dtype=known.dtype if known else "float32",
        shape=known.shape if known else None,
    )
