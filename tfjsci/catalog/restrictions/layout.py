"""Convolutions, pooling and normalisation: data formats, strides, dilations, padding.

Sources: the executors in tfjs-converter 4.22.0 (``convolution_executor``: strides and dilations are taken at [1] and [2]
whatever the data format; pooling, BiasAdd and FusedBatchNorm never read it) and what the browser did (op_cases).
"""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.restriction import WASM, Restriction, ops

CONV = ops("Conv2D", "_FusedConv2D")
DEPTHWISE = ops("DepthwiseConv2d", "DepthwiseConv2dNative")
FUSED_DEPTHWISE = ops("FusedDepthwiseConv2dNative")
POOL = ops("AvgPool", "MaxPool", "AvgPool3D", "MaxPool3D")
BATCH_NORM = ops("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")

_CHANNELS_LAST = 'Build the model with data_format="channels_last" (Keras: keras.config.set_image_data_format).'


def _channels_first(view: NodeView) -> bool:
    return view.text("data_format").upper().startswith("NC")


def _spatial(view: NodeView, name: str) -> tuple[int, ...]:
    """Strides or dilations without those of batch and channels."""
    values = view.numbers(name)
    return values[2:] if _channels_first(view) else values[1:-1]


def _strided(view: NodeView) -> bool:
    return any(n != 1 for n in _spatial(view, "strides"))


def _dilated(view: NodeView) -> bool:
    return any(n != 1 for n in _spatial(view, "dilations"))


def _strided_and_dilated(view: NodeView) -> bool:
    return _strided(view) and _dilated(view)


def _grouped(view: NodeView) -> bool | str:
    channels = view.size(0, 1 if _channels_first(view) else -1)
    wanted = view.size(1, -2)
    if channels is None or wanted is None or channels == wanted:
        return False
    return f"the input has {channels} channels, the filter {wanted}"


def _channels_first_moving(view: NodeView) -> bool:
    return _channels_first(view) and (_strided(view) or _dilated(view))


