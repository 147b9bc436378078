"""Drafts of shape arithmetic, each op with the attributes that TensorFlow asks of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from graph_draft import Draft

from tfjsci.graph.graph import DType

INT = DType("int32")


class ShapeDraft(Draft):
    """A :class:`Draft` with int32 vectors and scalars beside its floats; nodes are numbered where they get no name."""

    def named(self, name: str) -> str:
        return name or f"t{len(self.nodes)}"

    def ints(self, *numbers: int, scalar: bool = False) -> str:
        return self.const(f"c{len(self.nodes)}", np.array(numbers[0] if scalar else numbers, np.int32))

    def shape_of(self, x: str, name: str = "") -> str:
        return self.typed("Shape", self.named(name), x, out_type=INT)

    def cut(self, x: str, begin: int, end: int, *, dtype: DType = INT, name: str = "", **masks: int) -> str:
        """Of a vector; with ``shrink_axis_mask`` one number."""
        attrs: dict[str, Any] = dict.fromkeys(
            ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0
        )
        ends = [self.ints(n) for n in (begin, end, 1)]
        return self.op("StridedSlice", self.named(name), x, *ends, T=dtype, Index=INT, **{**attrs, **masks})

    def size(self, x: str, axis: int) -> str:
        """One size of a tensor, read from its shape."""
        return self.cut(self.shape_of(x), axis, axis + 1, shrink_axis_mask=1)

    def pack(self, *scalars: str, name: str = "") -> str:
        return self.op("Pack", self.named(name), *scalars, T=INT, N=len(scalars), axis=0)

    def join(self, *vectors: str, name: str = "") -> str:
        axis = self.ints(0, scalar=True)
        return self.op("ConcatV2", self.named(name), *vectors, axis, T=INT, N=len(vectors), Tidx=INT)

    def whole(self, op: str, *inputs: str, name: str = "", **attrs: Any) -> str:
        """An op of int32."""
        return self.op(op, self.named(name), *inputs, T=INT, **attrs)

    def reshape(self, x: str, shape: str, name: str = "") -> str:
        return self.typed("Reshape", self.named(name), x, shape, Tshape=INT)

    def moved(self, x: str, order: Sequence[int], name: str = "") -> str:
        return self.typed("Transpose", self.named(name), x, self.ints(*order), Tperm=INT)
