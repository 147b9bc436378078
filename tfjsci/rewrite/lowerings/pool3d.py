"""MaxPool3D(x)  ->  MaxPool(MaxPool(x) over height and width) over depth;   AvgPool3D alike

A box is a rectangle through a stretch of depth, and so are its valid values, which alone are averaged. wasm's MaxPool3D loses
negative maxima. Where a stride is larger than the pool, padding SAME may take away from the volume, half at the front and half
at the end; of an odd number of values TensorFlow takes the smaller half from the front, the runtime the larger one.
"""

from __future__ import annotations

from tfjsci.graph.graph import AttrValue, DType
from tfjsci.rewrite.build import Tensor, dims, make, product, reshape, size, slice_of
from tfjsci.rewrite.formulas.windows import Window, window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Two pools of images between Reshapes; one where the other would do nothing."""
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    (x,) = node.inputs
    pool = node.numbers("ksize")[1:-1]
    op = node.op.removesuffix("3D")
    if window.padding == "SAME" and any(stride > n for stride, n in zip(window.strides, pool, strict=True)):
        read = window.read(x.sizes[1:4], pool)
        if tuple(count for _, count in read) != x.sizes[1:4]:
            x = slice_of(x, [0, *(begin for begin, _ in read), 0], [-1, *(count for _, count in read), -1])
    batch, deep, high, wide, channels = dims(x)
    flat = _pooled(op, reshape(x, [product([batch, deep]), high, wide, channels]), pool[1:], window, (1, 2))
    high, wide = size(flat, 1), size(flat, 2)
    columns = reshape(flat, [batch, deep, product([high, wide]), channels])
    columns = _pooled(op, columns, (pool[0], 1), window, (0, None))
    return reshape(columns, [batch, size(columns, 1), high, wide, channels])


def _pooled(op: str, x: Tensor, pool: tuple[int, ...], window: Window, axes: tuple[int | None, int | None]) -> Tensor:
    """``axes`` are the window's dimensions that stand for height and width here; None is one that isn't pooled."""
    strides = tuple(1 if axis is None else window.strides[axis] for axis in axes)
    if set(pool) == set(strides) == {1}:
        return x
    shape: list[int | None] = [x.sizes[0], None, None, x.sizes[3]]
    for i, n in enumerate(x.sizes[1:3]):
        if n is not None:
            part = Window(strides=(strides[i],), dilations=(1,), padding=window.padding, explicit=((0, 0),))
            (shape[i + 1],) = part.places((n,), (pool[i],))
    attrs: dict[str, AttrValue] = {
        "T": DType(x.dtype),
        "ksize": (1, *pool, 1),
        "strides": (1, *strides, 1),
        "padding": window.padding.encode(),
        "data_format": b"NHWC",
    }
    if op == "MaxPool":
        attrs["explicit_paddings"] = ()
    return make(op, [x], dtype=x.dtype, shape=tuple(shape), **attrs)


LOWERING = Lowering(
    name="pool3d",
    ops=("MaxPool3D", "AvgPool3D"),
    equation="MaxPool3D(x) → MaxPool over depth(MaxPool over height and width(x))",
    lower=lower,
)
