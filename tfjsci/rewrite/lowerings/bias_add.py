"""BiasAdd(x, b), channels first  ->  x + reshape(b, [channels, 1, …]);   BiasAddV1(x, b)  ->  BiasAdd(x, b)"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, make, reshape
from tfjsci.rewrite.formulas.windows import channels_first
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Reshape and AddV2; along the last dimension a BiasAdd."""
    x, bias = node.inputs
    if not channels_first(node):
        if node.op == "BiasAdd":
            return Declined(reason="its channels come last")
        return make("BiasAdd", [x, bias], dtype=x.dtype, shape=x.shape, T=DType(x.dtype), data_format=b"NHWC")
    return x + reshape(bias, [-1, *[1] * (x.rank - 2)])


LOWERING = Lowering(
    name="bias_add",
    ops=("BiasAdd", "BiasAddV1"),
    equation="BiasAdd(x, b, NCHW) → x + Reshape(b, [channels, 1, 1])",
    lower=lower,
)
