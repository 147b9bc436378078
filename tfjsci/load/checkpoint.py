"""Which checkpoint entry each variable of a SavedModel has, read off the restore function; nothing of it is run."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from tfjsci.errors import CorruptModel
from tfjsci.graph.graph import Array
from tfjsci.graph.grappler import INLINE, optimize, prepare
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.named_folder import NamedFolder

_OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
_HANDS_ON = frozenset({"Identity", "IdentityN", "Snapshot"})
_ASSIGNS = frozenset({"AssignVariableOp", "Assign"})
REF_VARIABLES = frozenset({"VariableV2", "Variable"})
"""TensorFlow 1's first kind: a tensor that can be written to, and no handle."""

VARIABLES = REF_VARIABLES | {"VarHandleOp"}


def checkpoint_keys(meta: Any) -> dict[str, str]:
    """Shared name of each variable that the SavedModel restores -> its key in the checkpoint.

    The restore function reads ``RestoreV2(prefix, names, slices)`` and assigns the i-th result to a handle: inlined, it
    says which name belongs to which variable. One of TensorFlow 1 that is a part of another's is told by
    :func:`checkpoint_parts`.
    """
    return {variable: key for variable, (key, _) in _restored(meta).items()}


def checkpoint_parts(meta: Any) -> dict[str, str]:
    """Shared name of each variable that is a part of what its key holds -> which: ``"10 4 0,5:0,4"``.

    The sizes of the whole, and for each dimension where the part begins and how long it is, or ``-`` for all of it.
    Source: tensorflow/core/util/saved_tensor_slice_util.h.
    """
    return {variable: part for variable, (_, part) in _restored(meta).items() if part}


def with_copied(meta: Any, keys: Mapping[str, str]) -> dict[str, str]:
    """``keys``, and for a variable that nothing restores but that another, restored one begins as: that one's key.

    So ``tf.saved_model.save`` writes each variable of a Keras 3 model: the functions read the one, the checkpoint fills
    the other.
    """
    nodes = {node.name: node for node in meta.graph_def.node}

    def origin(tensor: str) -> Any:
        node = nodes[tensor.lstrip("^").partition(":")[0]]
        while node.op in ("Identity", "Snapshot"):
            node = nodes[node.input[0].partition(":")[0]]
        return node

    copied = {}
    for node in nodes.values():
        if node.op != "AssignVariableOp":
            continue
        filled, value = (origin(tensor) for tensor in node.input[:2])
        if filled.op != "VarHandleOp" or shared_name(filled) not in keys or value.op != "ReadVariableOp":
            continue
        read = origin(value.input[0])
        if read.op == "VarHandleOp" and shared_name(read) not in keys:
            copied[shared_name(read)] = keys[shared_name(filled)]
    return {**keys, **copied}


def _restored(meta: Any) -> dict[str, tuple[str, str]]:
    tf = tensorflow()
    restore = meta.saver_def.restore_op_name
    nodes_by_name = {node.name for node in meta.graph_def.node}
    if not restore or restore not in nodes_by_name:
        return {}
    flat = optimize(
        prepare(meta.graph_def, fetch=[restore]), fetch=[restore], feed=[], passes=INLINE[:1]
    )  # nothing to prune
    nodes = {node.name: node for node in flat.node}

    def origin(tensor: str) -> tuple[Any, int]:
        name, _, index = tensor.partition(":")
        node = nodes[name]
        while node.op in _HANDS_ON:
            name, _, index = node.input[int(index or 0) if node.op == "IdentityN" else 0].partition(":")
            node = nodes[name]
        return node, int(index or 0)

    keys: dict[str, tuple[str, str]] = {}
    for node in flat.node:
        if node.op not in _ASSIGNS:
            continue
        handle, _ = origin(node.input[0])
        value, index = origin(node.input[1])
        if handle.op in VARIABLES and value.op == "RestoreV2":
            names, parts = (tf.make_ndarray(origin(value.input[i])[0].attr["value"].tensor).reshape(-1) for i in (1, 2))
            keys[shared_name(handle)] = names[index].decode(), parts[index].decode()
    return keys


def part_of(whole: Array, part: str) -> Array:
    """What :func:`checkpoint_parts` tells of, cut out of the whole. Raises ``ValueError``."""
    *sizes, cuts = part.split()
    if [int(size) for size in sizes] != list(whole.shape):
        raise ValueError(
            f"the checkpoint holds a tensor of the shape {list(whole.shape)}, not one of which {part!r} is a part"
        )
    slices = []
    for cut in cuts.split(":"):
        start, _, length = cut.partition(",")
        slices.append(slice(None) if cut == "-" else slice(int(start), int(start) + int(length)))
    return np.ascontiguousarray(whole[tuple(slices)])


def shared_name(handle: Any) -> str:
    """What tells a variable from another: the shared name of its node, else the node's own."""
    name: str = handle.attr["shared_name"].s.decode() or handle.name
    return name


def message_error() -> type[Exception]:
    """protobuf's error for bytes that are no message of the kind."""
    error: type[Exception] = importlib.import_module("google.protobuf.message").DecodeError
    return error


def _unreadable() -> tuple[type[Exception], ...]:
    """What TensorFlow's reader raises: its own errors, or Python's nearest (IndexError for a file cut short)."""
    return (tensorflow().errors.OpError, LookupError, ValueError, RuntimeError, TypeError, OSError)


class Checkpoint:
    """The values of a SavedModel's variables, read when asked for."""

    def __init__(self, folder: NamedFolder) -> None:
        """Open ``folder/variables/variables``. Raises ``CorruptModel`` when it is missing or damaged."""
        tf = tensorflow()
        self._folder = folder
        try:
            self._reader = tf.train.load_checkpoint(str(folder.path / "variables" / "variables"))
        except _unreadable() as error:
            raise self._corrupt(error) from error

    def variable_names(self) -> dict[str, str]:
        """Key -> the variable's own name in the original. A shared name may carry a suffix of the export's making."""
        graph_pb2 = importlib.import_module("tensorflow.core.protobuf.trackable_object_graph_pb2")
        if not self._reader.has_tensor(_OBJECT_GRAPH):
            return {}
        try:
            graph = graph_pb2.TrackableObjectGraph.FromString(self._reader.get_tensor(_OBJECT_GRAPH))
        except (*_unreadable(), message_error()) as error:
            raise self._corrupt(error) from error
        return {
            attribute.checkpoint_key: attribute.full_name
            for node in graph.nodes
            for attribute in node.attributes
            if attribute.full_name
        }

    def contents(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Key -> dtype and shape of what lies under it, without reading it."""
        dtypes, shapes = self._reader.get_variable_to_dtype_map(), self._reader.get_variable_to_shape_map()
        return {key: (dtypes[key].name, tuple(map(int, shapes[key]))) for key in sorted(shapes)}

    def read(self, key: str) -> Array:
        """The value under a key. Raises ``CorruptModel`` when it isn't there or can't be read."""
        try:
            return np.asarray(self._reader.get_tensor(key))
        except _unreadable() as error:
            raise self._corrupt(error) from error

    def _corrupt(self, error: BaseException) -> CorruptModel:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        return CorruptModel(
            f"the variables of the SavedModel {self._folder.name} can't be read: {said[:500]}",
            hint="variables/ is missing, incomplete or damaged (Git LFS without its content?). Export the model again.",
        )
