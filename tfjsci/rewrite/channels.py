"""The algebra that the folding rules share: which axis of a kernel an output channel is, and scaling along it.

Kernel layouts (TensorFlow, NHWC): Conv2D [height, width, in, out]; DepthwiseConv2dNative [height, width, in,
multiplier], whose output channel is in·multiplier + m; MatMul [in, out], or [out, in] with ``transpose_b``.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, Constant, Node

CONVOLUTIONS = "Conv2D|DepthwiseConv2dNative"
LINEAR = f"{CONVOLUTIONS}|MatMul"


def output_channels(node: Node, kernel: Array) -> int:
    """How many channels the node's output has."""
    if node.op == "DepthwiseConv2dNative":
        return int(kernel.shape[2] * kernel.shape[3])
    if node.op == "MatMul" and node.attrs.get("transpose_b"):
        return int(kernel.shape[0])
    return int(kernel.shape[-1])


def not_linear(node: Node, kernel: Array) -> str | None:
    """Why this node's channels can't be scaled through its kernel, or None if they can."""
    if node.op == "MatMul":
        if node.attrs.get("transpose_a"):
            return "the first operand is transposed"
        if kernel.ndim != 2:
            return f"the kernel has {kernel.ndim} dimensions, a MatMul's has 2"
    else:
        if node.attrs.get("data_format", b"NHWC") != b"NHWC":
            return "the channels aren't last"
        if kernel.ndim != 4:
            return f"the kernel has {kernel.ndim} dimensions, a convolution's has 4"
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


def rank_of_output(node: Node) -> int:
    """Dimensions of the node's output."""
    return 2 if node.op == "MatMul" else 4


def scaled(node: Node, kernel: Array, factor: Array) -> Array:
    """``kernel`` with each output channel multiplied by ``factor`` ([channels]); computed in float64."""
    wide = kernel.astype(np.float64)
    by = factor.astype(np.float64)
    if node.op == "DepthwiseConv2dNative":
        out = wide * by.reshape(kernel.shape[2], kernel.shape[3])
    elif node.op == "MatMul" and node.attrs.get("transpose_b"):
        out = wide * by[:, None]
    else:
        out = wide * by
    result: Array = out.astype(kernel.dtype)
    return result


def made_of(*constants: Constant) -> tuple[str, ...]:
    """The paths of all the variables that a folded weight was made of, in order, each once."""
    return tuple(dict.fromkeys(path for constant in constants for path in constant.sources))


def weight_name(constant: Constant, fallback: str) -> str:
    """What a folded weight is called in the artifact: the first variable it was made of, else ``fallback``."""
    return constant.sources[0] if constant.sources else fallback
