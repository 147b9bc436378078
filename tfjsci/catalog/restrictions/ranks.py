"""Numbers of dimensions that a backend has no shader or loop for.

Sources: ``getCoordsDataType`` and the shader compilers of the GPU backends, XNNPACK's binary operators, and what the browser did
(op_cases, for each op up to 8 dimensions).
"""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.axes import BINARY, UNARY, RankAbove
from tfjsci.catalog.restrictions.dtypes import FLOATS, INTEGERS
from tfjsci.catalog.restrictions.restriction import GPU, WASM, Restriction, ops

_HINT = "Reshape to fewer dimensions around this op: merge neighbouring ones that it doesn't touch."

_BY_XNNPACK = ops("Add", "AddV2", "Div", "Mul", "RealDiv", "SquaredDifference", "Sub")
"""Of floats: even tensors of one shape are combined by a kernel for spread ones."""


def _combined_by_coordinates(view: NodeView) -> bool | str:
    rank = RankAbove(6, 0, 1)(view)
    first, second = view.shape(0), view.shape(1)
    plain = first == second or () in (first, second)
    return rank if not plain or (view.op in _BY_XNNPACK and view.dtype(0) in FLOATS) else False


def _floats_above_6(view: NodeView) -> bool | str:
    return RankAbove(6)(view) if view.dtype(0) in FLOATS else False


def _computed_cast(view: NodeView) -> bool | str:
    """Numbers become floats by another name for their texture, or buffer."""
    source, target = view.dtype(0, "SrcT"), view.dtype_attr("DstT")
    computed = (source in FLOATS and target in INTEGERS) or (target == "bool" and source != "bool")
    return RankAbove(6)(view) if computed else False


def _reduced_inside(view: NodeView) -> bool | str:
    """``getAxesPermutation``: what isn't reduced along its last dimensions is transposed first."""
    rank, axes = view.rank(0), view.value(1)
    if rank is None or axes is None:
        return False
    given = sorted(int(axis) % rank for axis in axes.reshape(-1)) if rank else []
    return RankAbove(6)(view) if given != list(range(rank - len(given), rank)) else False


def _filled(view: NodeView) -> bool | str:
    rank = view.size(0, 0) or 0
    return f"rank {rank}" if rank > 6 else False


def _walked_with_steps(view: NodeView) -> bool | str:
    strides = view.value(3)
    return RankAbove(4)(view) if strides is not None and bool((strides != 1).any()) else False


def _blocks(view: NodeView) -> bool | str:
    """Each spatial dimension is two, once it is split into blocks."""
    rank, spatial = view.rank(0), view.size(1, 0)
    if rank is None:
        return False
    return f"rank {rank}, {spatial} of it spatial" if rank > 4 or (spatial or 0) + rank > 6 else False


def _repeated(view: NodeView) -> bool | str:
    """BroadcastTo is a Tile of as many dimensions as it makes."""
    rank = max(view.rank(0) or 0, view.size(1, 0) or 0)
    return f"rank {rank}" if rank > 4 else False


def _other_than_the_end(view: NodeView) -> bool | str:
    """The numbers of alpha are taken round and round."""
    shape, alpha = view.shape(0), view.shape(1)
    if shape is None or alpha is None:
        return False
    sizes = _without_leading_ones(alpha)
    return False if sizes == shape[len(shape) - len(sizes) :] else f"{list(alpha)} beside {list(shape)}"


