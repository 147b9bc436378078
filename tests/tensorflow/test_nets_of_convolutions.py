"""Nets of convolutional layers from Keras: what is left of their transposes and reshapes, and their numbers on every backend.

Keras on the CPU can't run every channels-first layer; the reference is the same net with its channels last and the same weights.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tfjsci.converter import Converted, convert, write_variant
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.tensorflow import keras

if TYPE_CHECKING:
    from tfjsci.browser.session import BrowserSession

SIZES = {1: (24,), 2: (16, 20), 3: (8, 8, 12)}
CHANNELS = 3


class Layers:
    """Keras' layers with the data format filled in."""

    def __init__(self, dimensions: int, *, first: bool) -> None:
        self.layers = keras().layers
        self.format = "channels_first" if first else "channels_last"
        self.axis = 1 if first else -1
        size = SIZES[dimensions]
        self.input = keras().Input((CHANNELS, *size) if first else (*size, CHANNELS), name="x")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A layer that has a data format."""
        return lambda *args, **options: getattr(self.layers, name)(*args, data_format=self.format, **options)

    def norm(self, x: Any) -> Any:
        return self.layers.BatchNormalization(axis=self.axis)(x)

    def relu(self, x: Any) -> Any:
        return self.layers.ReLU()(x)

    def model(self, output: Any) -> Any:
        return keras().Model(self.input, output)


def classifier(net: Layers) -> Any:
    """Convolutions with batch norm and ReLU, a residual, pools, a depthwise convolution, a global pool and a dense layer."""
    x = net.input
    for filters in (8, 8, 16):
        x = net.relu(net.norm(net.Conv2D(filters, 3, padding="same", use_bias=False)(x)))
    y = net.norm(net.Conv2D(16, 3, padding="same")(x))
    x = net.MaxPooling2D(2)(net.relu(net.layers.Add()([x, y])))
    x = net.relu(net.norm(net.DepthwiseConv2D(3, strides=2, padding="same")(x)))
    x = net.GlobalAveragePooling2D()(net.AveragePooling2D(2, padding="same")(x))
    return net.model(net.layers.Dense(5)(x))


def pre_activated(net: Layers) -> Any:
    """Norm and activation before the convolutions, squeeze and excitation, padding, cropping, joining: images out."""
    x = net.Conv2D(8, 3, padding="same")(net.input)
    for _ in range(2):
        y = net.Conv2D(8, 3, padding="same")(net.layers.Activation("swish")(net.norm(x)))
        y = net.Conv2D(8, 3)(net.ZeroPadding2D(1)(net.layers.LeakyReLU()(net.norm(y))))
        z = net.Conv2D(4, 1, activation="relu")(net.GlobalAveragePooling2D(keepdims=True)(y))
        y = net.layers.Multiply()([y, net.Conv2D(8, 1, activation="sigmoid")(z)])
        x = net.layers.Add()([x, y])
    x = net.layers.Concatenate(axis=net.axis)([x, net.Conv2D(4, 1)(x)])
    return net.model(net.layers.Activation("tanh")(net.Cropping2D(1)(net.Conv2D(2, 1, groups=2)(x))))


def upwards(net: Layers) -> Any:
    """Transposed convolutions, whose sizes Keras computes from the batch's."""
    x = net.relu(net.norm(net.Conv2DTranspose(4, 3, strides=2, padding="same")(net.input)))
    x = net.relu(net.Conv2DTranspose(4, 3, output_padding=1, strides=2)(x))
    return net.model(net.Conv2D(2, 3, dilation_rate=2)(x))


def sequence(net: Layers) -> Any:
    """Dilated convolutions of a sequence, with a residual."""
    x = net.relu(net.norm(net.Conv1D(8, 3, padding="same")(net.input)))
    for rate in (2, 4):
        y = net.relu(net.norm(net.Conv1D(8, 3, padding="same", dilation_rate=rate)(x)))
        x = net.layers.Add()([x, net.Conv1D(8, 1)(y)])
    return net.model(net.layers.Dense(3)(net.GlobalMaxPooling1D()(net.MaxPooling1D(2)(x))))


