"""The dtypes that cross the line: TensorFlow's names, numpy's types, and what TensorFlow.js holds them as."""

from __future__ import annotations

from typing import Literal, get_args

Backend = Literal["webgl", "webgpu", "wasm", "cpu"]
"""A TensorFlow.js backend."""

BACKENDS: tuple[Backend, ...] = get_args(Backend)

GPU_BACKENDS: frozenset[Backend] = frozenset({"webgl", "webgpu"})

RuntimeDType = Literal["float32", "int32", "bool", "string", "complex64"]
"""What a tensor is inside TensorFlow.js."""

RUNTIME_DTYPE: dict[str, RuntimeDType] = {
    "float16": "float32",
    "float32": "float32",
    "float64": "float32",
    "bfloat16": "float32",
    "int8": "int32",
    "uint8": "int32",
    "int16": "int32",
    "uint16": "int32",
    "int32": "int32",
    "int64": "int32",
    "bool": "bool",
    "string": "string",
    "complex64": "complex64",
    "complex128": "complex64",
}
"""numpy-style dtype name of the original -> the runtime's dtype that carries it in a converted model."""

NarrowFloat = Literal["bfloat16", "float16"]
"""A float of fewer digits than float32, in which an original may compute. A converted model never does."""

NARROW_FLOATS: tuple[NarrowFloat, ...] = get_args(NarrowFloat)
"""The one of the fewest digits first."""

Level = Literal["error", "warn", "off"]
"""What missing a limit is: it fails the model, it is only told, or it isn't judged."""

SchemeName = Literal[
    "float16", "uint16", "uint8", "uint16-per-channel", "uint8-per-channel", "int6", "int4"
]  # fmt: skip
"""How a variant's weights are stored."""

SCHEME_NAMES: tuple[SchemeName, ...] = get_args(SchemeName)
