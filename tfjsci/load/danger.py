"""Ops that touch files, the network, processes or Python: a SavedModel with one is refused before it is loaded.

TensorFlow runs a SavedModel's functions in this process, so loading or folding such an op would give the model's
author the machine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tfjsci.errors import CodeRefused, CorruptModel
from tfjsci.graph.tensorflow import tensorflow

WHY = {
    "ReadFile": "reads a file",
    "WriteFile": "writes a file",
    "MatchingFiles": "lists files",
    "WholeFileReader": "reads files",
    "WholeFileReaderV2": "reads files",
    "TextLineReader": "reads files",
    "TextLineReaderV2": "reads files",
    "FixedLengthRecordReader": "reads files",
    "FixedLengthRecordReaderV2": "reads files",
    "TFRecordReader": "reads files",
    "TFRecordReaderV2": "reads files",
    "LMDBReader": "reads files",
    "TextLineDataset": "reads files",
    "TFRecordDataset": "reads files",
    "TFRecordDatasetV2": "reads files",
    "FixedLengthRecordDataset": "reads files",
    "FixedLengthRecordDatasetV2": "reads files",
    "SqlDataset": "reads a database",
    "CSVDataset": "reads files",
    "CSVDatasetV2": "reads files",
    "SaveDataset": "writes files",
    "SaveDatasetV2": "writes files",
    "LoadDataset": "reads files",
    "SnapshotDataset": "writes files",
    "SnapshotDatasetV2": "writes files",
    "CacheDataset": "writes files",
    "CacheDatasetV2": "writes files",
    "ImmutableConst": "maps a file into memory",
    "PyFunc": "calls Python",
    "PyFuncStateless": "calls Python",
    "EagerPyFunc": "calls Python",
    "DebugIdentity": "writes to a debug server",
    "DebugIdentityV2": "writes files",
    "DebugIdentityV3": "writes files",
    "PrintV2": "writes to a stream that the model chooses",
    "RpcCall": "calls another machine",
    "RpcClient": "calls another machine",
    "RpcServer": "opens a server",
    "DataServiceDataset": "calls another machine",
    "CreateSummaryFileWriter": "writes files",
    "CreateSummaryDbWriter": "writes files",
    "WriteAudioSummary": "writes files",
    "WriteGraphSummary": "writes files",
    "WriteHistogramSummary": "writes files",
    "WriteImageSummary": "writes files",
    "WriteRawProtoSummary": "writes files",
    "WriteScalarSummary": "writes files",
    "WriteSummary": "writes files",
    "InitializeTableFromTextFile": "reads a file",
    "InitializeTableFromTextFileV2": "reads a file",
    "LoadLibrary": "loads native code",
    "XlaLaunch": "runs compiled code",
}
"""Op -> what it does that a model under test must not."""

CHECKPOINT = {
    "Save": "writes files",
    "SaveSlices": "writes files",
    "SaveV2": "writes files",
    "MergeV2Checkpoints": "writes and deletes files",
    "Restore": "reads files",
    "RestoreSlice": "reads files",
    "RestoreV2": "reads files",
}
"""Legitimate in the saver that every SavedModel carries, and nowhere else."""


def refuse_dangerous_ops(folder: Path) -> Any:
    """Read ``saved_model.pb`` as a protobuf, run nothing, and refuse it if an op of :data:`WHY` is in it.

    Returns the parsed ``SavedModel``. Raises ``CodeRefused`` naming every such op with its nodes, ``CorruptModel`` when
    the file can't be parsed.
    """
    saved_model = _read(folder / "saved_model.pb")
    found = dangerous_ops(saved_model)
    if found:
        ops = "; ".join(f"{op} ({reason}): {', '.join(nodes[:5])}" for (op, reason), nodes in sorted(found.items()))
        raise CodeRefused(
            f"{folder.name} was not loaded: its graph has ops that touch files, the network or Python: {ops}",
            hint="Export the model without them: keep only what runs in the browser inside the signature.",
        )
    return saved_model


def dangerous_ops(saved_model: Any) -> Mapping[tuple[str, str], list[str]]:
    """(op, what it does) -> the nodes that do it, over all graphs and functions."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for meta in saved_model.meta_graphs:
        saver = _saver_functions(meta)
        scopes: list[tuple[str, Iterable[Any], bool]] = [("", meta.graph_def.node, True)]
        scopes += [
            (f"{function.signature.name}/", function.node_def, function.signature.name in saver)
            for function in meta.graph_def.library.function
        ]
        for prefix, nodes, may_save in scopes:
            for node in nodes:
                reason = WHY.get(node.op) or (None if may_save else CHECKPOINT.get(node.op))
                if reason:
                    found[node.op, reason].append(prefix + node.name)
    return found


def _saver_functions(meta: Any) -> set[str]:
    """Names of functions that the saver calls (TF2 writes it as calls from the main graph) and what they call."""
    start = {
        tensor.partition(":")[0]
        for tensor in (
            meta.saver_def.filename_tensor_name,
            meta.saver_def.save_tensor_name,
            meta.saver_def.restore_op_name,
        )
        if tensor
    }
    calls = {
        node.name: {value.func.name for value in node.attr.values() if value.WhichOneof("value") == "func"}
        for node in meta.graph_def.node
    }
    within = {
        function.signature.name: {
            value.func.name
            for node in function.node_def
            for value in node.attr.values()
            if value.WhichOneof("value") == "func"
        }
        for function in meta.graph_def.library.function
    }
    reached: set[str] = set()
    stack = [name for node in start for name in calls.get(node, ())]
    while stack:
        name = stack.pop()
        if name not in reached:
            reached.add(name)
            stack += within.get(name, ())
    signature_nodes = [
        calls.get(tensor.name.partition(":")[0], set())
        for signature in meta.signature_def.values()
        for tensor in signature.outputs.values()
    ]
    return reached - {name for names in signature_nodes for name in names}


def _read(path: Path) -> Any:
    tensorflow()
    import importlib

    saved_model_pb2 = importlib.import_module("tensorflow.core.protobuf.saved_model_pb2")
    from tfjsci.load.checkpoint import message_error

    try:
        return saved_model_pb2.SavedModel.FromString(path.read_bytes())
    except (message_error(), OSError) as error:
        raise CorruptModel(
            f"{path.parent.name}/{path.name} can't be read as a SavedModel: {error}",
            hint="It is damaged or cut short (an unfinished download, Git LFS without its content?). Export it again.",
        ) from error