def volumes(net: Layers) -> Any:
    """Convolutions in three dimensions, down and up again."""
    x = net.relu(net.norm(net.Conv3D(4, 3, padding="same")(net.input)))
    x = net.MaxPooling3D(2)(net.relu(net.Conv3D(4, 2, strides=2, padding="same")(x)))
    return net.model(net.Conv3DTranspose(2, 2, strides=2)(x))


NETS: dict[str, tuple[Callable[[Layers], Any], int, int]] = {
    "classifier": (classifier, 2, 1),  # its result has no image left to transpose
    "pre_activated": (pre_activated, 2, 2),
    "upwards": (upwards, 2, 2),
    "sequence": (sequence, 1, 1),
    "volumes": (volumes, 3, 4),  # two of them put the phases of the transposed convolution between its pixels
}
"""Name -> the net, how many dimensions it works in, and the transposes that are left of it with its channels first."""


def build(name: str, *, first: bool) -> Any:
    """With statistics and biases that do something."""
    k = keras()
    k.utils.set_random_seed(0)
    made, dimensions, _ = NETS[name]
    model = made(Layers(dimensions, first=first))
    rng = np.random.default_rng(0)
    model.set_weights([w + rng.uniform(0.1, 0.4, w.shape) if w.ndim == 1 else w for w in model.get_weights()])
    return model


def converted_net(name: str, folder: Path, *, first: bool) -> Converted:
    build(name, first=first).save(folder / "net.keras")
    return convert(folder / "net.keras", backends=BACKENDS)


def ops_of(converted: Converted) -> Counter[str]:
    return Counter(node.op for node in converted.graph)


@pytest.mark.parametrize("name", NETS)
def test_channels_first_costs_two_transposes(name: str, tmp_path: Path) -> None:
    converted = converted_net(name, tmp_path, first=True)
    assert converted.check.unsupported == ()
    assert ops_of(converted)["Transpose"] == NETS[name][2]


def test_batch_norms_are_folded_whatever_comes_first(tmp_path: Path) -> None:
    ops = ops_of(converted_net("classifier", tmp_path, first=True))
    assert (ops["_FusedConv2D"], ops["FusedDepthwiseConv2dNative"]) == (4, 1)
    assert not {"Mul", "BiasAdd", "FusedBatchNormV3"} & set(ops)


@pytest.mark.parametrize("first", [False, True])
def test_a_sequence_is_fused_like_an_image(first: bool, tmp_path: Path) -> None:
    ops = ops_of(converted_net("sequence", tmp_path, first=first))
    assert ops["_FusedConv2D"] == 5
    assert ops["ExpandDims"] == ops["Squeeze"] == 2  # the other pair is the global pool's
    assert not {"SpaceToBatchND", "BatchToSpaceND", "Mul", "BiasAdd"} & set(ops)


QUICK = {("pre_activated", False), ("classifier", True), ("volumes", False)}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "first"),
    [
        pytest.param(*each, marks=() if each in QUICK else pytest.mark.slow)
        for each in itertools.product(NETS, (True, False))
    ],
)
def test_it_is_right_on_every_backend(name: str, first: bool, browser_session: BrowserSession, tmp_path: Path) -> None:
    converted = converted_net(name, tmp_path, first=first)
    folder = write_variant(converted, tmp_path / "float").folder
    last = build(name, first=False)
    size = SIZES[NETS[name][1]]
    x = np.random.default_rng(1).normal(size=(2, *size, CHANNELS)).astype(np.float32)
    wanted = np.asarray(last(x))
    sample = {converted.inputs[0].name: np.moveaxis(x, -1, 1) if first else x}
    for backend in BACKENDS:
        (found,) = browser_session.predict(folder, backend, [sample], deadline_seconds=300)
        (output,) = found.outputs.values()
        if first and wanted.ndim > 2:
            output = np.moveaxis(output, 1, -1)
        assert output.shape == wanted.shape
        error = np.abs(output - wanted).max() / np.abs(wanted).max()
        assert error < 1e-4, f"{backend}: {error}"  # a few hundred products summed up in another order
