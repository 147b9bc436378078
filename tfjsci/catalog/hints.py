"""What to do about an op that TensorFlow.js doesn't have, or that a backend has no kernel for."""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.catalog.catalog import Catalog
from tfjsci.dtypes import Backend

_STRINGS = "Look words up and split them outside of the model (in JavaScript), and feed it numbers."
_TRAINING = "Export the model for inference: call it with training=False, and leave out augmentation layers."
_RANDOM = "Take random layers (dropout, noise, augmentation, sampling) out of the exported model, or feed the noise as an input."
_RAGGED = "Use dense tensors with padding: the release ships the ragged ops, but its converter never loads them."
_FILES = "A model that reads or writes files can't run in a page; feed the data as inputs."
_STATE = "Export an inference function whose variables don't change, so that they become constants."
_ALGEBRA = "Compute it outside of the model, or write it with MatMul and elementwise ops."
_TPU = (
    "Export the model without TPUStrategy, on a CPU or GPU. A SavedModel may hold such a graph beside this one: tfjsci inspect "
    "tells the tags of its graphs, --tags serve takes that one."
)
_SEGMENTS = "Write it as a product with a one-hot matrix (OneHot and MatMul)."

ADVICE: dict[str, str] = {
    "AsString": "Feed numbers as texts, or look them up in a table (IntegerLookup), which needs no text.",
    "BitwiseAnd": "The runtime's own entry for this op is broken; for flags use FloorDiv and FloorMod by powers of two.",
    "Bucketize": "Sum the comparisons with each boundary: Cast(GreaterEqual(x, boundary)) gives the same number.",
    "CombinedNonMaxSuppression": "Use NonMaxSuppressionV5 for each class, or suppress outside of the model.",
    "Conv3DBackpropInputV2": "Put zeros between the input's values and use Conv3D with the flipped kernel.",
    "Einsum": "Write it with MatMul or BatchMatMulV2, with Transpose and Reshape around it.",
    "EnsureShape": "Remove it: the runtime's own entry for this op is broken, and it only checks.",
    "Erfc": "Use 1 - Erf(x): the same function, to a float's precision near 0 (Keras: gelu(approximate=True) avoids both).",
    "InvertPermutation": "Compute the permutation where the model is built: it is usually a constant.",
    "Lgamma": _ALGEBRA,
    "MatrixDeterminant": _ALGEBRA,
    "MatrixDiagV3": "Multiply by a constant identity matrix.",
    "MatrixInverse": _ALGEBRA,
    "MutableHashTableV2": "Use a table that inference doesn't change (tf.lookup.StaticHashTable).",
    "PyFunc": "Python can't run in a page: write the function with TensorFlow ops.",
    "EagerPyFunc": "Python can't run in a page: write the function with TensorFlow ops.",
    "Qr": _ALGEBRA,
    "RaggedGather": _RAGGED,
    "RaggedRange": _RAGGED,
    "RaggedTensorToTensor": _RAGGED,
    "ReadFile": _FILES,
    "ResizeBicubic": "Resize bilinearly, or outside of the model.",
    "ReverseSequence": "Use ReverseV2 where all sequences have one length; else gather with indices made of the lengths.",
    "Roll": "Slice in two and concatenate the other way round.",
    "Softsign": "Use x / (1 + Abs(x)).",
    "SpaceToDepth": "Use Reshape, Transpose, Reshape.",
    "StaticRegexReplace": "Prepare the text in JavaScript: toLowerCase(), replace(); with TextVectorization standardize=None.",
    "StringSplit": "Split the text in JavaScript, and look its words up in the model (StringLookup).",
    "StringToHashBucketFast": _STRINGS,
    "StringToHashBucketStrong": "Hash without a salt (StringToHashBucketFast), which the runtime has, or use a vocabulary.",
    "UnicodeDecode": "Split the text into characters in JavaScript (Array.from(text)), and look these up in the model.",
    "UnicodeEncode": "Split the text into characters in JavaScript (Array.from(text)), and look these up in the model.",
    "Unique": "Find unique values outside of the model, where the output's size may vary.",
    "UniqueV2": "Find unique values outside of the model, where the output's size may vary.",
    "UnsortedSegmentSum": _SEGMENTS,
    "WriteFile": _FILES,
    "XlaCallModule": "Export the model again in TensorFlow's own ops: tfjsci.convert_jax(f, ...), or jax2tf.convert(f, "
    "native_serialization=False, enable_xla=False), both with jax<0.7.2, or write the function in TensorFlow or Keras; "
    "nothing can take compiled code apart again.",
    "Xlogy": "Use Mul(x, Log(y)) with the places where x is 0 masked by SelectV2.",
}
"""Advice for an op by name."""

ADVICE_BY_PREFIX: tuple[tuple[str, str], ...] = (
    ("Ragged", _RAGGED),
    ("Random", _RANDOM),
    ("Stateless", _RANDOM),
    ("Segment", _SEGMENTS),
    ("UnsortedSegment", _SEGMENTS),
    ("String", _STRINGS),
    ("Regex", _STRINGS),
    ("ReadVariable", _STATE),
    ("VarHandle", _STATE),
    ("Assign", _STATE),
    ("VariableV2", _STATE),
    ("ResourceApply", _TRAINING),
    ("PartitionedCall", "The call wasn't inlined; report this model: the converter should have done it."),
    ("StatefulPartitionedCall", "The call wasn't inlined; report this model: the converter should have done it."),
    ("TPU", _TPU),
    ("_TPU", _TPU),
    (
        "Xla",
        "This is XLA's own op: convert the function again in TensorFlow's, with tfjsci.convert_jax(f, ...) or "
        "jax2tf.convert(f, native_serialization=False, enable_xla=False).",
    ),
    ("SimpleML", "Decision forests need the tfjs-tfdf package, which isn't part of the runtime."),
)
"""Advice for a family of ops, the first that fits."""


def advice_for(op: str) -> str | None:
    """What to do about ``op``, where somebody has written that down: for it alone or for its family."""
    return ADVICE.get(op) or next((text for prefix, text in ADVICE_BY_PREFIX if op.startswith(prefix)), None)


def fewer_backends(able: Sequence[Backend]) -> str:
    """How to have the model for ``able`` alone, which run all of it."""
    verb = "runs" if len(able) == 1 else "run"
    return (
        f"{' and '.join(able)} {verb} all of it: --backends {','.join(able)} "
        f"(backends: [{', '.join(able)}] in a manifest) is for {'that' if len(able) == 1 else 'these'} alone."
    )


def hint_for(op: str, backends: Sequence[Backend], catalog: Catalog) -> str:
    """What to do about ``op``, which ``backends`` can't run: the op's own advice, and where it does run."""
    advice = advice_for(op)
    elsewhere = [backend for backend in catalog.backends_of(op) if backend not in backends]
    if elsewhere:
        run_there = f"Run it on {' or '.join(elsewhere)}, which can."
        return f"{advice} {run_there}" if advice else f"{run_there} Or replace the layer with one made of other ops."
    return advice or (
        "No backend can run this op: replace the layer that makes it with one made of ops that do (tfjsci ops lists them), "
        "or compute this part outside of the model."
    )