def _taken_away(view: NodeView, window: tuple[int | None, ...]) -> list[tuple[int, str]]:
    """Where padding SAME, read as ``(places - 1) · stride + window - size``, is below 0: how far, and of which numbers."""
    if view.text("padding") != "SAME" or _channels_first(view):
        return []
    sizes = (view.shape(0) or ())[1:-1]
    found = []
    for size, taps, stride in zip(sizes, window, _spatial(view, "strides"), strict=False):
        if size is not None and taps is not None:
            gone = size - taps - (-(-size // stride) - 1) * stride
            found += [(gone, f"stride {stride}, kernel {taps}, size {size}")] if gone > 0 else []
    return found


def _extents(view: NodeView) -> tuple[int | None, ...]:
    """The kernel's sizes with the gaps of a dilation."""
    dilations = _spatial(view, "dilations") or (1, 1, 1)
    return tuple(
        None if n is None else (n - 1) * dilation + 1
        for n, dilation in zip((view.shape(1) or ())[:-2], dilations, strict=False)
    )


def _skips_values(view: NodeView) -> bool | str:
    """XNNPACK doesn't cut the padding off at 0; a kernel of one tap is done as a product of matrices, and rightly."""
    gone = _taken_away(view, _extents(view)) if (view.shape(1) or ())[:2] != (1, 1) else []
    return gone[0][1] if gone else False


def _skips_an_odd_number(view: NodeView) -> bool | str:
    """Half of it is left out at the front: ``get3DPadAndOutInfo`` rounds up, TensorFlow on the CPU down."""
    window = _extents(view) if view.op == "Conv3D" else view.numbers("ksize")[1:-1]
    odd = [text for gone, text in _taken_away(view, window) if gone % 2]
    return odd[0] if odd else False


def _over_channels(view: NodeView) -> bool:
    return not _channels_first(view) and view.numbers("ksize")[-1:] not in ((), (1,))


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=CONV | ops("Conv3D"),
        effect="throws",
        says="the runtime has no grouped convolution",
        when=_grouped,
        hint="Split the input by channels, convolve each group by itself and concatenate; images: or convolve depthwise.",
    ),
    Restriction(
        ops=CONV | FUSED_DEPTHWISE | ops("Conv3D"),
        effect="throws",
        says="strides and dilations can't both be above 1",
        when=_strided_and_dilated,
        hint="Convolve with dilation alone and take every n-th value (or put zeros into the kernel in place of the dilation).",
    ),
    Restriction(
        ops=DEPTHWISE,
        effect="throws",
        says="strides and dilations can't both be above 1",
        when=_strided_and_dilated,
        # wasm and webgpu run it, and rightly: the check of tfjs-core isn't made for them.
        backends=("webgl", "cpu"),
        hint="Convolve with dilation alone and take every n-th value (or put zeros into the kernel in place of the dilation).",
    ),
    Restriction(
        ops=CONV,
        effect="throws",
        says="wasm convolves channels-last images only",
        when=_channels_first,
        backends=WASM,
        hint=_CHANNELS_LAST,
    ),
    Restriction(
        ops=CONV,
        effect="throws or silently wrong",
        says="with channels-first images, strides and dilations are read from the wrong places",
        when=_channels_first_moving,
        backends=("webgl", "webgpu", "cpu"),
        hint=_CHANNELS_LAST,
    ),
    Restriction(
        ops=DEPTHWISE,
        effect="throws or silently wrong",
        says="channels-first images are convolved along the wrong axes",
        when=_channels_first,
        backends=("webgl", "wasm", "cpu"),
        hint=_CHANNELS_LAST,
    ),
    Restriction(
        ops=DEPTHWISE,
        effect="throws or silently wrong",
        says="with channels-first images, strides and dilations are read from the wrong places",
        when=_channels_first_moving,
        backends=("webgpu",),
        hint=_CHANNELS_LAST,
    ),
    Restriction(
        ops=FUSED_DEPTHWISE | ops("Conv2DBackpropInput", "Conv3D") | POOL | BATCH_NORM | ops("BiasAdd"),
        effect="throws or silently wrong",
        says="the runtime takes every image for channels-last",
        when=_channels_first,
        hint=_CHANNELS_LAST,
    ),
    Restriction(
        ops=ops("DepthToSpace"),
        effect="throws",
        says="cpu rearranges channels-last images only",
        when=_channels_first,
        backends=("cpu",),
        hint=_CHANNELS_LAST,
    ),
    Restriction(
        ops=ops("Conv2DBackpropInput"),
        effect="silently wrong",
        says="dilations of a transposed convolution are ignored",
        when=_dilated,
        hint="Put zeros between the kernel's values in place of the dilation.",
    ),
    Restriction(
        ops=CONV | DEPTHWISE | FUSED_DEPTHWISE,
        effect="silently wrong",
        says="where padding SAME adds nothing because the kernel skips values, wasm gives zeros",
        when=_skips_values,
        backends=WASM,
        hint="Use padding VALID: it is the same where no padding is needed.",
    ),
    Restriction(
        ops=ops("Conv3D", "MaxPool3D", "AvgPool3D"),
        effect="silently wrong",
        says="where padding SAME would take away an odd number of values, the runtime begins one too late",
        when=_skips_an_odd_number,
        hint="Slice off what the kernel skips, and use padding VALID.",
    ),
    Restriction(
        ops=ops("MaxPool"),
        effect="silently wrong",
        says="pooling over channels is ignored",
        when=_over_channels,
        hint="Reshape the channels to [channels / k, k] and take the Max of the last dimension.",
    ),
    Restriction(
        ops=POOL,
        effect="throws",
        says="pooling knows the paddings SAME and VALID only",
        when=lambda view: view.text("padding") == "EXPLICIT",
        hint="Pad before pooling (with the lowest float for max pooling) and pool with padding VALID.",
    ),
    Restriction(
        ops=BATCH_NORM,
        effect="throws or silently wrong",
        says="the runtime normalises with the given mean and variance, as in inference",
        when=lambda view: view.flag("is_training", True),
        hint="Export the model for inference (training=False).",
    ),
    Restriction(
        ops=ops("Dilation2D", "MaxPoolWithArgmax", "MaxPool3D"),
        effect="silently wrong",
        says="wasm starts its maximum at the least positive float, so negative results are lost",
        backends=WASM,
        hint="Run on another backend, or use MaxPool where the indices aren't needed (for volumes, twice).",
    ),
    Restriction(
        ops=ops("MaxPoolWithArgmax"),
        effect="silently wrong",
        says="webgl gives the indices as float32",
        when=lambda view: view.uses_output(1),
        backends=("webgl",),
        hint="Run on cpu.",
    ),
    Restriction(
        ops=ops("MaxPoolWithArgmax"),
        effect="silently wrong",
        says="of equal values the last is pointed at, not the first as in TensorFlow",
        when=lambda view: view.uses_output(1),
        backends=("webgpu",),
        hint="Run on cpu.",
    ),
)
