"""SavedModels of plain TensorFlow: boxes, images, spectrograms, segments, attention by einsum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from case import Case
from feeds import Feed, between, normal, whole

from tfjsci.graph.tensorflow import tensorflow


def _function(name: str, feeds: list[Feed], run: Callable[..., Any]) -> Case:
    return Case(name=f"zoo/{name}", kind="zoo", of="", feeds=tuple(feeds), build=lambda: run)


def _boxes(*shape: int) -> Feed:
    """Corners y0, x0, y1, x1 of boxes that overlap here and there."""

    def draw(rng: np.random.Generator, size: tuple[int, ...]) -> Any:
        corner = rng.uniform(0.0, 0.6, (*size[:-1], 2))
        return np.concatenate([corner, corner + rng.uniform(0.1, 0.4, (*size[:-1], 2))], axis=-1)

    return Feed(shape=(*shape, 4), dtype="float32", draw=draw)


def _suppressed(boxes: Any, scores: Any) -> Any:
    tf = tensorflow()
    kept = tf.image.non_max_suppression(boxes, scores, max_output_size=5, iou_threshold=0.4, score_threshold=0.2)
    return tf.gather(boxes, kept), tf.gather(scores, kept)


def _suppressed_padded(boxes: Any, scores: Any) -> Any:
    return tensorflow().image.non_max_suppression_padded(
        boxes, scores, 5, iou_threshold=0.4, pad_to_max_output_size=True
    )


def _suppressed_softly(boxes: Any, scores: Any) -> Any:
    return tensorflow().image.non_max_suppression_with_scores(boxes, scores, 5, soft_nms_sigma=0.5)


def _suppressed_by_class(boxes: Any, scores: Any) -> Any:
    found = tensorflow().image.combined_non_max_suppression(
        boxes, scores, max_output_size_per_class=4, max_total_size=6, iou_threshold=0.4, score_threshold=0.2
    )
    return tuple(found)


def _detection_head(features: Any) -> Any:
    """Anchors, decoding, then suppression, as in SSD."""
    tf = tensorflow()
    height, width, anchors = 4, 3, 2
    rng = np.random.default_rng(1)
    kernel = tf.constant(rng.normal(0, 0.3, (3, 3, 8, anchors * 7)), tf.float32)
    raw = tf.reshape(tf.nn.conv2d(features, kernel, 1, "SAME"), (1, height * width * anchors, 7))
    y, x = tf.meshgrid(tf.range(height, dtype=tf.float32), tf.range(width, dtype=tf.float32), indexing="ij")
    centres = tf.reshape(tf.stack([y, x], -1) + 0.5, (-1, 1, 2)) / tf.constant([height, width], tf.float32)
    centres = tf.reshape(tf.tile(centres, (1, anchors, 1)), (1, -1, 2)) + 0.1 * raw[..., :2]
    sizes = 0.3 * tf.exp(0.2 * raw[..., 2:4])
    boxes = tf.clip_by_value(tf.concat([centres - sizes / 2, centres + sizes / 2], -1), 0.0, 1.0)
    scores = tf.sigmoid(raw[..., 4:])
    kept = tf.image.non_max_suppression(boxes[0], tf.reduce_max(scores[0], -1), 5, 0.5)
    return tf.gather(boxes[0], kept), tf.gather(scores[0], kept)


def _regions(images: Any, boxes: Any) -> Any:
    tf = tensorflow()
    which = tf.constant([0, 1, 0])
    return tf.image.crop_and_resize(images, boxes, which, (4, 5)), tf.image.crop_and_resize(
        images, boxes, which, (4, 5), method="nearest"
    )


def _resized(images: Any) -> Any:
    image = tensorflow().image
    methods = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "gaussian", "mitchellcubic")
    return [image.resize(images, (5, 11), method=how) for how in methods[:2]]


def _resized_otherwise(how: str, antialias: bool = False) -> Callable[[Any], Any]:
    return lambda images: tensorflow().image.resize(images, (5, 11), method=how, antialias=antialias)


def _coloured(images: Any) -> Any:
    image = tensorflow().image
    grey = image.rgb_to_grayscale(images)
    return [grey, image.grayscale_to_rgb(grey), image.rgb_to_yuv(images), image.yuv_to_rgb(images)]


def _hues(images: Any) -> Any:
    image = tensorflow().image
    return [image.adjust_hue(images, 0.1), image.adjust_saturation(images, 1.5), image.rgb_to_hsv(images)]


def _adjusted(images: Any) -> Any:
    image = tensorflow().image
    bright = image.adjust_brightness(images, 0.1)
    return [
        bright,
        image.adjust_contrast(images, 1.5),
        image.adjust_gamma(images, 0.8),
        image.per_image_standardization(images),
    ]


def _flipped(images: Any) -> Any:
    image = tensorflow().image
    turned = image.rot90(image.flip_left_right(image.flip_up_down(images)))
    return [
        turned,
        image.central_crop(images, 0.5),
        image.resize_with_crop_or_pad(images, 6, 9),
        image.sobel_edges(images),
    ]


def _padded(images: Any) -> Any:
    image = tensorflow().image
    return [image.resize_with_pad(images, 6, 12), image.pad_to_bounding_box(images, 1, 2, 12, 11)]


def _bytes_in(images: Any) -> Any:
    """What a web page has: bytes, made to floats and resized."""
    tf = tensorflow()
    x = tf.image.resize(tf.image.convert_image_dtype(images, tf.float32), (8, 6))
    return tf.image.convert_image_dtype(x, tf.uint8, saturate=True), x * 2.0 - 1.0


def _spectrogram(wave: Any) -> Any:
    tf = tensorflow()
    spectrum = tf.signal.stft(wave, frame_length=64, frame_step=32, fft_length=64)
    return tf.math.log(tf.abs(spectrum) + 1e-3)


def _mel_features(wave: Any) -> Any:
    """Mel cepstrum, as speech commands are recognised by."""
    tf = tensorflow()
    magnitude = tf.abs(tf.signal.stft(wave, 64, 32, 64))
    mel = tf.tensordot(magnitude, tf.signal.linear_to_mel_weight_matrix(10, 33, 8000, 20.0, 4000.0), 1)
    return tf.signal.mfccs_from_log_mel_spectrograms(tf.math.log(mel + 1e-3))[..., :6]


def _inverse(wave: Any) -> Any:
    tf = tensorflow()
    spectrum = tf.signal.stft(wave, 64, 32, 64)
    return tf.signal.inverse_stft(spectrum, 64, 32, 64)


def _segments(values: Any, ids: Any) -> Any:
    tf = tensorflow()
    ordered = tf.constant([0, 0, 1, 3, 3, 3])
    return [
        tf.math.unsorted_segment_sum(values, ids, 4),
        tf.math.unsorted_segment_mean(values, ids, 4),
        tf.math.unsorted_segment_max(values, ids, 4),
        tf.math.segment_sum(values, ordered),
        tf.math.segment_mean(values, ordered),
        tf.math.segment_max(values, ordered),
    ]


def _einsum_attention(x: Any) -> Any:
    tf = tensorflow()
    rng = np.random.default_rng(2)

    def weight(*shape: int) -> Any:
        return tf.constant(rng.normal(0, 0.4, shape), tf.float32)

    query, key, value = (tf.einsum("btd,dhk->bthk", x, weight(6, 2, 3)) for _ in range(3))
    scores = tf.einsum("bthk,bshk->bhts", query, key) * 3**-0.5
    causal = tf.linalg.band_part(tf.ones((4, 4)), -1, 0)
    scores = tf.where(causal > 0, scores, -1e9)
    mixed = tf.einsum("bhts,bshk->bthk", tf.nn.softmax(scores), value)
    return tf.einsum("bthk,hkd->btd", mixed, weight(2, 3, 6))


def _beam(logits: Any) -> Any:
    """The best few tokens and what leads to them, as a decoder's step does."""
    tf = tensorflow()
    best, tokens = tf.math.top_k(tf.nn.log_softmax(logits), 3)
    flat, place = tf.math.top_k(tf.reshape(best, (-1, 9)), 3)
    return flat, place // 3, tf.gather(tf.reshape(tokens, (-1, 9)), place, batch_dims=1)


