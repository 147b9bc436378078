"""linear(x + t, w)  ->  linear(x, w) + Σ t · w

where t is one number for each channel that w reads, and no zeros are padded: those would stand for x, not for x + t. A
shift of zero goes in any case. Not where the new bias couldn't be fused and there is none to join.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Graph, Node, node_of
from tfjsci.rewrite.affine import ADDITIONS, new_constant, plus, stretched, too_large_a_shift
from tfjsci.rewrite.channels import (
    LINEAR,
    TRANSPOSED,
    Wide,
    data_input,
    input_channels,
    made_of,
    narrowed,
    not_linear,
    other_axis,
    outputs_before_inputs,
    per_channel,
    rank_of_output,
    wide,
)
from tfjsci.rewrite.padding import pads
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op, ops_in
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source, kept


def rewrite(match: Match) -> Replacement | Declined:
    """The linear op on what was added to, and a bias behind it."""
    linear, kernel, shift = match.root, match.value("kernel"), match.value("shift")
    if reason := not_linear(linear, kernel.value) or other_axis(match.nodes["addition"]):
        return Declined(reason=reason)
    channels, rank = input_channels(linear, kernel.value), rank_of_output(linear, kernel.value)
    by = per_channel(shift.value, channels, rank)
    if by is None:
        return Declined(
            reason=f"the shift's shape {shift.value.shape} isn't one number for each of {channels} channels that are read"
        )
    if reason := stretched(match.graph, match.tensors["x"], shift.value):
        return Declined(reason=reason)
    inputs: list[Source] = [*linear.inputs]
    inputs[data_input(linear)] = match.tensors["x"]
    if not wide(by).any():
        return Replacement(root=NewNode(name=linear.name, op=linear.op, inputs=tuple(inputs), attrs=kept(linear)))
    reason = pads(match.graph, linear, kernel.value) or too_large_a_shift(by) or _useless(match.graph, linear)
    if reason:
        return Declined(reason=reason)
    bias = narrowed(_met(linear, wide(kernel.value), wide(by)), kernel.value.dtype)
    if not np.isfinite(wide(bias)).all():
        return Declined(reason="the bias wouldn't be finite")
    if rank > 4:
        bias = bias.reshape(1, -1)  # webgpu combines a vector and 5 dimensions wrongly
    behind = new_constant(match.tensors["shift"], bias, made_of(shift, kernel))
    made = NewNode(name="", op=linear.op, inputs=tuple(inputs), attrs=kept(linear))
    attrs = {"T": linear.attrs["T"]}
    if bias.ndim == 1 and linear.op in ops_in(LINEAR):
        root = NewNode(name=linear.name, op="BiasAdd", inputs=(made, behind), attrs={**attrs, "data_format": b"NHWC"})
    else:
        root = NewNode(name=linear.name, op="AddV2", inputs=(made, behind), attrs=attrs)
    return Replacement(root=root)


def _met(linear: Node, kernel: Wide, shift: Wide) -> Wide:
    """What the kernel makes of the shift alone: [channels], or […, 1, channels] of a kernel with a batch."""
    if linear.op == "DepthwiseConv2dNative":
        depthwise: Wide = (kernel.sum(axis=(0, 1)) * shift[:, None]).reshape(-1)
        return depthwise
    if outputs_before_inputs(linear):
        kernel = kernel.swapaxes(-1, -2)
    if "MatMul" not in linear.op:
        kernel = kernel.sum(axis=tuple(range(kernel.ndim - 2)))
    met: Wide = np.matmul(shift[None, :], kernel)
    return met[0] if met.ndim == 2 else met


def _useless(graph: Graph, linear: Node) -> str | None:
    if linear.op in ops_in(LINEAR):
        return None
    readers = graph.readers.get(linear.name, ())
    outputs = map(node_of, graph.outputs)
    alone = len(readers) == 1 and linear.name not in outputs and readers[0].op in ops_in(ADDITIONS)
    if alone and any(graph.constant(tensor) is not None for tensor in readers[0].inputs):
        return None
    return "no bias could take the shift in: it would be added behind as well"


RULES = (
    Rule(
        name="fold_shift_before",
        equation="linear(x + t, w) -> linear(x, w) + sum of t * w",
        pattern=op(
            f"{LINEAR}|Conv3D|BatchMatMul|BatchMatMulV2",
            plus(any_tensor("x"), "shift", name="addition"),
            constant("kernel"),
            name="linear",
        ),
        rewrite=rewrite,
        where="t is one number for each channel that is read, and no zeros are padded",
    ),
    Rule(
        name="fold_shift_before_transposed",
        equation="linear(x + t, w) -> linear(x, w) + sum of t * w",
        pattern=op(
            TRANSPOSED,
            any_tensor("sizes"),
            constant("kernel"),
            plus(any_tensor("x"), "shift", name="addition"),
            name="linear",
        ),
        rewrite=rewrite,
        where="t is one number for each channel that is read, and no zeros are padded",
    ),
)
