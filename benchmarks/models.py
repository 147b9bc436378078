"""The models that are measured: MobileNetV2 and ResNet50V2 at 224², logits out, with batch norm that does something.

``weights=None`` needs no download. Fresh batch norm is the identity, which would hide a wrong folding, so its
statistics are drawn at random; without the softmax the outputs spread, and a wrong number shows.
"""

from __future__ import annotations

import os
from pathlib import Path

NAMES = ("MobileNetV2", "ResNet50V2")


def make_models(folder: Path) -> None:
    """Write each model as ``NAME.keras``, ``NAME.h5`` and the SavedModel ``NAME`` unless it is there."""
    if all((folder / f"{name}.done").exists() for name in NAMES):
        return
    os.environ.update(TF_ENABLE_ONEDNN_OPTS="0", TF_CPP_MIN_LOG_LEVEL="2")
    import keras
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        keras.utils.set_random_seed(1)
        model = getattr(keras.applications, name)(weights=None, classifier_activation=None)
        rng = np.random.default_rng(0)
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                gamma, beta, mean, variance = layer.get_weights()
                layer.set_weights(
                    [
                        rng.uniform(0.5, 1.5, gamma.shape),
                        rng.normal(0, 0.1, beta.shape),
                        rng.normal(0, 0.1, mean.shape),
                        rng.uniform(0.5, 1.5, variance.shape),
                    ]
                )
        model.save(folder / f"{name}.keras")
        model.save(folder / f"{name}.h5")
        model.export(folder / name, verbose=False)
        (folder / f"{name}.done").touch()
