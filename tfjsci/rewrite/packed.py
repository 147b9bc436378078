"""Sums as products with a column, for webgl.

There a texel holds four numbers, of two rows and two columns. Most kernels read and write such packed textures, reductions don't:
what one of these reads is unpacked first, it runs in two steps where there are more than 30 numbers, and its result is packed
again, each by a shader run. A product is one, of packed textures. On webgpu a reduction is one kernel, and so thin a product is a
slow one.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import AttrValue, Constant
from tfjsci.rewrite.rule import NewConst, NewNode, Source

MOST = 1000
"""Beyond it the runtime makes a multiplication and a reduction of a product with a vector (``MATMUL_SHARED_DIM_THRESHOLD``)."""


def not_summed(n: int | None, *, most: int = MOST) -> str:
    """Why n numbers of a row aren't summed by a product, or nothing.

    An odd row's last texel has two numbers more, of which nobody knows what they are: times 0 they may be NaN.
    """
    if n is None:
        return "how many are summed is known to the run alone"
    if n < 2 or n % 2:
        return f"{n} numbers don't fill the texels that they are packed in"
    return f"{n} are too many" if n > most else ""


def shares(shape: tuple[int, ...], share: float) -> NewConst:
    """A constant that is one number all over."""
    return NewConst(name="", constant=Constant(value=np.full(shape, share, np.float32)))


def row_sums(name: str, x: Source, *, rank: int, column: NewConst, dtype: AttrValue) -> NewNode:
    """x · column, along the last of x's ``rank`` dimensions, which is kept."""
    op, turned = ("MatMul", "transpose_") if rank == 2 else ("BatchMatMulV2", "adj_")
    a, b = ("a", "b") if rank == 2 else ("x", "y")
    return NewNode(
        name=name, op=op, inputs=(x, column), attrs={"T": dtype, f"{turned}{a}": False, f"{turned}{b}": False}
    )
