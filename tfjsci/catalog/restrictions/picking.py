"""Indexing, scatter, scans, counts and sorting: what kernels can't do with some dtypes, ranks and sizes.

Sources: executors and kernels of 4.22.0 as named beside each rule, and what the browser did (op_cases).
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.dtypes import INTEGERS
from tfjsci.catalog.restrictions.restriction import GPU, WASM, Restriction, ops

_ON_CPU_BELOW = 1000
"""``WEBGPU_CPU_HANDOFF_SIZE_THRESHOLD``: what webgpu computes on the CPU has fewer numbers."""

_DEEPEST = 4
"""``strides[j]``: a vec5 can't be indexed, in either shader language."""


class DtypeAt:
    """``when`` of a restriction on the dtype of one input."""

    def __init__(self, index: int, *dtypes: str) -> None:
        self.index, self.dtypes = index, frozenset(dtypes)

    def __call__(self, view: NodeView) -> bool:
        """Whether it is one of them."""
        return view.dtype(self.index) in self.dtypes


def _shrinks_and_steps(view: NodeView) -> bool:
    """``sliceInfo`` takes the shrunk dimensions out of the shape that the strided kernel then walks through."""
    strides = view.value(3)
    if strides is None or not view.number("shrink_axis_mask", 0):
        return False
    ignored = view.number("ellipsis_mask", 0) | view.number("new_axis_mask", 0)
    taken = [int(step) for i, step in enumerate(strides.reshape(-1)) if not ignored >> i & 1]
    shrunk = any(view.number("shrink_axis_mask", 0) >> i & 1 and not ignored >> i & 1 for i in range(strides.size))
    return shrunk and any(step != 1 for step in taken)


def _leading_sizes(view: NodeView) -> bool | str:
    """``reverse`` of webgpu keeps the last four sizes: right where those before are 1."""
    shape = view.shape(0)
    if shape is None or len(shape) <= 4 or set(shape[:-4]) == {1}:
        return False
    return f"rank {len(shape)}"


def _depth(view: NodeView, index: int) -> int | None:
    return view.size(index, -1)


def _deep_read(view: NodeView) -> bool | str:
    depth = _depth(view, 1)
    if depth is None or 0 < depth <= _DEEPEST:
        return False
    return f"{depth} dimensions" if depth else "none"


def _deep_written(view: NodeView) -> bool | str:
    at = 1 if view.op == "TensorScatterUpdate" else 0
    depth = _depth(view, at)
    return f"{depth} dimensions" if depth is not None and depth > _DEEPEST else False


def _nothing_written(view: NodeView) -> bool:
    shape = view.shape(1 if view.op == "TensorScatterUpdate" else 0)
    return shape is not None and 0 in shape


def _written_twice(view: NodeView) -> bool:
    indices = view.value(1)
    if indices is None or indices.ndim == 0 or indices.shape[-1] == 0:
        return False
    rows = indices.reshape(-1, indices.shape[-1])
    return len(np.unique(rows, axis=0)) < len(rows)


def _shallow(view: NodeView) -> bool | str:
    depth = view.value(1)
    return f"depth {int(depth.item())}" if depth is not None and depth.size == 1 and int(depth.item()) < 2 else False


def _reversed(view: NodeView) -> bool:
    return view.flag("reverse", False)


def _vector(view: NodeView) -> bool:
    return view.rank(0) == 1


def _not_a_vector(view: NodeView) -> bool | str:
    rank = view.rank(0)
    return f"rank {rank}" if rank is not None and rank != 1 else False


