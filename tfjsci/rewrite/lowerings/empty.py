"""Empty(shape)  ->  Fill(shape, 0): what isn't initialised may as well be 0"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, cast, const, filled, make
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """A constant where the sizes are known, a Fill else."""
    dtype = node.dtype_attr("dtype")
    if dtype is None or dtype in ("string", "resource", "variant") or dtype.startswith("complex"):
        return Declined(reason=f"it is of {dtype}, which has no zero to fill with")
    sizes = node.value(0)
    if sizes is not None:
        return filled([int(n) for n in sizes.reshape(-1).tolist()], 0, dtype)
    return make(
        "Fill",
        [cast(node.inputs[0], "int32"), const(0, dtype)],
        dtype=dtype,
        shape=node.output_shape(),
        T=DType(dtype),
        index_type=DType("int32"),
    )


LOWERING = Lowering(name="empty", ops=("Empty",), equation="Empty(shape) → Fill(shape, 0)", lower=lower)
