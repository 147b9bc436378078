"""DataFormatVecPermute(x)  ->  gather(x, order);   DataFormatDimMap(x)  ->  gather(order, x mod rank)

where the order is known from the two formats: numbers of a shape put into another order, or axes named anew.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, cast, const, floor_mod, gather
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """One Gather."""
    (x,) = node.inputs
    source, target = node.text("src_format", "NHWC"), node.text("dst_format", "NCHW")
    if node.op == "DataFormatDimMap":
        order = const(np.array([target.index(letter) for letter in source], x.dtype))
        return gather(order, cast(floor_mod(x, len(source)), "int32"))
    count = x.sizes[0]
    if count is None:
        return Declined(reason="how many dimensions it permutes isn't known")
    if count == len(source) - 2:  # batch and channels are left out
        source, target = (text.replace("N", "").replace("C", "") for text in (source, target))
    return gather(x, const(np.array([source.index(letter) for letter in target], np.int32)))


LOWERING = Lowering(
    name="data_format",
    ops=("DataFormatVecPermute", "DataFormatDimMap"),
    equation="DataFormatVecPermute(x) → Gather(x, order)",
    lower=lower,
)
