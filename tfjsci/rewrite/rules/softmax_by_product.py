"""Softmax(x)  ->  e / (e · [1, …]),  e = Exp(x - Max(x))

The runtime's own softmax on webgl is these kernels with a Sum, three shader runs more than a product (``packed.py``): eight
instead of eleven. The largest is subtracted as it does, so what is masked, infinite or NaN comes out as it did.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.packed import not_summed, row_sums, shares
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """Max, Sub, Exp, a product and RealDiv."""
    root, x = match.root, match.tensors["x"]
    known = match.graph.type_of(x)
    if known is None or known.shape is None or known.dtype != "float32" or len(known.shape) < 2:
        return Declined(reason="it isn't float32 of a known rank, with rows")
    n = known.shape[-1]
    if reason := not_summed(n):
        return Declined(reason=reason)
    assert n is not None
    dtype, stem = root.attrs["T"], root.name
    attrs = {"T": dtype}
    largest = NewNode(
        name=f"{stem}/max",
        op="Max",
        inputs=(x, new_integers([-1])),
        attrs={**attrs, "Tidx": DType("int32"), "keep_dims": True},
    )
    below = NewNode(name=f"{stem}/sub", op="Sub", inputs=(x, largest), attrs=attrs)
    e = NewNode(name=f"{stem}/exp", op="Exp", inputs=(below,), attrs=attrs)
    total = row_sums(f"{stem}/sum", e, rank=len(known.shape), column=shares((n, 1), 1.0), dtype=dtype)
    return Replacement(root=NewNode(name=stem, op="RealDiv", inputs=(e, total), attrs=attrs))


RULE = Rule(
    name="softmax_by_product",
    equation="Softmax(x) -> e / (e * [1, ...]), e = Exp(x - Max(x))",
    pattern=op("Softmax", any_tensor("x"), name="softmax"),
    rewrite=rewrite,
    where="a row's numbers are even, and webgl alone is wanted",
)