def _masked_loss(logits: Any, labels: Any) -> Any:
    tf = tensorflow()
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    mask = tf.cast(labels > 0, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(loss * mask, 1), tf.reduce_sum(mask, 1))


def _local_response(images: Any) -> Any:
    tf = tensorflow()
    x = tf.nn.local_response_normalization(images, 2, 1.0, 1e-2, 0.75)
    return tf.nn.max_pool2d(x, 3, 2, "SAME"), tf.nn.l2_normalize(images, -1)


def _graph_net(nodes: Any, edges: Any) -> Any:
    """Messages along edges, summed where they arrive."""
    tf = tensorflow()
    message = tf.nn.relu(tf.gather(nodes, edges[:, 0]) - tf.gather(nodes, edges[:, 1]))
    arrived = tf.math.unsorted_segment_sum(message, edges[:, 1], 5)
    scattered = tf.tensor_scatter_nd_add(nodes, edges[:, 1:], message)
    return arrived, scattered, tf.scatter_nd(edges[:, :1], message, (5, 3))


_IMAGE = between(0.0, 1.0, 2, 9, 7, 3).open(0)
_WAVE = normal(2, 200).open(0)
_DETECTIONS = [_boxes(12), between(0.0, 1.0, 12)]

TENSORFLOW_NETS: tuple[Case, ...] = (
    _function("tf_attention_einsum", [normal(2, 4, 6).open(0)], _einsum_attention),
    _function("tf_beam_step", [normal(6, 11)], _beam),
    _function("tf_bytes_in", [whole(0, 256, 1, 9, 7, 3, dtype="uint8").open(0)], _bytes_in),
    _function("tf_detection_head", [normal(1, 4, 3, 8)], _detection_head),
    _function("tf_graph_net", [normal(5, 3), whole(0, 5, 7, 2)], _graph_net),
    _function("tf_image_adjusted", [_IMAGE], _adjusted),
    _function("tf_image_colours", [_IMAGE], _coloured),
    _function("tf_image_flipped", [_IMAGE], _flipped),
    _function("tf_image_hues", [_IMAGE], _hues),
    _function("tf_image_padded", [_IMAGE], _padded),
    _function("tf_image_regions", [_IMAGE, _boxes(3)], _regions),
    _function("tf_image_resized", [_IMAGE], _resized),
    _function("tf_image_resized_antialias", [_IMAGE], _resized_otherwise("bilinear", antialias=True)),
    _function("tf_image_resized_area", [_IMAGE], _resized_otherwise("area")),
    _function("tf_image_resized_bicubic", [_IMAGE], _resized_otherwise("bicubic")),
    _function("tf_image_resized_lanczos3", [_IMAGE], _resized_otherwise("lanczos3")),
    _function("tf_local_response", [normal(2, 9, 7, 6).open(0)], _local_response),
    _function("tf_masked_loss", [normal(2, 4, 6).open(0), whole(0, 6, 2, 4).open(0)], _masked_loss),
    _function("tf_nms", _DETECTIONS, _suppressed),
    _function("tf_nms_combined", [_boxes(2, 12, 1), between(0.0, 1.0, 2, 12, 3)], _suppressed_by_class),
    _function("tf_nms_padded", _DETECTIONS, _suppressed_padded),
    _function("tf_nms_soft", _DETECTIONS, _suppressed_softly),
    _function("tf_segments", [normal(6, 3), whole(0, 4, 6)], _segments),
    _function("tf_spectrogram", [_WAVE], _spectrogram),
    _function("tf_spectrogram_inverse", [_WAVE], _inverse),
    _function("tf_spectrogram_mel", [_WAVE], _mel_features),
)
