"""Select(i < 0, i + n, i)  ->  i + n * Cast(i < 0)

Keras counts indices below 0 from the end, in front of each embedding. On webgl and webgpu few whole numbers that come in from
outside are added and compared on the CPU, where a Select isn't: on webgl each of its three inputs is sent to the GPU by a shader
run. Now one of them is, for the Gather.
"""

from __future__ import annotations

from tfjsci.graph.graph import AttrValue, DType
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """Cast, Mul and AddV2 in the Select's place."""
    root = match.root
    zero, count = match.value("zero").value, match.value("count").value
    if root.attrs.get("T") != DType("int32"):
        return Declined(reason="it isn't int32")
    if zero.ndim or zero != 0 or count.ndim:
        return Declined(reason="it isn't 0 that is compared with, or one number that is added")
    below = match.nodes["below"]
    flags = NewNode(name=below.name, op="Less", inputs=below.inputs, attrs=below.attrs)
    attrs = {"T": DType("int32")}
    casting: dict[str, AttrValue] = {"SrcT": DType("bool"), "DstT": DType("int32"), "Truncate": False}
    ones = NewNode(name=f"{root.name}/cast", op="Cast", inputs=(flags,), attrs=casting)
    turns = NewNode(name=f"{root.name}/mul", op="Mul", inputs=(ones, match.tensors["count"]), attrs=attrs)
    return Replacement(root=NewNode(name=root.name, op="AddV2", inputs=(match.tensors["i"], turns), attrs=attrs))


RULE = Rule(
    name="wrapped_index",
    equation="Select(i < 0, i + n, i) -> i + n * Cast(i < 0)",
    pattern=op(
        "Select|SelectV2",
        op("Less", any_tensor("i"), constant("zero"), name="below"),
        op("AddV2|Add", any_tensor("i"), constant("count"), name="wrapped", either_order=True),
        any_tensor("i"),
        name="select",
    ),
    rewrite=rewrite,
    where="wasm isn't wanted",
)
