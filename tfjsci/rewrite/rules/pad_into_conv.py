"""Conv(Pad(x, p), w, VALID)  ->  Conv(x, w, EXPLICIT p)

where p pads height and width with zeros and leaves batch and channels alone.
"""

from __future__ import annotations

from tfjsci.rewrite.channels import CONVOLUTIONS
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """The padding as an attribute of the convolution."""
    conv, paddings = match.root, match.value("paddings").value
    if conv.attrs.get("padding") != b"VALID":
        return Declined(reason="the convolution pads as well")
    if conv.attrs.get("data_format", b"NHWC") != b"NHWC":
        return Declined(reason="the channels aren't last")
    if paddings.shape != (4, 2):
        return Declined(reason=f"the paddings' shape is {paddings.shape}, four dimensions need (4, 2)")
    if paddings[0].any() or paddings[3].any():
        return Declined(reason="the batch or the channels are padded")
    attrs = {**kept(conv), "padding": b"EXPLICIT", "explicit_paddings": tuple(int(p) for p in paddings.reshape(-1))}
    return Replacement(
        root=NewNode(name=conv.name, op=conv.op, inputs=(match.tensors["x"], match.tensors["kernel"]), attrs=attrs)
    )


RULE = Rule(
    name="pad_into_conv",
    equation="Conv(Pad(x, p), w, VALID) -> Conv(x, w, EXPLICIT p)",
    pattern=op(
        CONVOLUTIONS,
        op("Pad", any_tensor("x"), constant("paddings"), name="pad"),
        any_tensor("kernel"),
        name="conv",
    ),
    rewrite=rewrite,
)
