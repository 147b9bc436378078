"""``make_model.py NAME``: one net as a SavedModel, one input, and what TensorFlow makes of it. In a process of its own."""

from __future__ import annotations

import sys

import numpy as np

from tfjsci.graph.tensorflow import keras, tensorflow

from .nets import NETS
from .places import model_of, reference_of
from .weights import randomise


def main(name: str) -> None:
    """Write the SavedModel, then the reference: whoever finds the reference finds both."""
    tf = tensorflow()
    net = NETS[name]
    keras().utils.set_random_seed(1)
    model = net.build()
    randomise(model)
    model.export(model_of(name), verbose=False)
    signature = tf.saved_model.load(str(model_of(name))).signatures["serving_default"]
    _, inputs = signature.structured_input_signature
    (input_name,) = inputs
    given = net.draw(np.random.default_rng(0))
    ((output_name, output),) = signature(**{input_name: tf.constant(given)}).items()
    assert float(np.std(output)) > 0.05, "the logits must spread, or a wrong number doesn't show"
    np.savez(reference_of(name), input=given, output=output.numpy(), input_name=input_name, output_name=output_name)


if __name__ == "__main__":
    main(sys.argv[1])
