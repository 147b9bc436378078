"""Whole models: ``keras.applications`` at small sizes, nets as people build them, and SavedModels of plain TensorFlow.

No weights are fetched. Classifiers give logits, which tell more than probabilities that are all alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from case import Case
from feeds import Feed, between
from zoo_keras import KERAS_NETS
from zoo_tensorflow import TENSORFLOW_NETS

from tfjsci.graph.tensorflow import keras


@dataclass(frozen=True, kw_only=True)
class _Application:
    """One of ``keras.applications``: its class, the size of its images, what it is made with, and the pixels it expects."""

    of: str
    size: int = 64
    pixels: tuple[float, float] = (-1.0, 1.0)
    options: dict[str, Any] = field(default_factory=dict)


_BYTES = (0.0, 255.0)  # these scale the pixels themselves
_SMALL_TOP = {"include_top": False, "pooling": "avg"}

_APPLICATIONS = (
    _Application(of="ConvNeXtTiny", pixels=_BYTES, options=_SMALL_TOP),
    _Application(of="DenseNet121"),
    _Application(of="DenseNet169", options=_SMALL_TOP),
    _Application(of="EfficientNetB0", pixels=_BYTES),
    _Application(of="EfficientNetB3", pixels=_BYTES, options=_SMALL_TOP),
    _Application(of="EfficientNetV2B0", pixels=_BYTES),
    _Application(of="EfficientNetV2S", pixels=_BYTES, options=_SMALL_TOP),
    _Application(of="InceptionResNetV2", size=75, options=_SMALL_TOP),
    _Application(of="InceptionV3", size=75),
    _Application(of="MobileNet"),
    _Application(of="MobileNetV2", size=96),
    _Application(of="MobileNetV3Large", pixels=_BYTES),
    _Application(of="MobileNetV3Small", pixels=_BYTES),
    _Application(of="NASNetMobile", options=_SMALL_TOP),
    _Application(of="ResNet101V2", options=_SMALL_TOP),
    _Application(of="ResNet50"),
    _Application(of="ResNet50V2"),
    _Application(of="VGG16", size=48, options=_SMALL_TOP),
    _Application(of="VGG19", size=48, options=_SMALL_TOP),
    _Application(of="Xception", size=71),
)


def _application(net: _Application) -> Case:
    shape = (net.size, net.size + (0 if "include_top" not in net.options else 8), 3)  # not square where that is allowed

    def build() -> Any:
        top = {} if "include_top" in net.options else {"classifier_activation": None}
        return getattr(keras().applications, net.of)(weights=None, input_shape=shape, **top, **net.options)

    return Case(
        name=f"zoo/{net.of}",
        kind="zoo",
        of="",
        feeds=(Feed(shape=(1, *shape), dtype="float32", draw=between(*net.pixels).draw, free=frozenset({0})),),
        build=build,
        settled=True,
    )


def _all() -> Iterator[Case]:
    yield from KERAS_NETS
    yield from TENSORFLOW_NETS
    for net in _APPLICATIONS:
        yield _application(net)


ZOO_CASES: tuple[Case, ...] = tuple(_all())
