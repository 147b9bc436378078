"""The functions that layers are made of: convolutions, pooling, normalisation, attention, losses."""

from __future__ import annotations

from collections.abc import Iterator

from case import Case
from feeds import Feed, between, given, normal, whole, yes_or_no
from op_case import op

_IMAGE = normal(2, 9, 7, 4)
_FIRST = normal(2, 4, 9, 7)
_SIGNAL = normal(2, 11, 4)
_ROWS = normal(3, 6)


def _convolutions() -> Iterator[Case]:
    kernel, flat = normal(3, 3, 4, 5), normal(3, 4, 5)
    yield from op("conv", _IMAGE, kernel, opened=True)
    yield from op("conv", _IMAGE, kernel, strides=2, padding="same", case="strided")
    yield from op("conv", _IMAGE, kernel, dilation_rate=2, case="dilated")
    yield from op("conv", _IMAGE, normal(3, 3, 2, 6), case="groups")
    yield from op("conv", _FIRST, kernel, data_format="channels_first", case="channels_first")
    yield from op("conv", _SIGNAL, flat, padding="same", case="rank_1")
    yield from op("conv", normal(1, 5, 6, 7, 2), normal(3, 3, 3, 2, 4), case="rank_3")
    yield from op("conv_transpose", _IMAGE, normal(3, 3, 5, 4), strides=2, opened=True)
    yield from op("conv_transpose", _SIGNAL, normal(3, 5, 4), strides=2, padding="same", case="rank_1")
    yield from op("depthwise_conv", _IMAGE, normal(3, 3, 4, 2))
    yield from op("depthwise_conv", _SIGNAL, normal(3, 4, 2), case="rank_1")
    yield from op("separable_conv", _IMAGE, normal(3, 3, 4, 2), normal(1, 1, 8, 5), padding="same")


def _pools() -> Iterator[Case]:
    for name in ("average_pool", "max_pool"):
        yield from op(name, _IMAGE, pool_size=3, strides=2, padding="same", opened=True)
        yield from op(name, _SIGNAL, pool_size=2, case="rank_1")
        yield from op(name, _FIRST, pool_size=2, data_format="channels_first", case="channels_first")
    for name in ("adaptive_average_pool", "adaptive_max_pool"):
        yield from op(name, _IMAGE, output_size=(3, 2), opened=True)
        yield from op(name, _SIGNAL, output_size=4, case="rank_1")


def _rearranged() -> Iterator[Case]:
    yield from op("depth_to_space", normal(2, 3, 4, 8), block_size=2, opened=True)
    yield from op("depth_to_space", normal(2, 8, 3, 4), block_size=2, data_format="channels_first", case="first")
    yield from op("space_to_depth", normal(2, 4, 6, 3), block_size=2, opened=True)
    yield from op("space_to_depth", normal(2, 3, 4, 6), block_size=2, data_format="channels_first", case="first")
    yield from op("unfold", normal(2, 3, 6, 5), kernel_size=2, stride=2)
    yield from op("unfold", normal(2, 3, 6, 5), kernel_size=(3, 2), padding=1, case="padded")
    yield from op("fold", normal(2, 12, 6), output_size=(4, 6), kernel_size=2, stride=2)


def _normalised() -> Iterator[Case]:
    c = normal(4)
    yield from op(
        "batch_normalization", _IMAGE, c, between(0.5, 2, 4), c, c,
        call=lambda o, x, m, v, b, g: o.batch_normalization(x, m, v, -1, b, g), opened=False,
    )  # fmt: skip
    yield from op("layer_normalization", _ROWS, normal(6), normal(6), opened=True)
    yield from op("layer_normalization", normal(3, 4, 6), axis=(1, 2), case="axes")
    yield from op("rms_normalization", _ROWS, normal(6))
    yield from op("normalize", _ROWS, opened=True)
    yield from op("normalize", _ROWS, order=1, axis=0, case="order_1")
    yield from op("normalize", _ROWS, order=3, case="order_3")


def _activations() -> Iterator[Case]:
    yield from op("glu", _ROWS, opened=True)
    yield from op("log_softmax", _ROWS, opened=True)
    yield from op("log_softmax", normal(3, 4, 5), axis=1, case="axis")
    yield from op("softmax", _ROWS, opened=True)
    yield from op("softmax", normal(3, 4, 5), axis=1, case="axis")
    yield from op("softmax", normal(3, 4, 5), axis=(1, 2), case="axes")
    yield from op("sparsemax", _ROWS, opened=True)


def _attention() -> Iterator[Case]:
    query, value = normal(2, 4, 3, 6), normal(2, 5, 3, 6)
    name = "dot_product_attention"
    yield from op(name, query, value, value, opened=True)
    yield from op(name, query, query, query, is_causal=True, case="causal")
    yield from op(
        name, query, value, value, yes_or_no(2, 3, 4, 5),
        call=lambda o, q, k, v, m: o.dot_product_attention(q, k, v, mask=m), case="masked",
    )  # fmt: skip
    yield from op(name, query, value, value, scale=0.3, case="scaled")


def _losses() -> Iterator[Case]:
    target = between(0.0, 1.0, 3, 6)
    yield from op("binary_crossentropy", target, between(0.1, 0.9, 3, 6))
    yield from op("binary_crossentropy", target, _ROWS, from_logits=True, case="logits")
    yield from op("categorical_crossentropy", target, between(0.1, 0.9, 3, 6))
    yield from op("categorical_crossentropy", target, _ROWS, from_logits=True, case="logits")
    yield from op("sparse_categorical_crossentropy", whole(0, 6, 3), between(0.1, 0.9, 3, 6))
    yield from op("sparse_categorical_crossentropy", whole(0, 6, 3), _ROWS, from_logits=True, case="logits")
    yield from op("psnr", _ROWS, normal(3, 6), max_val=2.0)
    lengths = (_lengths(3, 2), _lengths(7, 6))
    yield from op("ctc_loss", whole(1, 4, 2, 3), normal(2, 7, 5), *lengths)
    yield from op("ctc_decode", normal(2, 7, 5), _lengths(7, 6))
    yield from op("ctc_decode", normal(2, 7, 5), _lengths(7, 6), strategy="beam_search", beam_width=3, case="beam")


def _lengths(*values: int) -> Feed:
    return given(values, "int32")


NN: tuple[Case, ...] = (
    *_convolutions(),
    *_pools(),
    *_rearranged(),
    *_normalised(),
    *_activations(),
    *_attention(),
    *_losses(),
)
