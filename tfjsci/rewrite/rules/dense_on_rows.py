"""BatchMatMulV2(x, w)  ->  Reshape(MatMul(Reshape(x), w))

where w is a constant matrix, and all sizes of x but the last and one are known. A bias and an activation can be fused into it
then, and wasm has a fast product of two matrices, not of several.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """All the rows of all matrices as one matrix."""
    product, kernel = match.root, match.value("kernel").value
    if kernel.ndim != 2:
        return Declined(reason=f"the constant has {kernel.ndim} dimensions")
    if kernel.dtype.kind != "f":
        return Declined(reason=f"the constant is {kernel.dtype.name}, not floating")
    if product.attrs.get("adj_x"):
        return Declined(reason="the first operand is transposed")
    known = match.graph.type_of(match.tensors["x"])
    if known is None or known.shape is None or len(known.shape) < 3:
        return Declined(reason="the first operand isn't known to be several matrices")
    before = known.shape[:-1]
    if sum(size is None for size in before) > 1 or 0 in before:
        return Declined(reason="more than one size isn't known, or one is 0")
    inner, columns = kernel.shape[::-1] if product.attrs.get("adj_y") else kernel.shape
    attrs = {"T": product.attrs["T"], "Tshape": DType("int32")}
    rows = NewNode(name="", op="Reshape", inputs=(match.tensors["x"], new_integers([-1, inner])), attrs=attrs)
    whole = NewNode(
        name="",
        op="MatMul",
        inputs=(rows, match.tensors["kernel"]),
        attrs={"T": product.attrs["T"], "transpose_a": False, "transpose_b": bool(product.attrs.get("adj_y", False))},
    )
    shape = new_integers([*(-1 if size is None else size for size in before), columns])
    return Replacement(root=NewNode(name=product.name, op="Reshape", inputs=(whole, shape), attrs=attrs))


RULE = Rule(
    name="dense_on_rows",
    equation="BatchMatMulV2(x, w) -> Reshape(MatMul(Reshape(x), w))",
    pattern=op("BatchMatMulV2", any_tensor("x"), constant("kernel"), name="product"),
    rewrite=rewrite,
    where="w is a constant matrix, and at most one size is unknown",
)
