"""BatchToSpaceND(Conv(SpaceToBatchND(x, b, p), w, VALID), b, c)  ->  Conv(x, w, EXPLICIT p - c, dilations b)

TensorFlow writes dilated convolutions so where its CPU has none: depthwise ones, and those of sequences, whose Conv2D stands
between ExpandDims and Squeeze. What p adds only to fill a block, c takes away again.
"""

from __future__ import annotations

from tfjsci.graph.graph import AttrValue, Constant
from tfjsci.rewrite.channels import CONVOLUTIONS
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """The convolution with dilations in place of the blocks."""
    attrs = _dilated(match, (0, 1, 2, 3))
    if isinstance(attrs, Declined):
        return attrs
    inputs = (match.tensors["x"], match.tensors["kernel"])
    return Replacement(root=NewNode(name=match.root.name, op=match.nodes["conv"].op, inputs=inputs, attrs=attrs))


def rewrite_sequence(match: Match) -> Replacement | Declined:
    """The same between ExpandDims and Squeeze, which stay."""
    conv, expand, squeeze = match.nodes["conv"], match.nodes["expand"], match.nodes["squeeze"]
    added = int(match.value("axis").value.reshape(-1)[0]) % 4
    lost = squeeze.attrs.get("squeeze_dims")
    if not isinstance(lost, tuple) or [int(n) % 4 for n in lost if isinstance(n, int)] != [added]:
        return Declined(reason="the dimension that a sequence gets isn't the one that it loses")
    attrs = _dilated(match, tuple(axis for axis in range(4) if axis != added))
    if isinstance(attrs, Declined):
        return attrs
    x = NewNode(
        name=expand.name, op="ExpandDims", inputs=(match.tensors["x"], match.tensors["axis"]), attrs=kept(expand)
    )
    image = NewNode(name=conv.name, op=conv.op, inputs=(x, match.tensors["kernel"]), attrs=attrs)
    return Replacement(root=NewNode(name=match.root.name, op="Squeeze", inputs=(image,), attrs=kept(squeeze)))


def _dilated(match: Match, axes: tuple[int, ...]) -> dict[str, AttrValue] | Declined:
    """The convolution's attributes; ``axes`` are those of the image that the dimensions of the blocked tensor are."""
    conv = match.nodes["conv"]
    if conv.attrs.get("padding") != b"VALID":
        return Declined(reason="the convolution pads as well")
    if conv.attrs.get("strides") != (1, 1, 1, 1) or conv.attrs.get("dilations", (1, 1, 1, 1)) != (1, 1, 1, 1):
        return Declined(reason="the convolution is strided or dilated itself")
    block, back, paddings, crops = (match.value(name) for name in ("block", "back", "paddings", "crops"))
    if _numbers(block) != _numbers(back):
        return Declined(reason="what is taken apart is put together otherwise")
    around = paddings.value.astype(int) - crops.value.astype(int)
    if (around < 0).any():
        return Declined(reason="more is cropped than was padded")
    spatial = (2, 3) if conv.attrs.get("data_format", b"NHWC") == b"NCHW" else (1, 2)
    dilations, explicit = [1, 1, 1, 1], [0] * 8
    for axis, size, pair in zip(axes[1:], _numbers(block), around.reshape(-1, 2).tolist(), strict=False):
        if axis not in spatial and (size != 1 or any(pair)):
            return Declined(reason="the channels are taken apart, too")
        dilations[axis] = size
        explicit[2 * axis : 2 * axis + 2] = pair
    attrs = {**kept(conv), "dilations": tuple(dilations)}
    return {**attrs, "padding": b"EXPLICIT", "explicit_paddings": tuple(explicit)} if any(explicit) else attrs


def _numbers(constant: Constant) -> list[int]:
    return [int(n) for n in constant.value.reshape(-1)]


_TO_BATCH = op("SpaceToBatchND", any_tensor("x"), constant("block"), constant("paddings"), name="to_batch")

RULE = Rule(
    name="dilation_from_blocks",
    equation="BatchToSpaceND(Conv(SpaceToBatchND(x, b, p), w), b, c) -> Conv(x, w, EXPLICIT p - c, dilations b)",
    pattern=op(
        "BatchToSpaceND",
        op(CONVOLUTIONS, _TO_BATCH, any_tensor("kernel"), name="conv"),
        constant("back"),
        constant("crops"),
        name="to_space",
    ),
    rewrite=rewrite,
)

OF_SEQUENCES = Rule(
    name="dilation_from_blocks_of_sequences",
    equation="BatchToSpaceND(Squeeze(Conv(ExpandDims(SpaceToBatchND(x)), w))) -> Squeeze(Conv(ExpandDims(x), w, dilations b))",
    pattern=op(
        "BatchToSpaceND",
        op(
            "Squeeze",
            op(
                CONVOLUTIONS,
                op("ExpandDims", _TO_BATCH, constant("axis"), name="expand"),
                any_tensor("kernel"),
                name="conv",
            ),
            name="squeeze",
        ),
        constant("back"),
        constant("crops"),
        name="to_space",
    ),
    rewrite=rewrite_sequence,
)

RULES = (RULE, OF_SEQUENCES)
