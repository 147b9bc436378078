"""The table of ops that touch files, the network, processes or Python, or run a program that the graph doesn't show.

A test holds it against all ops of the TensorFlow installed: each that takes a path, an address or a program is in here,
or known to be harmless.
"""

from __future__ import annotations

_READS = "reads files"
_WRITES = "writes files"
_NETWORK = "talks to another machine"
_DEBUG = "writes to a file or server that the model names"
_HIDDEN = "runs a program that is hidden in a string"

WHY: dict[str, str] = {
    **dict.fromkeys(
        (
            "ReadFile", "MatchingFiles", "MatchingFilesDataset", "ExperimentalMatchingFilesDataset",
            "WholeFileReader", "WholeFileReaderV2", "TextLineReader", "TextLineReaderV2",
            "FixedLengthRecordReader", "FixedLengthRecordReaderV2", "TFRecordReader", "TFRecordReaderV2", "LMDBReader",
            "TextLineDataset", "TFRecordDataset", "TFRecordDatasetV2", "FixedLengthRecordDataset",
            "FixedLengthRecordDatasetV2", "SqlDataset", "ExperimentalSqlDataset", "CSVDataset", "CSVDatasetV2",
            "ExperimentalCSVDataset", "LMDBDataset", "ExperimentalLMDBDataset", "RecordInput", "Skipgram",
            "LoadDataset", "ListSnapshotChunksDataset", "SnapshotChunkDataset", "SnapshotDatasetReader",
            "SnapshotNestedDatasetReader", "InitializeTableFromTextFile", "InitializeTableFromTextFileV2",
            "ImmutableConst", "LoadAndRemapMatrix", "GenerateVocabRemapping", "FixedUnigramCandidateSampler",
            "EncodeProto", "DecodeProtoV2",
        ),
        _READS,
    ),
    **dict.fromkeys(
        (
            "WriteFile", "SaveDataset", "SaveDatasetV2", "SnapshotDataset", "SnapshotDatasetV2", "CacheDataset",
            "CacheDatasetV2", "DatasetToTFRecord", "ExperimentalDatasetToTFRecord", "DumpTensor",
            "CalibrationStatisticsSaver", "CreateSummaryFileWriter", "CreateSummaryDbWriter", "ImportEvent",
            "WriteAudioSummary", "WriteGraphSummary", "WriteHistogramSummary", "WriteImageSummary",
            "WriteRawProtoSummary", "WriteScalarSummary", "WriteSummary", "WriteTrainingPredictions",
        ),
        _WRITES,
    ),
    **dict.fromkeys(
        (
            "Copy", "CopyHost", "DebugIdentity", "DebugIdentityV2", "DebugIdentityV3", "DebugNanCount",
            "DebugNumericSummary", "PrintV2",
        ),
        _DEBUG,
    ),
    **dict.fromkeys(
        (
            "RpcCall", "RpcClient", "RpcServer", "RpcServerRegister", "RpcServerStart", "DataServiceDataset",
            "DataServiceDatasetV2", "DataServiceDatasetV3", "DataServiceDatasetV4", "RegisterDataset",
            "RegisterDatasetV2", "DistributedSave",
        ),
        _NETWORK,
    ),
    **dict.fromkeys(("PyFunc", "PyFuncStateless", "EagerPyFunc"), "calls Python"),
    **dict.fromkeys(
        ("DatasetFromGraph", "MlirPassthroughOp", "XlaLaunch", "XlaLaunchV2", "_TPUCompileMlir", "_XlaHostComputeMlir",
         "XlaHostCompute"),
        _HIDDEN,
    ),
    "FileSystemSetConfiguration": "changes how files are reached",
    "LoadLibrary": "loads native code",
}  # fmt: skip
"""Op -> what it does that a model under test must not."""

WRITES_CHECKPOINT: dict[str, str] = {
    "Save": _WRITES,
    "SaveSlices": _WRITES,
    "SaveV2": _WRITES,
    "MergeV2Checkpoints": "writes and deletes files",
}
"""Legitimate in what the saver saves with, and nowhere else."""

READS_CHECKPOINT: dict[str, str] = dict.fromkeys(("Restore", "RestoreSlice", "RestoreV2"), _READS)
"""Legitimate in what the saver saves or restores with, and nowhere else."""
