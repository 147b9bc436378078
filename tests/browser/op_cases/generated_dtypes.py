"""Plain examples in other dtypes, made mechanically: the data, and the attributes that name its dtype, are replaced.

These are candidates: TensorFlow's CPU has no kernel for some of them, which record_op_expectations.py leaves out.
int64 and uint8 are claimed by the graph and carried as int32, as in every converted model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, Node, TensorType

from .case import OpCase

DTYPES = ("float32", "int32", "int64", "uint8", "bool", "complex64")

_CARRIED = {"int64": np.int32, "uint8": np.int32}
"""Dtypes that the runtime holds as another one."""

_INT_EXAMPLES: dict[str, tuple[str, tuple[int, ...]]] = {
    "BitwiseAnd": ("T", (0, 1)),
    "BroadcastArgs": ("T", (0, 1)),
    "ListDiff": ("T", (0, 1)),
    "OneHot": ("T", (2, 3)),
    "Range": ("Tidx", (0, 1, 2)),
}
"""Ops whose plain example is of int32: the attribute of its dtype, and the inputs that have it."""

_ALWAYS_FLOAT: dict[str, tuple[int, ...]] = {
    "CropAndResize": (1,),
    "ImageProjectiveTransformV3": (1, 3),
}
"""Inputs that are float32 whatever the dtype of the others is."""

_OWN_CASES = frozenset({"Cast"})
"""Ops that are about dtypes: their cases are written by hand."""

_LEFT_OUT = {
    "Round": ("int32", "int64"),  # TensorFlow's own kernel gives zeros
}
"""Op -> dtypes in which TensorFlow is no measure."""

_CHAINS = ("TensorList", "TensorArray", "EmptyTensorList")
"""Graphs of several nodes that only move data, so that what should come out converts as what goes in."""


def in_other_dtypes(cases: Sequence[OpCase]) -> Iterator[OpCase]:
    """``Op/dtype-int32`` and so on, for each plain example that has a dtype to choose."""
    for case in cases:
        if case.name != case.op or case.op in _OWN_CASES or case.random or _has_odd_numbers(case):
            continue
        single = "op" in case.graph and case.expected is None
        if not single and not case.op.startswith(_CHAINS):
            continue
        for dtype in DTYPES:
            if dtype in _LEFT_OUT.get(case.op, ()):
                continue
            made = _in_dtype(case, dtype, moves_data_only=not single)
            if made is not None:
                yield made


def _has_odd_numbers(case: OpCase) -> bool:
    return any(c.value.dtype.kind == "f" and not np.isfinite(c.value).all() for c in case.graph.constants.values())


def _in_dtype(case: OpCase, dtype: str, *, moves_data_only: bool) -> OpCase | None:
    """The case in another dtype; None if it is that dtype's already, or has no data to convert."""
    from_int = case.op in _INT_EXAMPLES
    source = "int32" if from_int else "float32"
    if dtype == source:
        return None
    data = _data(case, source)
    if not data:
        return None
    constants = {
        name: Constant(value=converted(constant.value, dtype, 0 if moves_data_only else data.index(name)))
        if name in data
        else constant
        for name, constant in case.graph.constants.items()
    }
    claimed = {name: TensorType(dtype=dtype, shape=constants[name].value.shape) for name in data}
    attr = _INT_EXAMPLES[case.op][0] if from_int else None
    graph = Graph(
        nodes=tuple(_node(node, source, dtype, attr, node.name in data) for node in case.graph),
        outputs=case.graph.outputs,
        constants=constants,
        types={**case.graph.types, **(claimed if dtype in _CARRIED else {})},
    )
    expected = tuple(_expected(value, dtype) for value in case.expected) if case.expected is not None else None
    return replace(case, name=f"{case.op}/dtype-{dtype}", graph=graph, expected=expected)


def _data(case: OpCase, source: str) -> list[str]:
    """The names of the constants that are data of dtype ``source``."""
    inputs = case.node.inputs
    if case.op in _INT_EXAMPLES:
        return [inputs[i] for i in _INT_EXAMPLES[case.op][1]]
    stay = {inputs[i] for i in _ALWAYS_FLOAT.get(case.op, ())}
    return [name for name, c in case.graph.constants.items() if c.value.dtype.name == source and name not in stay]


def _node(node: Node, source: str, dtype: str, attr: str | None, data: bool) -> Node:
    if node.op == "Const":
        return replace(node, attrs={"dtype": DType(dtype)}) if data else node
    attrs: dict[str, AttrValue] = {
        key: DType(dtype) if value == DType(source) and attr in (None, key) else value
        for key, value in node.attrs.items()
    }
    return replace(node, attrs=attrs)


def _expected(value: Array, dtype: str) -> Array:
    if value.dtype != np.float32:
        return value
    made = converted(value, dtype, 0)
    return made.astype(dtype) if dtype in _CARRIED else made


def converted(value: Array, dtype: str, place: int) -> Array:
    """The numbers in another dtype: nothing that wasn't 0 becomes 0, and a byte doesn't overflow soon.

    ``place`` is which of the data inputs it is: later ones are smaller, so that a difference of bytes isn't negative.
    """
    x = value.astype(np.float64)
    away = np.sign(x) * np.ceil(np.abs(x) * 2)
    made: Array
    match dtype:
        case "bool":
            made = x > 0
        case "uint8":
            made = np.clip(np.ceil(np.abs(x)) + 2, 2, 9) if place == 0 else np.clip(np.ceil(np.abs(x)), 0, 3)
        case "complex64":
            made = x + 1j * np.roll(x.ravel(), 1).reshape(x.shape) / 2
        case _:
            made = away
    return made.astype(_CARRIED.get(dtype, dtype))
