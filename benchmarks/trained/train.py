"""``python -m benchmarks.trained.train NAME``: train one model and write it down. In a process of its own, seeds fixed."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from tfjsci.graph.tensorflow import keras, tensorflow

from .data import Data
from .net import Trained
from .nets import NETS
from .places import model_of, samples_of

CALIBRATION = 256
"""Samples of the training part that are kept to calibrate with; what is held out stays held out."""


def main(name: str) -> None:
    """The SavedModel first, the samples last."""
    tf, net = tensorflow(), NETS[name]
    start = time.monotonic()
    data = net.data()
    model = trained(net, data, seed=1)
    model.export(model_of(name), verbose=False)
    signature = tf.saved_model.load(str(model_of(name))).signatures["serving_default"]
    _, inputs = signature.structured_input_signature
    (input_name,) = inputs
    ((output_name, output),) = signature(**{input_name: tf.constant(data.held_x)}).items()
    samples_of(name).parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        samples_of(name),
        input_name=input_name,
        output_name=output_name,
        calibration=data.train_x[:CALIBRATION],
        held=data.held_x,
        labels=data.held_y,
        reference=output.numpy(),
    )
    right = f", accuracy {np.mean(np.argmax(output, axis=-1) == data.held_y):.4f}" if net.kind == "classifier" else ""
    print(f"{name}: {model.count_params()} parameters, {time.monotonic() - start:.0f} s{right}")


def trained(net: Trained, data: Data, *, seed: int) -> Any:
    """The Keras model after its epochs; the same for the same seed, on the same machine."""
    tf, k = tensorflow(), keras()
    k.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = net.build()
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True) if net.kind == "classifier" else "mse"
    model.compile(optimizer=k.optimizers.Adam(net.learning_rate), loss=loss)
    model.fit(data.train_x, data.train_y, batch_size=64, epochs=net.epochs, verbose=0)
    return model


if __name__ == "__main__":
    main(sys.argv[1])
