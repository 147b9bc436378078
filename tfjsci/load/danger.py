"""Ops that touch files, the network, processes or Python: a SavedModel with one is refused before it is loaded.

TensorFlow runs a SavedModel's functions in this process, so loading or folding such an op would give the model's
author the machine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tfjsci.errors import CodeRefused, CorruptModel
from tfjsci.graph.grappler import functions_of
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.asset_reads import READS_VOCABULARY, AssetReads
from tfjsci.load.assets import asset_files
from tfjsci.load.dangerous_ops import READS_CHECKPOINT, WHY, WRITES_CHECKPOINT
from tfjsci.load.named_folder import NamedFolder

SAVED_MODEL = "saved_model.pb"
_SUSPECT = frozenset({*WHY, *WRITES_CHECKPOINT, *READS_CHECKPOINT})


def refuse_dangerous_ops(folder: NamedFolder) -> Any:
    """Read ``saved_model.pb`` as a protobuf, run nothing, and refuse it if an op of :data:`WHY` is in it.

    Returns the parsed ``SavedModel``. Raises ``CodeRefused`` naming every such op with its nodes, ``CorruptModel`` when
    the file can't be parsed.
    """
    saved_model = read_saved_model(folder)
    found = dangerous_ops(saved_model)
    if found:
        ops = "; ".join(f"{op} ({reason}): {', '.join(nodes[:5])}" for (op, reason), nodes in sorted(found.items()))
        raise CodeRefused(
            f"{folder.name} was not loaded: its graph has ops that touch files, the network or Python: {ops}",
            hint="Export the model without them: keep only what runs in the browser inside the signature.",
        )
    for meta in saved_model.meta_graphs:
        asset_files(folder, meta)  # which refuses those that lie elsewhere, before TensorFlow looks for them
    return saved_model


def dangerous_ops(saved_model: Any) -> Mapping[tuple[str, str], list[str]]:
    """(op, what it does) -> the nodes that do it, over all graphs and functions."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    first = all(map(is_of_tensorflow_1, saved_model.meta_graphs))
    for meta in saved_model.meta_graphs:
        library = {function.signature.name: function.node_def for function in meta.graph_def.library.function}
        run = _reached(
            meta.graph_def, library, _run_by_a_model(meta), functions=meta.object_graph_def.concrete_functions
        )
        restore = _reached(meta.graph_def, library, [meta.saver_def.restore_op_name])
        save = _reached(meta.graph_def, library, [meta.saver_def.save_tensor_name])
        assets = AssetReads(meta)
        for function, node in _suspects(meta.graph_def, library):
            own = "" if function else node.name

            def within(part: _Part, own: str = own, function: str = function) -> bool:
                return own in part.nodes or function in part.functions

            if first and own and not (within(run) or within(restore) or within(save)):
                continue  # what is left of training: a session runs what is asked for, and nobody asks for this
            reason = WHY.get(node.op)
            if node.op in READS_VOCABULARY and assets.reads_an_asset(node, function):
                reason = None
            if node.op in WRITES_CHECKPOINT and (not within(save) or within(restore) or within(run)):
                reason = WRITES_CHECKPOINT[node.op]
            if node.op in READS_CHECKPOINT and (not (within(save) or within(restore)) or within(run)):
                reason = READS_CHECKPOINT[node.op]
            if reason:
                found[node.op, reason].append(f"{function}/{node.name}" if function else node.name)
    return found


def is_of_tensorflow_1(meta: Any) -> bool:
    """Whether a SavedModel's graph is one that a session runs: it has no objects with functions of their own."""
    return not meta.object_graph_def.nodes


def dangerous_nodes(graph_def: Any, fetch: Iterable[str]) -> Mapping[tuple[str, str], list[str]]:
    """As :func:`dangerous_ops`, of a graph alone, which has no saver, and of it what ``fetch`` needs."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    library = {function.signature.name: function.node_def for function in graph_def.library.function}
    reached = _reached(graph_def, library, fetch)
    for function, node in _suspects(graph_def, library):
        if function in reached.functions if function else node.name in reached.nodes:
            reason = WHY.get(node.op) or WRITES_CHECKPOINT.get(node.op) or READS_CHECKPOINT[node.op]
            found[node.op, reason].append(f"{function}/{node.name}" if function else node.name)
    return found


def _suspects(graph_def: Any, library: Mapping[str, Iterable[Any]]) -> Iterator[tuple[str, Any]]:
    """Nodes whose op is in one of the tables, each with the function that it is in (none: the main graph)."""
    for function, nodes in (("", graph_def.node), *library.items()):
        for node in nodes:
            if node.op in _SUSPECT:
                yield function, node


class _Part(NamedTuple):
    """What some tensors need: nodes of the main graph, and functions."""

    nodes: set[str]
    functions: set[str]


def _run_by_a_model(meta: Any) -> list[str]:
    """Tensors and nodes that loading or calling the model may compute; its functions are in the object graph."""
    roots = [info.name for signature in meta.signature_def.values() for info in signature.outputs.values()]
    for key in ("saved_model_main_op", "legacy_init_op"):
        roots += meta.collection_def[key].node_list.value if key in meta.collection_def else []
    return roots


def _reached(
    graph_def: Any, library: Mapping[str, Iterable[Any]], roots: Iterable[str], functions: Iterable[str] = ()
) -> _Part:
    """Everything that ``roots`` (tensors or nodes) and ``functions`` need, through all calls."""
    nodes = {node.name: node for node in graph_def.node}
    part = _Part(set(), set())
    wanted, called = [_node(root) for root in roots], list(functions)
    while wanted or called:
        reading: list[Any] = []
        if wanted:
            name = wanted.pop()
            if name in nodes and name not in part.nodes:
                part.nodes.add(name)
                reading.append(nodes[name])
                wanted += [_node(tensor) for tensor in nodes[name].input]
        else:
            name = called.pop()
            if name in library and name not in part.functions:
                part.functions.add(name)
                reading += library[name]
        for node in reading:
            called += functions_of(node)
    return part


def _node(tensor: str) -> str:
    return tensor.lstrip("^").partition(":")[0]


def read_saved_model(folder: NamedFolder) -> Any:
    """Its ``saved_model.pb`` as a protobuf. Raises ``CorruptModel``."""
    tensorflow()
    import importlib

    saved_model_pb2 = importlib.import_module("tensorflow.core.protobuf.saved_model_pb2")
    from tfjsci.load.checkpoint import message_error

    try:
        return saved_model_pb2.SavedModel.FromString((folder.path / SAVED_MODEL).read_bytes())
    except (message_error(), OSError) as error:
        raise CorruptModel(
            f"{folder.name}/{SAVED_MODEL} can't be read as a SavedModel: {error}",
            hint="It is damaged or cut short (an unfinished download, Git LFS without its content?). Export it again.",
        ) from error
