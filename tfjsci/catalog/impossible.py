"""Why some ops can't be said in ops that TensorFlow.js has: what the check and docs/ops.md give as the reason."""

from __future__ import annotations

_RANDOM = "counter-based random numbers need exact 32-bit unsigned arithmetic, which the runtime hasn't got"
_FILES = "a page has no files"
_IMAGES = "the runtime has no image decoder for a graph; the page has its own"
_STRINGS = "the runtime has no op that takes strings apart"
_STATE = "a converted model has no variables that change"
_LISTS = "the runtime has no such operation on its lists"
_PYTHON = "Python can't run in a page"
_TRAINING = "it belongs to training"
_TABLES = "a converted table doesn't change, and what it holds must be known before the run"
_ITERATIVE = "it takes a decomposition that iterates until it converges"
_STEPWISE = "it decodes step by step, and how long its result is the data decides"
_RAGGED = "the release ships the ragged ops, but its converter never loads them"
_BITS = "the runtime holds integers in floats on the GPU and has no kernel for bits"

WHY_NOT: dict[str, str] = {
    "PopulationCount": _BITS,
    "Lu": "its rows are exchanged in an order that the data decides, step by step",
    "CTCBeamSearchDecoder": _STEPWISE,
    "CTCGreedyDecoder": _STEPWISE,
    "StaticRegexReplace": "wasm and webgpu have no kernel for it",
    "StringSplit": "webgpu has no kernel for it",
    "StringToHashBucketFast": "webgpu has no kernel for it",
    "StringToHashBucketStrong": "its hash needs exact 64-bit arithmetic, which the runtime hasn't got",
    "StringToHashBucket": "its hash needs exact 64-bit arithmetic, which the runtime hasn't got",
    "SparseCross": _STRINGS,
    "Eig": _ITERATIVE,
    "SelfAdjointEig": _ITERATIVE,
    "SelfAdjointEigV2": _ITERATIVE,
    "Svd": _ITERATIVE,
    "Schur": _ITERATIVE,
    "MatrixSquareRoot": _ITERATIVE,
    "MatrixLogarithm": _ITERATIVE,
    "PyFunc": _PYTHON,
    "EagerPyFunc": _PYTHON,
    "PyFuncStateless": _PYTHON,
    "ReadFile": _FILES,
    "WriteFile": _FILES,
    "AsString": _STRINGS,
    "Substr": _STRINGS,
    "UnicodeDecode": _STRINGS,
    "UnicodeTranscode": _STRINGS,
    "XlaCallModule": "it holds a program for XLA, not a graph",
}
"""By op."""

WHY_NOT_BY_PREFIX: tuple[tuple[str, str], ...] = (
    ("StatelessRandom", _RANDOM),
    ("StatelessMultinomial", _RANDOM),
    ("StatelessTruncatedNormal", _RANDOM),
    ("StatelessParameterized", _RANDOM),
    ("RandomShuffle", _RANDOM),
    ("RandomGamma", _RANDOM),
    ("RandomPoisson", _RANDOM),
    ("Rng", _RANDOM),
    ("Stateful", _RANDOM),
    ("Decode", _IMAGES),
    ("Encode", _IMAGES),
    ("String", _STRINGS),
    ("Regex", _STRINGS),
    ("Unicode", _STRINGS),
    ("Ragged", _RAGGED),
    ("VarHandle", _STATE),
    ("Assign", _STATE),
    ("ResourceApply", _TRAINING),
    ("LookupTable", _TABLES),
    ("MutableHashTable", _TABLES),
    ("TensorList", _LISTS),
    ("TensorArray", _LISTS),
)
"""By family, the first that fits."""


def why_not(op: str) -> str:
    """Why there is no lowering, empty where nobody has written one yet."""
    return WHY_NOT.get(op) or next((text for prefix, text in WHY_NOT_BY_PREFIX if op.startswith(prefix)), "")
