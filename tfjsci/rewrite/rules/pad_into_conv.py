"""Conv(Pad(x, p), w, VALID)  ->  Conv(x, w, EXPLICIT p);   Conv3D(Pad(x, p), w, VALID)  ->  Conv3D(x, w, SAME)

where p pads the spatial dimensions with zeros and leaves batch and channels alone. What the convolution pads explicitly
itself is added. Conv3D has no paddings of its own in the runtime: there they must be those that SAME stands for. The Pad may
stand before an ExpandDims, as a layer of sequences has it.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, Node
from tfjsci.rewrite.channels import CONVOLUTIONS
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source, kept


def rewrite(match: Match) -> Replacement | Declined:
    """The padding as an attribute of the convolution."""
    conv, paddings = match.root, match.value("paddings").value
    before: Source = match.tensors["x"]
    if "expanded" in match.nodes:
        expanded = match.nodes["expanded"]
        axis = int(match.value("axis").value.reshape(-1)[0])
        if paddings.shape[-1:] != (2,) or not -len(paddings) - 1 <= axis <= len(paddings):
            return Declined(reason="the dimension that is added isn't known")
        paddings = np.insert(paddings, axis % (len(paddings) + 1), 0, axis=0)
        before = NewNode(
            name=expanded.name, op=expanded.op, inputs=(before, match.tensors["axis"]), attrs=kept(expanded)
        )
    if conv.attrs.get("padding") == b"SAME":
        return Declined(reason="the convolution pads as well")
    if conv.attrs.get("data_format", b"NHWC") not in (b"NHWC", b"NDHWC"):
        return Declined(reason="the channels aren't last")
    rank = 5 if conv.op == "Conv3D" else 4
    if paddings.shape != (rank, 2):
        return Declined(reason=f"the paddings' shape is {paddings.shape}, {rank} dimensions need ({rank}, 2)")
    if paddings[0].any() or paddings[-1].any():
        return Declined(reason="the batch or the channels are padded")
    if rank == 5:
        if not _as_same(match, conv, paddings):
            return Declined(reason="Conv3D pads like SAME or not at all, and this isn't what SAME pads")
        attrs = {**kept(conv), "padding": b"SAME"}
    else:
        explicit = conv.attrs.get("explicit_paddings") if conv.attrs.get("padding") == b"EXPLICIT" else ()
        own = np.array(explicit, np.int64).reshape(-1, 2) if explicit else 0
        around = (paddings.astype(np.int64) + own).reshape(-1)
        attrs = {**kept(conv), "padding": b"EXPLICIT", "explicit_paddings": tuple(int(p) for p in around)}
    return Replacement(root=NewNode(name=conv.name, op=conv.op, inputs=(before, match.tensors["kernel"]), attrs=attrs))


def _as_same(match: Match, conv: Node, paddings: Array) -> bool:
    """Whether SAME pads as much: with a stride of 1 that is what the kernel reaches, the smaller half before."""
    kernel, strides = match.graph.constant(match.tensors["kernel"]), conv.attrs.get("strides")
    apart = conv.attrs.get("dilations") or (1,) * 5
    if kernel is None or not isinstance(strides, tuple) or set(strides) != {1} or not isinstance(apart, tuple):
        return False
    reached = [(n - 1) * d for n, d in zip(kernel.value.shape[:3], apart[1:4], strict=True) if isinstance(d, int)]
    return bool(np.array_equal(paddings[1:-1], [[n // 2, n - n // 2] for n in reached]))


_PAD = op("Pad", any_tensor("x"), constant("paddings"), name="pad")

RULES = (
    Rule(
        name="pad_into_conv",
        equation="Conv(Pad(x, p), w, VALID) -> Conv(x, w, EXPLICIT p)",
        pattern=op(f"{CONVOLUTIONS}|Conv3D", _PAD, any_tensor("kernel"), name="conv"),
        rewrite=rewrite,
        where="height and width are padded, with zeros; of Conv3D as SAME pads",
    ),
    Rule(
        name="pad_into_conv_of_sequences",
        equation="Conv(ExpandDims(Pad(x, p)), w, VALID) -> Conv(ExpandDims(x), w, EXPLICIT p)",
        pattern=op(
            CONVOLUTIONS,
            op("ExpandDims", _PAD, constant("axis"), name="expanded"),
            any_tensor("kernel"),
            name="conv",
        ),
        rewrite=rewrite,
        where="height and width are padded, with zeros; of Conv3D as SAME pads",
    ),
)
RULE = RULES[0]
