"""Integers and bools that webgpu moves about: its transposing kernel stores floats only.

``TransposeProgram`` (tfjs-backend-webgpu 4.22.0) gives the tensor's element as it is to ``setOutputAtIndex``, which takes an
f32: for integers and bools the shader doesn't compile, and the result is whatever the buffer held before. Only the kernel
for matrices ([1, 0]) converts. Kernels that reduce, scan or search bring their dimensions last by that kernel. A float that
is a Cast of integers or bools shares their buffer, until a kernel writes one of its own.
Sources: the kernels as named, and what the browser did (op_cases).
"""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.dtypes import INTEGERS
from tfjsci.catalog.restrictions.restriction import Restriction, ops
from tfjsci.graph.graph import DType, Graph, node_of

WHOLE = INTEGERS | {"bool"}
_SAME_BUFFER = frozenset({"Identity", "StopGradient", "Snapshot", "Reshape", "ExpandDims", "Squeeze", "Cast"})

_CAST = "Cast to float32 before, and back after it."
_SETTLE = "Compute something with the cast tensor first (Floor keeps whole numbers as they are)."


def cast_of_whole(graph: Graph, tensor: str) -> bool:
    """Whether a float lies in the buffer of integers or bools: it was cast, and only reshaped since."""
    while (name := node_of(tensor)) in graph:
        node = graph[name]
        if node.op not in _SAME_BUFFER:
            return False
        source = node.attrs.get("SrcT")
        if node.op == "Cast" and isinstance(source, DType) and source.name in WHOLE:
            return True
        tensor = node.inputs[0]
    return False


def _lazily(view: NodeView, index: int = 0) -> bool:
    floating = (view.dtype(index) or "").startswith(("float", "bfloat"))
    return floating and cast_of_whole(view.graph, view.node.inputs[index])


def _moved(view: NodeView) -> bool:
    """Whether a Transpose isn't the one of matrices, which converts."""
    rank, order = view.rank(0), view.value(1)
    if rank is None or rank == 0:
        return False
    return rank != 2 or (order is not None and order.reshape(-1).tolist() not in ([1, 0], [-1, -2]))


def _not_last(view: NodeView) -> bool:
    """``getAxesPermutation``: whether the dimensions to reduce aren't the last ones in their order."""
    rank, axes = view.rank(0), view.value(1)
    if rank is None or rank < 3 or axes is None:
        return False
    given = [int(axis) % rank for axis in axes.reshape(-1)]
    return given != list(range(rank - len(given), rank))


def _transposes(view: NodeView) -> bool:
    if view.op == "Transpose":
        return _moved(view)
    return view.op in ("BatchToSpaceND", "Einsum") or _not_last(view)


def _whole_transposed(view: NodeView) -> bool | str:
    dtype = view.dtype(0)
    return f"{dtype} of rank {view.rank(0)}" if dtype in WHOLE and _transposes(view) else False


def _cast_transposed(view: NodeView) -> bool:
    indices = range(len(view.node.inputs)) if view.op == "Einsum" else (0,)
    return any(_lazily(view, index) for index in indices) and _transposes(view)


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=ops("Transpose", "BatchToSpaceND", "Einsum"),
        effect="silently wrong",
        says="webgpu transposes floats, and of integers and bools matrices only",
        when=_whole_transposed,
        backends=("webgpu",),
        hint=_CAST,
    ),
    Restriction(
        ops=ops("Sum", "Max", "Min", "Prod", "All", "Any", "ArgMax", "ArgMin", "Cumsum", "Cumprod"),
        effect="silently wrong",
        says="webgpu does this with integers and bools along the last dimensions only",
        when=_whole_transposed,
        backends=("webgpu",),
        hint=_CAST,
    ),
    Restriction(
        ops=ops(
            "Transpose", "BatchToSpaceND", "Einsum", "Sum", "Mean", "Max", "Min", "Prod", "ArgMax", "ArgMin", "Cumsum",
            "Cumprod",
        ),
        effect="silently wrong",
        says="webgpu leaves a Cast of integers in their buffer, which this can't read",
        when=_cast_transposed,
        backends=("webgpu",),
        hint=_SETTLE,
    ),
)  # fmt: skip