def _uneven_columns(view: NodeView) -> bool:
    """The input is walked through in the strides of the output, in groups of 64 as many as the input needs."""
    shape, wanted = view.shape(0), view.value(1)
    if shape is None or len(shape) != 2:
        return False
    rows, columns = shape
    count = int(wanted.item()) if wanted is not None and wanted.size == 1 else None
    if columns == count and count is not None:
        return False
    if rows is None or columns is None or count is None or columns > count:
        return True
    return rows * count > 64 * -(-rows * columns // 64)


def _not_bool(view: NodeView) -> bool | str:
    dtype = view.dtype(0)
    return dtype if dtype is not None and dtype != "bool" else False


def _single(view: NodeView) -> bool:
    count = view.value(2)
    return count is not None and count.size == 1 and int(count.item()) == 1


def _one_number(view: NodeView) -> bool:
    return view.size(0, -1) == 1


def _of_nothing(view: NodeView) -> bool:
    return 0 in (view.shape(0) or ())


def _kept_of_few(view: NodeView) -> bool:
    """A larger tensor is always left to the GPU."""
    known = [n for n in view.shape(0) or (None,) if n is not None]
    many = len(known) == view.rank(0) and math.prod(known) >= _ON_CPU_BELOW
    return view.flag("keep_dims", False) and view.rank(0) != 0 and not many


def _no_dimensions(view: NodeView) -> bool:
    return any(view.shape(index) == (0,) for index in (0, 1))


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=ops("StridedSlice"),
        effect="throws or silently wrong",
        says="an index (x[3]) beside a step other than 1 (x[::2]) is walked through wrongly",
        when=_shrinks_and_steps,
        hint="Slice with steps first, and take the index from the result: x[:, ::2][3].",
    ),
    Restriction(
        ops=ops("Reverse", "ReverseV2"),
        effect="silently wrong",
        says="wasm reverses bool tensors as if they were wider, and writes past their end",
        when=DtypeAt(0, "bool"),
        backends=WASM,
        hint="Cast to int32 before, and compare with 0 after it.",
    ),
    Restriction(
        ops=ops("Reverse", "ReverseV2"),
        effect="throws",
        says="webgpu reverses at most 4 dimensions",
        when=_leading_sizes,
        backends=("webgpu",),
        hint="Reshape to fewer dimensions around this op: merge neighbouring ones that it doesn't touch.",
    ),
    Restriction(
        ops=ops("ScatterNd"),
        effect="silently wrong",
        says="webgpu scatters numbers only: bools are added up as floats",
        when=DtypeAt(1, "bool"),
        backends=("webgpu",),
        hint="Cast to int32 before, and compare with 0 after it.",
    ),
    Restriction(
        ops=ops("SparseToDense"),
        effect="silently wrong",
        says="webgpu scatters numbers only: bools are added up as floats",
        when=DtypeAt(2, "bool"),
        backends=("webgpu",),
        hint="Cast to int32 before, and compare with 0 after it.",
    ),
    Restriction(
        ops=ops("ScatterNd", "TensorScatterUpdate"),
        effect="throws or silently wrong",
        says="the GPU backends address at most 4 dimensions by index",
        when=_deep_written,
        backends=GPU,
        hint="Reshape the tensor, and make one index of several: i × size + j.",
    ),
    Restriction(
        ops=ops("ScatterNd"),
        effect="throws or silently wrong",
        says="the GPU backends can't scatter nothing",
        when=_nothing_written,
        backends=GPU,
        hint="Take the op out: the result is zeros.",
    ),
    Restriction(
        ops=ops("TensorScatterUpdate"),
        effect="silently wrong",
        says="of several updates of one place webgl takes the sum",
        when=_written_twice,
        backends=("webgl",),
        hint="Give each index once.",
    ),
    Restriction(
        ops=ops("GatherNd"),
        effect="silently wrong",
        says="webgpu addresses 1 to 4 dimensions by index",
        when=_deep_read,
        backends=("webgpu",),
        hint="Reshape the tensor, and make one index of several: i × size + j.",
    ),
    Restriction(
        ops=ops("OneHot"),
        effect="throws",
        says="the depth must be at least 2",
        when=_shallow,
        hint="Compare the indices with 0, and cast.",
    ),
    Restriction(
        ops=ops("Cumsum", "Cumprod"),
        effect="silently wrong",
        says="webgpu keeps one shader for reversed scans, which has the first one's length",
        when=_reversed,
        backends=("webgpu",),
        hint="Reverse the tensor before and after it instead.",
    ),
    Restriction(
        ops=ops("TopKV2"),
        effect="throws",
        says="of one number webgpu gives back the input itself, which is freed behind it, and nothing after it can run",
        when=_one_number,
        backends=("webgpu",),
        hint="The best of one number is that one: leave the op out.",
    ),
    Restriction(
        ops=ops("ArgMax", "ArgMin"),
        effect="silently wrong",
        says="webgpu gives a vector of one number in the place of a scalar",
        when=_vector,
        backends=("webgpu",),
        hint="Reshape the result to a scalar ([]).",
    ),
    Restriction(
        ops=ops("Bincount", "DenseBincount"),
        effect="silently wrong",
        says="webgpu counts in floats, and calls their bits integers",
        when=DtypeAt(2, *INTEGERS),
        backends=("webgpu",),
        hint="Give float32 weights (or none of dtype float32), and cast the result.",
    ),
    Restriction(
        ops=ops("Bincount"),
        effect="silently wrong",
        says="webgpu and wasm count vectors only",
        when=_not_a_vector,
        backends=("webgpu", "wasm"),
        hint="Reshape to a vector first.",
    ),
    Restriction(
        ops=ops("DenseBincount"),
        effect="silently wrong",
        says="webgpu leaves out columns of a matrix that has another number of them than is counted",
        when=_uneven_columns,
        backends=("webgpu",),
        hint="Count vectors: give each row numbers of its own (row × size + number), and reshape.",
    ),
    Restriction(
        ops=ops("GatherV2", "Gather"),
        effect="silently wrong",
        says="wasm gives what is gathered of an empty tensor another shape",
        when=_of_nothing,
        backends=WASM,
        hint="Take the op out: nothing comes of it.",
    ),
    Restriction(
        ops=ops("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"),
        effect="throws or silently wrong",
        says="the GPU backends divide by the number of values that are reduced, and there are none",
        when=_of_nothing,
        backends=GPU,
        hint="Take the op out: what comes of nothing is known (0, of Prod 1).",
    ),
    Restriction(
        ops=ops("All", "Any", "Max", "Mean", "Min"),
        effect="throws or silently wrong",
        says="of no values at all, the kernel gives what happens to lie there, or 0",
        when=_of_nothing,
        backends=("wasm", "cpu"),
        hint="Take the op out: what comes of nothing is known (of Max -inf, of All true).",
    ),
    Restriction(
        ops=ops("Prod"),
        effect="silently wrong",
        says="of no values at all, wasm gives what happens to lie there",
        when=_of_nothing,
        backends=WASM,
        hint="Take the op out: of nothing it is 1.",
    ),
    Restriction(
        ops=ops("Prod"),
        effect="silently wrong",
        says="of few numbers that it has on the CPU, webgpu drops the dimensions that are to be kept",
        when=_kept_of_few,
        backends=("webgpu",),
        hint="Set keepdims=False, and reshape.",
    ),
    Restriction(
        ops=ops("Where"),
        effect="silently wrong",
        says="wasm truncates to a byte instead of comparing with 0",
        when=_not_bool,
        backends=WASM,
        hint="Compare with 0 (NotEqual) first.",
    ),
    Restriction(
        ops=ops("LinSpace"),
        effect="silently wrong",
        says="webgpu divides by 0 when one number is wanted",
        when=_single,
        backends=("webgpu",),
        hint="Use the start itself.",
    ),
    Restriction(
        ops=ops("BroadcastArgs"),
        effect="silently wrong",
        says="webgpu reads past the end of the shape of a scalar",
        when=_no_dimensions,
        backends=("webgpu",),
        hint="Take the other shape.",
    ),
)
