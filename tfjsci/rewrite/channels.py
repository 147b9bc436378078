"""The algebra that the folding rules share: which axis of a kernel a channel is, and scaling along it.

Kernel layouts (TensorFlow, NHWC): Conv2D [height, width, in, out]; Conv3D [depth, height, width, in, out];
DepthwiseConv2dNative [height, width, in, multiplier], whose output channel is in·multiplier + m; MatMul [in, out], or
[out, in] with ``transpose_b``; BatchMatMulV2 […, in, out], or […, out, in] with ``adj_y``; transposed convolutions
[height, width, out, in] or [depth, height, width, out, in]. The kernel is always the second input.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfjsci.graph.graph import Array, Constant, Node
from tfjsci.rewrite.pattern import ops_in
from tfjsci.rewrite.rule import NewNode, Source, kept

Wide = npt.NDArray[np.float64]

CONVOLUTIONS = "Conv2D|DepthwiseConv2dNative"
LINEAR = f"{CONVOLUTIONS}|MatMul"
"""What has a fused form."""

TRANSPOSED = "Conv2DBackpropInput|Conv3DBackpropInputV2"
"""Transposed convolutions, whose kernels have [out, in] last, and what is multiplied with them third."""

STRAIGHT = f"{LINEAR}|Conv3D|BatchMatMul|BatchMatMulV2"
"""What is multiplied with a kernel comes first."""

WEIGHTED = f"{STRAIGHT}|{TRANSPOSED}"
"""All that multiplies with a kernel: what a scale can be folded into."""

_BATCHED = ("BatchMatMul", "BatchMatMulV2")
_RANKS = {"Conv2D": 4, "DepthwiseConv2dNative": 4, "MatMul": 2, "Conv3D": 5}
_RANKS |= {"Conv2DBackpropInput": 4, "Conv3DBackpropInputV2": 5}
_DATA_FORMATS = {"Conv3D": b"NDHWC", "Conv3DBackpropInputV2": b"NDHWC"}
_TRANSPOSED = ops_in(TRANSPOSED)


def outputs_before_inputs(node: Node) -> bool:
    """Whether the kernel's last two dimensions are [out, in], not [in, out]."""
    return bool(node.op in _TRANSPOSED or node.attrs.get("transpose_b") or node.attrs.get("adj_y"))


def output_channels(node: Node, kernel: Array) -> int:
    """How many channels the node's output has."""
    if node.op == "DepthwiseConv2dNative":
        return int(kernel.shape[2] * kernel.shape[3])
    return int(kernel.shape[-2 if outputs_before_inputs(node) else -1])


def input_channels(node: Node, kernel: Array) -> int:
    """How many channels the kernel reads: those of the input, or of a group's part of it."""
    return int(kernel.shape[-1 if outputs_before_inputs(node) else -2])


def with_kernel(node: Node, kernel: Source, *, name: str) -> NewNode:
    """The same op with another kernel."""
    return NewNode(name=name, op=node.op, inputs=(node.inputs[0], kernel, *node.inputs[2:]), attrs=kept(node))


def data_input(node: Node) -> int:
    """Which input the kernel is multiplied with."""
    return 2 if node.op in _TRANSPOSED else 0


def not_linear(node: Node, kernel: Array) -> str | None:
    """Why this node's channels can't be scaled through its kernel, or None if they can."""
    if node.attrs.get("transpose_a") or node.attrs.get("adj_x"):
        return "the first operand is transposed"
    if node.op in _BATCHED:
        if kernel.ndim < 2:
            return f"the kernel has {kernel.ndim} dimensions, a product's has 2 or more"
    elif kernel.ndim != _RANKS[node.op]:
        what = "a MatMul's" if node.op == "MatMul" else "a convolution's"
        return f"the kernel has {kernel.ndim} dimensions, {what} has {_RANKS[node.op]}"
    expected = _DATA_FORMATS.get(node.op, b"NHWC")
    if node.attrs.get("data_format", expected) != expected:
        return "the channels aren't last"
    if kernel.dtype.kind != "f":
        return f"the kernel is {kernel.dtype.name}, not floating"
    return None


