"""Float noise: what rounding alone makes of a graph's numbers, so that nobody takes it for a wrong rule.

Rewriting computes weights anew and adds in another order, so it rounds elsewhere. How much that shows in the outputs depends
on the graph: a difference of two large numbers, a rounding or an argmax makes much of it. So where a fixed limit is missed,
the graph is run anew with each weight and input off by its last bit, and what that changes is the measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tfjsci.dtypes import NARROW_FLOATS, NarrowFloat
from tfjsci.graph.graph import Array, AttrValue, DType, Graph, dtype_name, node_of
from tfjsci.rewrite.bypass import PASSES_ON

LAST_BIT = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
"""One step of each float that a graph may compute in, relative to the number. float64 is carried in float32."""

FLOATS = frozenset({"float16", "bfloat16", "float32", "float64", "complex64", "complex128"})


def coarsest_float(graph: Graph) -> str:
    """The float of :data:`LAST_BIT` with the fewest digits that ``graph`` computes in: rewriting carries it in float32.

    One that constants are only stored in doesn't count: their values are the same in a wider one.
    """
    computed = {
        value.name
        for _, part in graph.walk()
        for node in part.nodes
        if node.op not in PASSES_ON
        for key, value in node.attrs.items()
        if isinstance(value, DType) and node.op != "Const" and (node.op, key) != ("Cast", "SrcT")
    }
    return next((name for name in NARROW_FLOATS if name in computed), "float32")


def narrow_float(graph: Graph) -> NarrowFloat | None:
    """:func:`coarsest_float` where it has fewer digits than the browser's: whose rounding the outputs then differ by."""
    coarsest = coarsest_float(graph)
    return next((name for name in NARROW_FLOATS if name == coarsest), None)


def rests_on_floats(graph: Graph, tensor: str) -> bool:
    """Whether a float is among what ``tensor`` is computed from: then a tie may be decided either way."""
    seen: set[str] = set()
    stack = [node_of(tensor)]
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        node = graph[name]
        if any(_is_float(value) for value in node.attrs.values()):
            return True
        stack += [node_of(each) for each in node.inputs]
    return False


def with_noise(graph: Graph, inputs: Mapping[str, Array], *, seed: int) -> tuple[Graph, dict[str, Array]]:
    """The graph and its inputs with each float off by its last bit, up or down as the seed has it."""
    step = LAST_BIT[coarsest_float(graph)]
    draw = np.random.default_rng(seed)
    noisy = _noisy(graph, step, draw)
    return noisy, {name: _off(value, step, draw) for name, value in inputs.items()}


def _noisy(graph: Graph, step: float, draw: np.random.Generator) -> Graph:
    constants = {
        name: replace(constant, value=_off(constant.value, step, draw)) for name, constant in graph.constants.items()
    }
    functions = {name: replace(body, graph=_noisy(body.graph, step, draw)) for name, body in graph.functions.items()}
    return replace(graph, constants=constants, functions=functions)


def _off(value: Array, step: float, draw: np.random.Generator) -> Array:
    """Whole numbers stay: as an index, a size or a bound, one that is off by a bit means something else."""
    if dtype_name(value) not in FLOATS:
        return value
    wide = value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
    off = wide * (1 + step * draw.choice((-1.0, 1.0), wide.shape))
    whole = ~np.isfinite(wide) | (wide == np.round(wide))
    return np.asarray(np.where(whole, wide, off).astype(value.dtype))


def _is_float(value: AttrValue) -> bool:
    return any(
        isinstance(item, DType) and item.name in FLOATS for item in (value if isinstance(value, tuple) else (value,))
    )
