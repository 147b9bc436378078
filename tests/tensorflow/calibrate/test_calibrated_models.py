"""Calibration with TensorFlow's own activations: convolutions of every kind of padding, fused ops, several readers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.calibrate.calibrate import calibrate
from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.calibrate.readings import readings_of
from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.running import NotRunnable, runnable
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.simulated import with_values

INT4 = Scheme(name="int4")
WEIGHTS = ("explicit", "depthwise", "dilated", "strided", "head")
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def graph() -> Graph:
    """Smooth images through four convolutions, one of them fused, and a product that its weight is in twice."""
    draft = Draft()
    x = draft.input("x", (None, 9, 8, 2))
    draft.const("explicit", RNG.normal(size=(3, 2, 2, 6)) / 3)
    draft.const("depthwise", RNG.normal(size=(3, 3, 6, 2)) / 3)
    draft.const("dilated", RNG.normal(size=(3, 2, 12, 16)) / 6)
    draft.const("strided", RNG.normal(size=(2, 3, 16, 24)) / 8)
    draft.const("bias", RNG.normal(size=12) / 5)
    draft.const("head", RNG.normal(size=(24, 24)) / 5)
    draft.const("places", np.array([1, 2], np.int32))
    padding = {"padding": b"EXPLICIT", "explicit_paddings": (0, 0, 2, 1, 0, 3, 0, 0)}
    attrs: dict[str, Any] = {"dilations": (1, 1, 1, 1), "data_format": b"NHWC"}
    a = draft.typed("Conv2D", "a", x, "explicit", strides=(1, 2, 1, 1), **attrs, **padding)
    fused = {"fused_ops": (b"BiasAdd", b"Relu"), "num_args": 1, "padding": b"SAME", "explicit_paddings": ()}
    b = draft.typed("FusedDepthwiseConv2dNative", "b", a, "depthwise", "bias", strides=(1, 1, 1, 1), **attrs, **fused)
    c = draft.typed("Relu", "c", draft.conv("c0", b, "dilated", padding="VALID", dilations=(1, 2, 3, 1)))
    d = draft.typed("Relu", "d", draft.conv("d0", c, "strided", strides=2))
    pooled = draft.typed("Mean", "pooled", d, "places", keep_dims=False, Tidx=_int32())
    first = draft.typed("Relu", "first", draft.matmul("m1", pooled, "head"))
    return _typed(draft.graph(draft.matmul("m2", first, "head")))


def images(samples: int, seed: int) -> np.ndarray:
    """Neighbouring pixels are alike, as in pictures."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(samples, 3, 4, 2)).repeat(3, axis=1).repeat(2, axis=2)
    return np.asarray(coarse + 0.1 * rng.normal(size=coarse.shape), np.float32)


def test_each_convolution_is_the_product_of_its_windows(graph: Graph) -> None:
    """The rows that the Hessians are made of, times the kernel, are what TensorFlow computes."""
    plain = plain_ops(graph)
    for name in WEIGHTS:
        found = readings_of(plain, name)
        assert isinstance(found, tuple), found
        node = plain.readers[name][0]
        activation, wanted = _values(plain, [found[0].activation, node.name], images(3, 0))
        rows = np.concatenate(list(found[0].rows(activation)), axis=1)
        kernel = plain.constants[name].value
        if found[0].layout == "depthwise":
            taps = kernel.reshape(9, 6, 2).transpose(1, 0, 2)
            made = (rows @ taps).transpose(1, 0, 2)
        else:
            made = rows[0] @ kernel.reshape(-1, kernel.shape[-1])
        assert np.allclose(made.reshape(wanted.shape), wanted, atol=1e-4), name


def test_the_outputs_come_nearer(graph: Graph) -> None:
    calls = [{"x": images(32, seed)} for seed in range(1, 5)]
    schemes = dict.fromkeys(WEIGHTS, INT4)
    done = calibrate(graph, schemes, calls)
    assert set(done.prepared) == set(WEIGHTS)
    assert not done.plain
    nearest = calibrate(graph, schemes, calls, feedback=False, make_up=False, whole_range=False)
    held = images(64, 9)
    wanted, *found = (
        _values(plain_ops(with_values(graph, values)), graph.outputs, held)[0]
        for values in ({}, done.prepared, nearest.prepared)
    )
    calibrated, rounded = (float(np.square(each - wanted).mean()) for each in found)
    assert calibrated < rounded / 2.5  # 4 dB


def test_what_tensorflow_refuses_is_told(graph: Graph) -> None:
    with pytest.raises(NotRunnable):
        calibrate(graph, {"explicit": INT4}, [{"x": np.zeros((1, 9, 8, 5), np.float32)}])


def _values(graph: Graph, tensors: Any, x: np.ndarray) -> list[np.ndarray]:
    return [np.asarray(value) for value in runnable(replace(graph, outputs=tuple(tensors)))({"x": x})]


def _typed(graph: Graph) -> Graph:
    return graph.with_types(infer_types(plain_ops(graph)))


def _int32() -> Any:
    return DType("int32")
