"""x * (y * c)  ->  (x * y) * c

where c is one number, or one a channel, and ends in the kernel of a layer behind: the gain of a norm (x / deviation *
gain), the sixth of a hard sigmoid in squeeze-and-excite.
"""

from __future__ import annotations

from tfjsci.graph.graph import node_of
from tfjsci.rewrite.affine import along_channels, flat
from tfjsci.rewrite.passing import scale_ends_in_kernel
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """The same three, multiplied in another order."""
    root, scale = match.root, match.value("scale")
    if scale.value.dtype.kind != "f":
        return Declined(reason="it isn't floats that are multiplied")
    if not along_channels(scale.value):
        return Declined(reason=f"the factor's shape {scale.value.shape} isn't one number for each channel")
    if match.graph.constant(match.tensors["x"]) or match.graph.constant(match.tensors["y"]):
        return Declined(reason="there is a second constant to merge it with")
    if node_of(match.tensors["x"]) == node_of(match.tensors["y"]):
        return Declined(reason="both are the same tensor")
    shapes = [match.graph.type_of(match.tensors[name]) for name in ("x", "y")]
    if scale.value.size > 1 and not any(s and s.shape and s.shape[-1] == scale.value.size for s in shapes):
        return Declined(reason="neither of the two is known to have all the channels")
    if not scale_ends_in_kernel(match.graph, root.name, flat(scale.value)):
        return Declined(reason="no kernel behind could take the factor in")
    dtype = {"T": root.attrs["T"]}
    product = NewNode(
        name=f"{root.name}/product", op="Mul", inputs=(match.tensors["x"], match.tensors["y"]), attrs=dtype
    )
    return Replacement(root=NewNode(name=root.name, op="Mul", inputs=(product, match.tensors["scale"]), attrs=dtype))


RULE = Rule(
    name="factor_last",
    equation="x * (y * c) -> (x * y) * c",
    pattern=op(
        "Mul",
        any_tensor("x"),
        op("Mul", any_tensor("y"), constant("scale"), name="scaled", either_order=True),
        name="product",
        either_order=True,
    ),
    rewrite=rewrite,
    where="the factor ends in the kernel of a layer behind",
)
