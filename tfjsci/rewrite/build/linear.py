"""Products of matrices, and convolutions over channels-last images."""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.graph.graph import AttrValue, DType, Shape
from tfjsci.rewrite.build.tensor import Tensor, broadcast, make


def matmul(x: Tensor, y: Tensor, *, adjoint_x: bool = False, adjoint_y: bool = False) -> Tensor:
    """The product over the last two dimensions, the others spread over one another."""
    rows, columns = x.sizes[-1 if adjoint_x else -2], y.sizes[-2 if adjoint_y else -1]
    dtype = DType(x.dtype)
    if x.rank == y.rank == 2:
        return make(
            "MatMul",
            [x, y],
            dtype=x.dtype,
            shape=(rows, columns),
            T=dtype,
            transpose_a=adjoint_x,
            transpose_b=adjoint_y,
        )
    before = broadcast(x.sizes[:-2], y.sizes[:-2])
    shape: Shape = None if before is None else (*before, rows, columns)
    return make("BatchMatMulV2", [x, y], dtype=x.dtype, shape=shape, T=dtype, adj_x=adjoint_x, adj_y=adjoint_y)


def convolve(
    x: Tensor,
    kernel: Tensor,
    *,
    strides: Sequence[int] = (1, 1),
    padding: str = "VALID",
    dilations: Sequence[int] = (1, 1),
    explicit: Sequence[Sequence[int]] = (),
    depthwise: bool = False,
    shape: Shape = None,
) -> Tensor:
    """Conv2D (or DepthwiseConv2dNative): ``x`` [batch, height, width, in], ``kernel`` [height, width, in, out].

    ``strides``, ``dilations`` are (vertical, horizontal); ``explicit`` are the two (before, after) of padding EXPLICIT.
    ``shape`` is the result's, where the caller knows it.
    """
    around: tuple[int, ...] = (0, 0, *(n for pair in explicit for n in pair), 0, 0) if explicit else ()
    attrs: dict[str, AttrValue] = {
        "T": DType(x.dtype),
        "strides": (1, *strides, 1),
        "padding": padding.encode(),
        "data_format": b"NHWC",
        "dilations": (1, *dilations, 1),
        "explicit_paddings": around,
    }
    if shape is None:
        channels = kernel.sizes[-1]
        if depthwise:
            inner = kernel.sizes[-2]
            channels = None if channels is None or inner is None else channels * inner
        shape = (x.sizes[0], None, None, channels)
    return make("DepthwiseConv2dNative" if depthwise else "Conv2D", [x, kernel], dtype=x.dtype, shape=shape, **attrs)
