"""Square(x)  ->  x * x

where what reads it is packed on webgl: a Square isn't there, so that it takes a shader run to unpack x and one more to pack what
comes out (``packed.py``).
"""

from __future__ import annotations

from tfjsci.rewrite.pattern import Match, any_tensor, op, ops_in
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule

PACKED = ops_in("Add|AddV2|BatchMatMulV2|BiasAdd|Exp|MatMul|Maximum|Minimum|Mul|RealDiv|Relu|Sigmoid|Sqrt|Sub")
"""What reads packed textures there: the kernels that have a ``packedOpSnippet``, and products."""


def rewrite(match: Match) -> Replacement | Declined:
    """A Mul."""
    root = match.root
    readers = match.graph.readers.get(root.name, ())
    if not readers or any(reader.op not in PACKED for reader in readers):
        return Declined(reason="what reads it unpacks it anyway", moot=True)
    known = match.graph.type_of(match.tensors["x"])
    if known is None or known.dtype != "float32":
        return Declined(reason="it isn't float32")
    return Replacement(
        root=NewNode(name=root.name, op="Mul", inputs=(match.tensors["x"],) * 2, attrs={"T": root.attrs["T"]})
    )


RULE = Rule(
    name="square_as_product",
    equation="Square(x) -> x * x",
    pattern=op("Square", any_tensor("x"), name="square"),
    rewrite=rewrite,
    where="what reads it is packed on webgl, and wasm isn't wanted",
)
