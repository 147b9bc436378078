"""The image classifiers of keras.applications, logits out.

The larger ones take smaller images than the 224² (InceptionV3: 299²) they were made for: a software renderer takes 2 to 8 s
for one inference at full size, and the ratio of two converters' times hardly depends on it.
"""

from __future__ import annotations

from typing import Any

from ..net import Draw, Net, normals, pixels


def _net(name: str, size: int, draw: Draw, **options: Any) -> Net:
    def build() -> Any:
        import keras

        make = getattr(keras.applications, name)
        return make(weights=None, classifier_activation=None, input_shape=(size, size, 3), **options)

    return Net(name=name, build=build, draw=draw, size=f"{size}²")


NETS = (
    _net("MobileNetV2", 224, normals(224, 224, 3)),
    _net("MobileNetV3Small", 224, pixels(224)),
    _net("EfficientNetB0", 224, pixels(224)),
    _net("EfficientNetV2B0", 224, pixels(224)),
    _net("ResNet50V2", 128, normals(128, 128, 3)),
    _net("DenseNet121", 128, normals(128, 128, 3)),
    _net("InceptionV3", 139, normals(139, 139, 3)),
    _net("NASNetMobile", 160, normals(160, 160, 3)),
    _net("ConvNeXtTiny", 128, pixels(128)),
)
