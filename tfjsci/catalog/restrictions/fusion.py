"""Fused ops: the activations and biases that the runtime takes.

Sources: ``convolution_executor`` and ``matrices_executor`` of tfjs-converter 4.22.0 (``fused_ops[0]`` is BiasAdd or ignored,
``fused_ops[1]`` is the activation, the rest is never read) and what the browser did (op_cases).
"""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.restriction import WASM, Restriction, ops

FUSED = ops("_FusedConv2D", "FusedDepthwiseConv2dNative", "_FusedMatMul")
ACTIVATIONS = frozenset({"linear", "relu", "relu6", "elu", "prelu", "leakyrelu", "sigmoid"})
"""What ``applyActivation`` of every backend knows; ``fused_ops`` are lower-cased before."""

_NOTHING = frozenset({"noop", "linear", "identity"})
_UNFUSE = (
    "Keep the activation as a node of its own behind the fused op (for TensorFlow's remapper: TF_ENABLE_ONEDNN_OPTS=0)."
)
_BIAS_SHAPE = "Give the bias one value per output channel, or add it with an AddV2 of its own."


def _fused_ops(view: NodeView) -> tuple[str, ...]:
    return tuple(name.lower() for name in view.texts("fused_ops"))


def _unknown_activation(view: NodeView) -> bool | str:
    fused = _fused_ops(view)
    return view.texts("fused_ops")[1] if len(fused) > 1 and fused[1] not in ACTIVATIONS else False


def _first_ignored(view: NodeView) -> bool | str:
    fused = _fused_ops(view)
    if not fused or fused[0] in _NOTHING | {"biasadd", "fusedbatchnorm"}:
        return False
    return view.texts("fused_ops")[0]


def _rest_ignored(view: NodeView) -> bool | str:
    return ", ".join(view.texts("fused_ops")[2:])


def _has_bias(view: NodeView) -> bool:
    return _fused_ops(view)[:1] == ("biasadd",) and len(view.node.inputs) > 2


def _channels(view: NodeView) -> int | None:
    """How many output channels the op has, from its second input."""
    if view.op == "_FusedMatMul":
        return view.size(1, 0 if view.flag("transpose_b", False) else 1)
    last, multiplier = view.size(1, -1), view.size(1, -2)
    if view.op == "_FusedConv2D" or last is None:
        return last
    return None if multiplier is None else last * multiplier


def _bias_not_vector(view: NodeView) -> bool | str:
    rank = view.rank(2)
    return f"it has rank {rank}" if _has_bias(view) and rank is not None and rank != 1 else False


def _bias_stretched(view: NodeView) -> bool | str:
    size, channels = view.size(2, 0), _channels(view)
    if not _has_bias(view) or view.rank(2) != 1 or size is None or channels is None or size == channels:
        return False
    return f"{size} for {channels}"


def _bias_above_product(view: NodeView) -> bool:
    """The kernels compute products of three dimensions, and what is added to a matrix is to have two."""
    product = min(max(view.rank(0) or 2, view.rank(1) or 2), 3)
    return _has_bias(view) and (view.rank(2) or 0) > product


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=FUSED,
        effect="throws",
        says="the runtime can't fuse this activation",
        when=_unknown_activation,
        hint=_UNFUSE,
    ),
    Restriction(
        ops=FUSED,
        effect="silently wrong",
        says="what is fused in the place of BiasAdd is ignored",
        when=_first_ignored,
        hint="Fuse an activation behind BiasAdd only, or keep it as a node of its own.",
    ),
    Restriction(
        ops=FUSED,
        effect="silently wrong",
        says="the runtime reads two fused ops and ignores the rest",
        when=_rest_ignored,
        hint="Keep what comes after the activation as nodes of their own.",
    ),
    Restriction(
        ops=FUSED,
        effect="throws",
        says="a fused batch norm isn't implemented",
        when=lambda view: "fusedbatchnorm" in _fused_ops(view)[:1],
        hint="Fold the batch norm into the convolution's weights.",
    ),
    Restriction(
        ops=ops("_FusedMatMul"),
        effect="throws or silently wrong",
        says="without BiasAdd, the weights of a fused Prelu are taken for the bias",
        when=lambda view: "prelu" in _fused_ops(view) and not _has_bias(view),
        hint="Add a bias of zeros, or keep the Prelu as a node of its own.",
    ),
    Restriction(
        ops=ops("FusedDepthwiseConv2dNative"),
        effect="silently wrong",
        says="the slope of a fused LeakyRelu is never read here, which gives NaN or 0 below zero",
        when=lambda view: _fused_ops(view)[1:2] == ("leakyrelu",),
        hint="Keep the LeakyRelu as a node of its own behind the depthwise convolution.",
    ),
    Restriction(
        ops=FUSED,
        effect="throws",
        says="wasm fuses a bias of rank 1 only",
        when=_bias_not_vector,
        backends=WASM,
        hint=_BIAS_SHAPE,
    ),
    Restriction(
        ops=FUSED,
        effect="throws or silently wrong",
        says="wasm doesn't stretch a fused bias over the channels",
        when=_bias_stretched,
        backends=WASM,
        hint=_BIAS_SHAPE,
    ),
    Restriction(
        ops=ops("_FusedMatMul"),
        effect="silently wrong",
        says="a fused bias of a higher rank than the product doesn't widen the result",
        when=_bias_above_product,
        backends=("webgl", "webgpu", "cpu"),
        hint=_BIAS_SHAPE,
    ),
)
