"""Make three small models of which one fails, one warns and one passes, to see what tfjsci says of each.

    python make_models.py

takes a few seconds and rewrites `models/` and `samples/` beside this file. README.md tells what is wrong with them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
SEED = 7
EPOCHS = 15
SAMPLES = 64
ACCURACY_WANTED = 0.95


def spread(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """How the ink of [n, 8, 8, 1] is spread: variance along x, along y, and their covariance, each [n]."""
    ink = images[..., 0] / tf.reduce_sum(images, axis=[1, 2, 3])[:, tf.newaxis, tf.newaxis]
    position = tf.range(8.0)
    x = tf.reshape(position, [1, 1, 8]) - tf.reduce_sum(ink * position, axis=[1, 2], keepdims=True)
    y = tf.reshape(position, [1, 8, 1]) - tf.reduce_sum(ink * position[:, tf.newaxis], axis=[1, 2], keepdims=True)
    return tuple(tf.reduce_sum(ink * product, axis=[1, 2]) for product in (x * x, y * y, x * y))


def slant_by_eigenvectors(images: tf.Tensor) -> dict[str, tf.Tensor]:
    """How far each digit leans: the angle between its main axis and the vertical, in radians, [n]."""
    xx, yy, xy = spread(images)
    covariance = tf.stack([tf.stack([xx, xy], axis=-1), tf.stack([xy, yy], axis=-1)], axis=-2)
    _, vectors = tf.linalg.eigh(covariance)  # ascending: the last is the main axis
    return {"slant": tf.atan(vectors[:, 0, 1] / vectors[:, 1, 1])}


def slant_by_formula(images: tf.Tensor) -> dict[str, tf.Tensor]:
    """The same angle: two by two is small enough to be solved on paper."""
    xx, yy, xy = spread(images)
    return {"slant": tf.atan2(2 * xy, yy - xx) / 2}


def save_function(function: Callable[[tf.Tensor], dict[str, tf.Tensor]], folder: Path) -> None:
    """A SavedModel whose one signature takes `images`."""
    module = tf.Module()
    module.serve = tf.function(function, input_signature=[tf.TensorSpec([None, 8, 8, 1], tf.float32, name="images")])
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.serve})


def dense_net() -> keras.Model:
    """`images` float32 [n, 8, 8, 1] -> `digit`: ten probabilities, from far more weights than that takes."""
    images = layers.Input((8, 8, 1), name="images")
    x = layers.Flatten()(images)
    x = layers.Dense(256, activation="relu")(x)
    x = layers.Dense(128, activation="relu")(x)
    return keras.Model(images, layers.Dense(10, activation="softmax", name="digit")(x), name="digits_dense")


def main() -> None:
    """Train the dense net, check that it learned, save all three."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    found = load_digits()
    images = (found.images / 16).astype(np.float32)[..., np.newaxis]
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, found.target, test_size=0.25, stratify=found.target, random_state=SEED
    )
    trained = dense_net()
    trained.compile("adam", "sparse_categorical_crossentropy")
    trained.fit(train_images, train_labels, epochs=EPOCHS, verbose=2)
    guesses = trained.predict(test_images, verbose=0).argmax(axis=-1)
    accuracy = float((guesses == test_labels).mean())
    print(f"{accuracy:.1%} of {len(test_labels)} test images are right")
    if accuracy < ACCURACY_WANTED:
        raise SystemExit(f"that is less than {ACCURACY_WANTED:.0%}: nothing was saved")

    models = HERE / "models"
    shutil.rmtree(models, ignore_errors=True)
    models.mkdir(parents=True)
    fresh = dense_net()  # without the optimizer's state
    fresh.set_weights(trained.get_weights())
    fresh.save(models / "digits_dense.keras")
    save_function(slant_by_eigenvectors, models / "slant_eigenvectors")
    save_function(slant_by_formula, models / "slant_formula")
    (HERE / "samples").mkdir(exist_ok=True)
    np.savez_compressed(HERE / "samples" / "digits.npz", images=test_images[:SAMPLES])


if __name__ == "__main__":
    main()
