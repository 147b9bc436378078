"""Train a small convolutional net on scikit-learn's digits, and save it in the three formats that tfjsci reads.

    python train.py

takes well under a minute on two CPU cores and rewrites `models/` and `samples/` beside this file. The files in the
repository were written with TensorFlow 2.16 and Keras 3.3 (see README.md), so that newer versions can read them too.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
SEED = 7
EPOCHS = 30
SAMPLES = 64
ACCURACY_WANTED = 0.97


def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """1797 scanned digits [n, 8, 8, 1] in [0, 1] and their labels [n]: images and labels for training and for testing."""
    found = load_digits()
    images = (found.images / 16).astype(np.float32)[..., np.newaxis]
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, found.target, test_size=0.25, stratify=found.target, random_state=SEED
    )
    return train_images, train_labels, test_images, test_labels


def block(x: keras.KerasTensor, filters: int, *, stride: int) -> keras.KerasTensor:
    """Depthwise, then pointwise: what MobileNet is made of, and what quantises worst."""
    x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU(max_value=6)(x)
    x = layers.Conv2D(filters, 1, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU(max_value=6)(x)


def build() -> keras.Model:
    """`images` float32 [n, 8, 8, 1] -> `digit`: ten probabilities."""
    images = layers.Input((8, 8, 1), name="images")
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(images)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = block(x, 64, stride=1)
    x = block(x, 96, stride=2)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    digit = layers.Dense(10, activation="softmax", name="digit")(x)
    return keras.Model(images, digit, name="digits")


def train(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> None:
    """Adam with a cosine decay; the images are shifted by up to one pixel, since there are only 1347 of them."""
    batches = (
        tf.data.Dataset.from_tensor_slices((images, labels))
        .shuffle(len(images), seed=SEED)
        .map(
            lambda image, label: (tf.image.random_crop(tf.pad(image, [[1, 1], [1, 1], [0, 0]]), [8, 8, 1], SEED), label)
        )
        .batch(32)
    )
    decay = keras.optimizers.schedules.CosineDecay(4e-3, EPOCHS * len(batches))
    model.compile(keras.optimizers.Adam(decay), "sparse_categorical_crossentropy")
    model.fit(batches, epochs=EPOCHS, verbose=2)


def save(trained: keras.Model, folder: Path) -> None:
    """One net, three formats; a fresh copy, so that no optimizer state is saved with it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = build()
    model.set_weights(trained.get_weights())
    model.save(folder / "digits.keras")
    model.save(folder / "digits.h5")
    model.export(folder / "digits_savedmodel")


def save_samples(images: np.ndarray, labels: np.ndarray, folder: Path) -> None:
    """What the net is tried on: `images` and `labels` in one file, and a picture of them, four times as large."""
    folder.mkdir(exist_ok=True)
    np.savez_compressed(folder / "digits.npz", images=images, labels=labels.astype(np.int32))
    framed = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    grid = framed.reshape(8, 8, 10, 10).transpose(0, 2, 1, 3).reshape(80, 80, 1)
    picture = (255 * (1 - grid)).astype(np.uint8).repeat(4, axis=0).repeat(4, axis=1)
    tf.io.write_file(str(folder / "preview.png"), tf.io.encode_png(picture))


def main() -> None:
    """Train, check that it learned, save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    train_images, train_labels, test_images, test_labels = digits()
    model = build()
    model.summary()
    train(model, train_images, train_labels)
    guesses = model.predict(test_images, verbose=0).argmax(axis=-1)
    accuracy = float((guesses == test_labels).mean())
    print(f"{accuracy:.1%} of {len(test_labels)} test images are right")
    if accuracy < ACCURACY_WANTED:
        raise SystemExit(f"that is less than {ACCURACY_WANTED:.0%}: nothing was saved")
    save(model, HERE / "models")
    save_samples(test_images[:SAMPLES], test_labels[:SAMPLES], HERE / "samples")


if __name__ == "__main__":
    main()
