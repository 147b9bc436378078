"""Dtypes that the runtime can't name, under the name of the one that carries them.

It has one float and one integer of 32 bits. What a graph computes in bfloat16 or float64 is computed in float32 anyway, but an
attribute that says so would reach a kernel as null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tfjsci.catalog.bounds import bounds_of
from tfjsci.graph.graph import AttrValue, Constant, DType, Graph, Node, Scalar, dtype_name
from tfjsci.rewrite.bypass import without_pass_ons

FLOATS = {"bfloat16": "float32", "float16": "float32", "float64": "float32", "complex128": "complex64"}
SMALL_INTEGERS = {"int16": "int32", "uint16": "int32"}
LARGE_INTEGERS = {"uint32": "int32", "uint64": "int32"}

_MAY_FALL_BELOW_0 = frozenset({"Sub", "Neg", "Invert", "Bitcast", "LeftShift", "BitwiseXor"})
"""What of unsigned numbers wraps to a huge one."""


def with_plain_floats(graph: Graph) -> Graph:
    """float32 for every other float. Casts among them go; what they would have rounded or made infinite stays as it is.

    Done after constants were folded, so that weights are rounded as in the original. A graph that takes the bits of such
    a float is left alone.
    """
    return graph if _takes_bits(graph, FLOATS) else _with_dtypes(graph, FLOATS)


def with_plain_integers(graph: Graph) -> Graph:
    """int32 for the integers that have no name, where their values are the same in it.

    Done last: until then the dtype tells where a number wraps. An unsigned one of 32 bits or more stays if it may come of
    a negative number, or if it is an output, whose dtype everybody sees.
    """
    if any(_unsafe(part) for _, part in graph.walk()) or _takes_bits(graph, LARGE_INTEGERS):
        return _with_dtypes(graph, SMALL_INTEGERS)
    return _with_dtypes(graph, {**SMALL_INTEGERS, **LARGE_INTEGERS})


def _unsafe(graph: Graph) -> bool:
    if any((known := graph.type_of(t)) is not None and known.dtype in LARGE_INTEGERS for t in graph.outputs):
        return True
    for constant in graph.constants.values():
        if dtype_name(constant.value) in LARGE_INTEGERS and int(constant.value.max(initial=0)) > np.iinfo(np.int32).max:
            return True
    for node in graph.nodes:
        known = graph.type_of(node.name)
        large = node.attrs.get("DstT", DType("")) if node.op == "Cast" else None
        if isinstance(large, DType) and large.name in LARGE_INTEGERS:
            if bounds_of(graph, node.inputs[0]).low < 0:
                return True
        elif known is not None and known.dtype in LARGE_INTEGERS and _wraps(node):
            return True
    return False


def _wraps(node: Node) -> bool:
    return node.op in _MAY_FALL_BELOW_0 or "Random" in node.op or "Rng" in node.op


def _takes_bits(graph: Graph, table: Mapping[str, str]) -> bool:
    return any(
        isinstance(value, DType) and value.name in table
        for _, part in graph.walk()
        for node in part.nodes
        if node.op == "Bitcast"
        for value in node.attrs.values()
    )


def _with_dtypes(graph: Graph, table: Mapping[str, str]) -> Graph:
    """The graph with each dtype of ``table`` under its new name: attributes, constants and types, in functions too."""
    if not any(_has(part, table) for _, part in graph.walk()):
        return graph
    functions = {name: replace(body, graph=_with_dtypes(body.graph, table)) for name, body in graph.functions.items()}
    renamed = replace(
        graph,
        nodes=tuple(_node(node, table) for node in graph.nodes),
        constants={name: _constant(constant, table) for name, constant in graph.constants.items()},
        types={t: replace(known, dtype=table.get(known.dtype, known.dtype)) for t, known in graph.types.items()},
        functions=functions,
    )
    return without_pass_ons(renamed, keep_debug=True)


def _has(graph: Graph, table: Mapping[str, str]) -> bool:
    return any(dtype_name(constant.value) in table for constant in graph.constants.values()) or any(
        isinstance(item, DType) and item.name in table
        for node in graph.nodes
        for value in node.attrs.values()
        for item in (value if isinstance(value, tuple) else (value,))
    )


def _node(node: Node, table: Mapping[str, str]) -> Node:
    attrs = {name: _attr(value, table) for name, value in node.attrs.items()}
    if attrs == node.attrs:
        return node
    if node.op == "Cast" and attrs["SrcT"] == attrs["DstT"]:
        return replace(node, op="Identity", attrs={"T": attrs["DstT"]})
    return replace(node, attrs=attrs)


def _attr(value: AttrValue, table: Mapping[str, str]) -> AttrValue:
    if isinstance(value, tuple):
        return tuple(_renamed(item, table) for item in value)
    return _renamed(value, table)


def _renamed(item: Scalar, table: Mapping[str, str]) -> Scalar:
    return DType(table.get(item.name, item.name)) if isinstance(item, DType) else item


def _constant(constant: Constant, table: Mapping[str, str]) -> Constant:
    target = table.get(dtype_name(constant.value))
    if target is None:
        return constant
    with np.errstate(over="ignore"):  # beyond float32: infinite, as it would be in the runtime
        return Constant(value=constant.value.astype(target), sources=constant.sources)
