"""Writes tf_keras.h5, tf_keras_weights.h5, tf_keras.json and tf_keras.npz: a trained model of Keras 2, and what it predicts.

It needs tf_keras, which the project itself doesn't: ``python -m pip install tf_keras`` in an environment of its own, then
``python tests/end_to_end/golden/make_tf_keras_h5.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tf_keras as k

HERE = Path(__file__).parent


def main() -> None:
    k.utils.set_random_seed(5)
    image, words = k.Input((6, 8, 3), name="image"), k.Input((5,), dtype="int32", name="words")
    x = k.layers.Conv2D(4, (2, 3), strides=(1, 2), padding="same", use_bias=False, name="conv")(image)
    x = k.layers.LeakyReLU(alpha=0.2, name="leaky")(k.layers.BatchNormalization(name="norm")(x))
    x = k.layers.UpSampling2D((2, 1), name="up")(k.layers.DepthwiseConv2D(3, name="depthwise")(x))
    picture = k.layers.GlobalMaxPooling2D(name="pool")(x)
    text = k.Sequential(
        [
            k.layers.Embedding(11, 6, name="embed"),
            k.layers.Bidirectional(
                k.layers.GRU(3, recurrent_activation="hard_sigmoid", reset_after=False), name="read"
            ),
        ],
        name="text",
    )
    both = k.layers.Concatenate(name="both")([picture, text(words)])
    outputs = [
        k.layers.Dense(3, activation="softmax", name="zeta")(both),
        k.layers.Dense(2, activation="elu", name="alpha")(both),
    ]
    model = k.Model([image, words], outputs, name="of_keras_2")
    draw = np.random.default_rng(5)
    arrays = {"image": draw.normal(size=(16, 6, 8, 3)), "words": draw.integers(0, 11, (16, 5))}
    wanted = [np.eye(3)[draw.integers(0, 3, 16)], draw.normal(size=(16, 2))]
    model.compile(k.optimizers.legacy.Adam(0.05), ["categorical_crossentropy", "mse"])
    model.fit(arrays, wanted, epochs=3, batch_size=4, shuffle=False, verbose=0)
    given = {"image": arrays["image"][:2].astype("float32"), "words": arrays["words"][:2].astype("int32")}
    predicted = model(given, training=False)
    model.save(HERE / "tf_keras.h5")
    model.save_weights(HERE / "tf_keras_weights.h5", save_format="h5")
    (HERE / "tf_keras.json").write_text(model.to_json(), encoding="utf-8")
    np.savez(HERE / "tf_keras.npz", **given, **{f"out{i}": value for i, value in enumerate(predicted)})


if __name__ == "__main__":
    main()
