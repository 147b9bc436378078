"""Preprocessing inside of a model: resizing and the like, look-ups, text; augmentation, which does nothing in inference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case
from feeds import between, normal, whole, words
from layer_case import layer, model

from tfjsci.graph.tensorflow import keras

_IMAGE = between(0, 255, 9, 7, 3)
_WORDS = ("red", "green", "blue", "mauve")

_AUGMENTATIONS: dict[str, dict[str, Any]] = {
    "AugMix": {},
    "CutMix": {},
    "MixUp": {},
    "RandAugment": {},
    "RandomBrightness": {"factor": 0.2},
    "RandomColorDegeneration": {"factor": 0.2},
    "RandomColorJitter": {"brightness_factor": 0.2},
    "RandomContrast": {"factor": 0.2},
    "RandomCrop": {"height": 4, "width": 5},
    "RandomElasticTransform": {},
    "RandomErasing": {},
    "RandomFlip": {},
    "RandomGaussianBlur": {},
    "RandomGrayscale": {},
    "RandomHue": {"factor": 0.2},
    "RandomInvert": {},
    "RandomPerspective": {},
    "RandomPosterization": {"factor": 4},
    "RandomRotation": {"factor": 0.2},
    "RandomSaturation": {"factor": 0.2},
    "RandomSharpness": {"factor": 0.2},
    "RandomShear": {"x_factor": 0.2},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
    "RandomZoom": {"height_factor": 0.2},
}


def _images() -> Iterator[Case]:
    for name, kwargs in _AUGMENTATIONS.items():
        yield layer(name, "", _IMAGE, **kwargs)
    yield layer("AutoContrast", "", _IMAGE)
    yield layer("ContrastLimitedAdaptiveHistogramEqualization", "", between(0, 255, 16, 24, 3), tile_grid_size=(2, 3))
    yield layer("Equalization", "", _IMAGE)
    yield layer("Solarization", "", _IMAGE, addition_factor=0.1, threshold_factor=0.4)
    yield layer("CenterCrop", "", _IMAGE, 4, 5)
    yield layer("CenterCrop", "enlarging", _IMAGE, 11, 12)
    yield layer("Rescaling", "", _IMAGE, 1 / 127.5, offset=-1)
    yield layer("Rescaling", "per_channel", _IMAGE, [0.1, 0.2, 0.3], offset=[1.0, 2.0, 3.0])
    yield layer("Rescaling", "bytes", whole(0, 256, 9, 7, 3, dtype="uint8"), 1 / 255)
    for how in ("nearest", "bilinear", "bicubic", "lanczos3", "area"):
        yield layer("Resizing", how, _IMAGE, 5, 11, interpolation=how)
    yield layer("Resizing", "antialias", _IMAGE, 5, 4, antialias=True)
    yield layer("Resizing", "cropped", _IMAGE, 5, 6, crop_to_aspect_ratio=True)
    yield layer("Resizing", "padded", _IMAGE, 5, 6, pad_to_aspect_ratio=True)
    yield layer("Resizing", "open", between(0, 255, 9, 7, 3).open(0, 1), 5, 11)
    yield layer("Resizing", "channels_first", between(0, 255, 3, 9, 7), 5, 11, data_format="channels_first")
    yield layer("Normalization", "", (4, 3), mean=[1.0, 2.0, 3.0], variance=[4.0, 0.5, 1.0])
    yield layer("Normalization", "inverted", (4, 3), mean=[1.0, 2.0, 3.0], variance=[4.0, 0.5, 1.0], invert=True)
    yield layer("Normalization", "scalar", (4, 3), axis=None, mean=1.0, variance=4.0)
    yield model("Pipeline", "", [_IMAGE], _pipeline)
    yield model("MaxNumBoundingBoxes", "", [_IMAGE, between(0, 9, 3, 4), whole(0, 5, 3, dtype="float32")], _boxes)


def _pipeline(x: Any) -> Any:
    layers = keras().layers
    return layers.Pipeline([layers.AutoContrast(), layers.RandomZoom(0.2), layers.Rescaling(1 / 255)])(x)


def _boxes(images: Any, boxes: Any, labels: Any) -> Any:
    boxed = {"images": images, "bounding_boxes": {"boxes": boxes, "labels": labels}}
    found = keras().layers.MaxNumBoundingBoxes(5, bounding_box_format="xyxy")(boxed)
    return [found["bounding_boxes"]["boxes"], found["bounding_boxes"]["labels"]]


def _signals() -> Iterator[Case]:
    wave = normal(200)
    yield layer("MelSpectrogram", "", wave, fft_length=64, sequence_stride=32, sampling_rate=8000, num_mel_bins=10)
    for mode in ("log", "magnitude", "psd", "real", "imag", "angle", "stft"):
        kwargs = {"frame_length": 64, "frame_step": 32, "fft_length": 64}
        yield layer("STFTSpectrogram", mode, (200, 1), mode=mode, **kwargs)


def _categories() -> Iterator[Case]:
    for mode in ("int", "one_hot", "multi_hot", "count"):
        yield layer("Discretization", mode, (4,), bin_boundaries=[-1.0, 0.0, 0.5], output_mode=mode)
        yield layer("Hashing", mode, words(_WORDS, 4), 3, output_mode=mode)
        yield layer("IntegerLookup", mode, _integers(), vocabulary=[2, 3, 5, 7], output_mode=mode)
        yield layer("StringLookup", mode, words(_WORDS, 4), vocabulary=list(_WORDS[:3]), output_mode=mode)
        if mode != "int":
            yield layer("CategoryEncoding", mode, whole(0, 5, 1 if mode == "one_hot" else 4), 5, output_mode=mode)
    yield model("CategoryEncoding", "weighted", [whole(0, 5, 4), normal(4)], _weighted)
    yield layer("Hashing", "integers", _integers(), 3)
    yield layer("Hashing", "salted", _integers(), 3, salt=133)
    for mode in ("int", "one_hot"):
        yield model("HashedCrossing", mode, [words(_WORDS), words(_WORDS)], _crossed(mode))
    yield layer("IntegerLookup", "inverted", whole(0, 5, 4, dtype="int64"), vocabulary=[2, 3, 5, 7], invert=True)
    yield layer("IntegerLookup", "oov", _integers(), vocabulary=[2, 3, 5, 7], num_oov_indices=3)
    yield layer("StringLookup", "inverted", whole(0, 4, 4, dtype="int64"), vocabulary=list(_WORDS[:3]), invert=True)
    yield layer("StringLookup", "oov", words(_WORDS, 4), vocabulary=list(_WORDS[:2]), num_oov_indices=2)
    tf_idf = {"output_mode": "tf_idf", "idf_weights": [0.5, 1.0, 2.0]}
    yield layer("StringLookup", "tf_idf", words(_WORDS, 4), vocabulary=list(_WORDS[:3]), **tf_idf)


def _integers() -> Any:
    return whole(0, 9, 4, dtype="int64")


def _weighted(x: Any, weights: Any) -> Any:
    return keras().layers.CategoryEncoding(5, output_mode="count")(x, count_weights=weights)


def _crossed(mode: str) -> Any:
    return lambda a, b: keras().layers.HashedCrossing(5, output_mode=mode)([a, b])


def _text() -> Iterator[Case]:
    sentences = words(("Red, green!", "blue mauve", "green"), 1)
    vocabulary = list(_WORDS[:3])
    for mode in ("int", "multi_hot", "count"):
        kwargs: dict[str, Any] = {"output_sequence_length": 4} if mode == "int" else {}
        yield layer("TextVectorization", mode, sentences, vocabulary=vocabulary, output_mode=mode, **kwargs)
    yield layer("TextVectorization", "ngrams", sentences, vocabulary=vocabulary, ngrams=2, output_sequence_length=4)
    characters = {"split": "character", "standardize": "lower", "output_sequence_length": 6}
    yield layer("TextVectorization", "characters", sentences, vocabulary=["r", "e", "d"], **characters)


PREPROCESSING: tuple[Case, ...] = (*_images(), *_signals(), *_categories(), *_text())