def _without_leading_ones(shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
    while shape[:1] == (1,):
        shape = shape[1:]
    return shape


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=BINARY,
        effect="silently wrong",
        says="wasm combines tensors of at most 6 dimensions",
        when=_combined_by_coordinates,
        backends=WASM,
        hint=_HINT,
    ),
    Restriction(
        ops=ops("DivNoNan", "LogSoftmax", "SpaceToBatchND"),
        effect="silently wrong",
        says="wasm does this with floats in at most 6 dimensions",
        when=_floats_above_6,
        backends=WASM,
        hint=_HINT,
    ),
    Restriction(
        ops=(BINARY | UNARY) - {"Cast"}
        | ops(
            "AddN",
            "ArgMax",
            "ArgMin",
            "EuclideanNorm",
            "LogSoftmax",
            "OnesLike",
            "Slice",
            "Split",
            "SplitV",
            "StridedSlice",
            "Transpose",
            "Unpack",
            "ZerosLike",
        ),
        effect="throws",
        says="the GPU backends address at most 6 dimensions",
        when=RankAbove(6, 0, 1),
        backends=GPU,
        hint=_HINT,
    ),
    Restriction(
        ops=ops("Cast"),
        effect="throws",
        says="the GPU backends compute a Cast in at most 6 dimensions",
        when=_computed_cast,
        backends=GPU,
        hint=_HINT,
    ),
    Restriction(
        ops=ops("Fill"),
        effect="throws",
        says="the GPU backends fill at most 6 dimensions",
        when=_filled,
        backends=GPU,
        hint="Fill a vector and reshape it.",
    ),
    Restriction(
        ops=ops("Concat", "ConcatV2", "Softmax"),
        effect="throws",
        says="webgl addresses at most 6 dimensions",
        when=RankAbove(6, 0, 1),
        backends=("webgl",),
        hint=_HINT,
    ),
    Restriction(
        ops=ops("Pack"),
        effect="throws",
        says="webgl joins to at most 6 dimensions",
        when=RankAbove(5),
        backends=("webgl",),
        hint=_HINT,
    ),
    Restriction(
        ops=ops("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"),
        effect="throws",
        says="webgpu addresses at most 6 dimensions",
        when=RankAbove(6),
        backends=("webgpu",),
        hint=_HINT,
    ),
    Restriction(
        ops=ops("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"),
        effect="throws",
        says="webgl reduces other dimensions than the last in at most 6",
        when=_reduced_inside,
        backends=("webgl",),
        hint=_HINT,
    ),
    Restriction(
        ops=ops("Select", "SelectV2"),
        effect="throws",
        says="the GPU backends select in at most 4 dimensions",
        when=RankAbove(4, 0, 1, 2),
        backends=GPU,
        hint=_HINT,
    ),
    Restriction(
        ops=ops("DivNoNan"),
        effect="throws",
        says="the GPU backends select in at most 4 dimensions",
        when=RankAbove(4, 0, 1),
        backends=GPU,
        hint=_HINT,
    ),
    Restriction(
        ops=ops("Pad", "PadV2", "MirrorPad"),
        effect="throws",
        says="webgl pads at most 4 dimensions",
        when=RankAbove(4),
        backends=("webgl",),
        hint=_HINT,
    ),
    Restriction(
        ops=ops("Pad", "PadV2", "MirrorPad"),
        effect="silently wrong",
        says="webgpu pads at most 4 dimensions",
        when=RankAbove(4),
        backends=("webgpu",),
        hint=_HINT,
    ),
    Restriction(
        ops=ops("StridedSlice"),
        effect="throws",
        says="with steps other than 1, webgl slices at most 4 dimensions",
        when=_walked_with_steps,
        backends=("webgl",),
        hint=_HINT,
    ),
    Restriction(
        ops=ops("StridedSlice"),
        effect="silently wrong",
        says="with steps other than 1, webgpu slices at most 4 dimensions",
        when=_walked_with_steps,
        backends=("webgpu",),
        hint=_HINT,
    ),
    Restriction(
        ops=ops("Cumsum", "Cumprod"),
        effect="throws",
        says="the GPU backends do this in at most 4 dimensions",
        when=RankAbove(4),
        backends=GPU,
        hint=_HINT,
    ),
    Restriction(
        ops=ops("SpaceToBatchND", "BatchToSpaceND"),
        effect="throws",
        says="the GPU backends do this with at most two spatial dimensions in 4",
        when=_blocks,
        backends=GPU,
        hint="Do it for one spatial dimension after another.",
    ),
    Restriction(
        ops=ops("Reverse", "ReverseV2"),
        effect="throws",
        says="webgl reverses at most 4 dimensions",
        when=RankAbove(4),
        backends=("webgl",),
        hint=_HINT,
    ),
    Restriction(
        ops=ops("BroadcastTo", "Tile"),
        effect="throws or silently wrong",
        says="webgpu repeats more than 4 dimensions on the CPU, and can't read them back from the GPU",
        when=_repeated,
        backends=("webgpu",),
        hint=_HINT,
    ),
    Restriction(
        ops=ops("Prelu"),
        effect="silently wrong",
        says="wasm repeats alpha over the whole: it fits only if it ends like the input's shape",
        when=_other_than_the_end,
        backends=WASM,
        hint="Use Maximum(x, 0) + alpha × Minimum(x, 0).",
    ),
)
