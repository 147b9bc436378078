"""ShapeN(x, y, …)  ->  Shape(x), Shape(y), …"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, make
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> tuple[Tensor, ...]:
    """One Shape a tensor."""
    dtype = node.dtype_attr("out_type") or "int32"
    return tuple(
        make(
            "Shape",
            [x],
            dtype=dtype,
            shape=(None if x.shape is None else len(x.shape),),
            T=DType(x.dtype),
            out_type=DType(dtype),
        )
        for x in node.inputs
    )


LOWERING = Lowering(name="shape_n", ops=("ShapeN",), equation="ShapeN(x, y) → Shape(x), Shape(y)", lower=lower)
