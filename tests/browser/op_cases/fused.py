"""What the cases of convolutions and fused ops are made of: images, kernels, attributes, and every activation."""

from __future__ import annotations

from typing import Any

from tfjsci.graph.graph import Array, AttrValue

from .case import FLOAT, OpCase, case, wave

IMAGE_3 = wave(1, 5, 5, 3)
IMAGE_3_FIRST = wave(1, 3, 5, 5)
KERNEL = wave(3, 3, 3, 4, seed=3)
DEPTHWISE_KERNEL = wave(3, 3, 3, 2, seed=3)
SQUARE = wave(1, 4, 4, 4)
BIAS = wave(4, seed=7)
ALPHA = wave(4, seed=8, low=0.0, high=0.5)


def conv(
    *, strides: int = 1, dilations: int = 1, padding: bytes = b"SAME", data_format: bytes = b"NHWC"
) -> dict[str, Any]:
    def spread(n: int) -> tuple[int, ...]:
        return (1, n, n, 1) if data_format == b"NHWC" else (1, 1, n, n)

    return {
        "T": FLOAT,
        "strides": spread(strides),
        "dilations": spread(dilations),
        "padding": padding,
        "data_format": data_format,
        "explicit_paddings": (),
    }


EXPLICIT: dict[str, Any] = {**conv(), "padding": b"EXPLICIT", "explicit_paddings": (0, 0, 1, 2, 0, 1, 0, 0)}


def fused(op: str, variant: str, ops: tuple[bytes, ...], *arguments: Array, **more: AttrValue) -> OpCase:
    x, kernel = {
        "_FusedConv2D": (IMAGE_3, KERNEL),
        "FusedDepthwiseConv2dNative": (IMAGE_3, DEPTHWISE_KERNEL[..., :1]),
        "_FusedMatMul": (wave(2, 5), wave(5, 4, seed=2)),
    }[op]
    attrs: dict[str, Any] = {"T": FLOAT, "transpose_a": False, "transpose_b": False} if op == "_FusedMatMul" else conv()
    attrs |= {"num_args": len(arguments), "fused_ops": ops, "epsilon": 1e-4, **more}
    return case(f"{op}/{variant}" if variant else op, x, kernel, *arguments, **attrs)


def fusions(op: str, bias: Array, alpha: Array) -> tuple[OpCase, ...]:
    plain = ("Relu", "Relu6", "Elu", "Sigmoid", "Tanh", "_FusedHardSwish")
    return (
        fused(op, "", (b"BiasAdd",), bias),
        *(fused(op, name.lower(), (b"BiasAdd", name.encode()), bias) for name in plain),
        fused(op, "prelu", (b"BiasAdd", b"Prelu"), bias, alpha),
        fused(op, "leakyrelu", (b"BiasAdd", b"LeakyRelu"), bias, leakyrelu_alpha=0.3),
    )