def other_axis(bias_add: Node) -> str | None:
    """Why this addition of a bias isn't along the last axis, or None if it is."""
    if bias_add.attrs.get("data_format", b"NHWC") != b"NHWC":
        return "the bias is added along another axis than the last"
    return None


def per_channel(value: Array, channels: int, rank: int) -> Array | None:
    """``value`` as [channels], if adding or multiplying by it treats each channel alike; None otherwise.

    Accepts a scalar, [channels] and [1, ..., channels] of at most ``rank`` dimensions.
    """
    if value.ndim > rank or any(size != 1 for size in value.shape[:-1]):
        return None
    if value.size == 1:
        return np.broadcast_to(value.reshape(()), (channels,))
    return value.reshape(-1) if value.shape[-1] == channels else None


def rank_of_output(node: Node, kernel: Array) -> int:
    """Dimensions of the node's output; of a product with a batch, as many as it has at least."""
    return _RANKS.get(node.op, kernel.ndim)


def scaled(node: Node, kernel: Array, factor: Array) -> Array:
    """``kernel`` with each output channel multiplied by ``factor`` ([channels]); computed in float64."""
    by = wide(factor)
    if node.op == "DepthwiseConv2dNative":
        by = by.reshape(kernel.shape[2], kernel.shape[3])
    elif outputs_before_inputs(node):
        by = by[:, None]
    return _times(kernel, by)


def scaled_inputs(node: Node, kernel: Array, factor: Array) -> Array:
    """``kernel`` with what meets each input channel multiplied by ``factor`` ([channels read]); computed in float64."""
    by = wide(factor)
    return _times(kernel, by if outputs_before_inputs(node) else by[:, None])


def _times(kernel: Array, by: Wide) -> Array:
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return narrowed(wide(kernel) * by, kernel.dtype)


def out_of_range(before: Array, after: Array, factor: Array | None = None) -> str | None:
    """Why these numbers, made of those, can't stand for them in their dtype, or None if they can.

    A number beyond the largest becomes infinite, and below the smallest normal one only some of its bits are left. A
    factor of nothing but zeros makes zeros, which are right.
    """
    was, found = wide(before), wide(after)
    if np.isfinite(was).all() and not np.isfinite(found).all():
        return f"the weights would no longer be finite in {after.dtype.name}"
    largest = float(np.abs(found[np.isfinite(found)]).max(initial=0))
    nothing = not was[np.isfinite(was)].any() or (factor is not None and not wide(factor).any())
    if nothing or largest >= smallest_normal(after.dtype):
        return None
    return f"the weights would be too small for {after.dtype.name}"


def less_mean(given: Constant, axis: int) -> Constant:
    """The weight less its mean over the channels, which ``axis`` has; computed in float64."""
    value = wide(given.value)
    made: Array = (value - value.mean(axis, keepdims=True)).astype(given.value.dtype)
    return Constant(value=made, sources=given.sources)


def wide(value: Array) -> Wide:
    """In float64, which what is folded is computed in."""
    return value.astype(np.float64)


def narrowed(value: Wide, dtype: np.dtype[np.generic]) -> Array:
    """Back in the weights' dtype; what is too large becomes infinite, for the caller to see."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        result: Array = np.asarray(value).astype(dtype)
    return result


def smallest_normal(dtype: np.dtype[np.generic]) -> float:
    """Of a floating dtype: below it numbers lose bits."""
    return float(np.finfo(dtype.name).tiny)


def made_of(*constants: Constant) -> tuple[str, ...]:
    """The paths of all the variables that a folded weight was made of, in order, each once."""
    return tuple(dict.fromkeys(path for constant in constants for path in constant.sources))


def weight_name(constant: Constant, fallback: str) -> str:
    """What a folded weight is called in the artifact: the first variable it was made of, else ``fallback``."""
    return constant.sources[0] if constant.sources else fallback
