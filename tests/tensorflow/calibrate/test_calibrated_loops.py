"""A recurrent layer's loop sums up its states itself: the sums are those of the states that Keras gives, and they pay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tfjsci.calibrate.calibrate import calibrate
from tfjsci.calibrate.loops import loop_readings, with_sums
from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.converter import Converted, convert
from tfjsci.graph.graph import Graph, node_of
from tfjsci.graph.running import runnable
from tfjsci.graph.tensorflow import keras
from tfjsci.load.in_memory import load_in_memory
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.simulated import with_values

UNITS = 24
SEQUENCES = np.cumsum(np.random.default_rng(0).normal(size=(40, 7, 5)), axis=1).astype(np.float32)
INT4 = Scheme(name="int4")


@pytest.fixture(scope="module")
def model() -> Iterator[Any]:
    k = keras()
    k.utils.set_random_seed(0)
    x = k.Input((7, 5), name="x")
    yield k.Model(x, k.layers.SimpleRNN(UNITS, return_sequences=True, name="rnn")(x))
    k.backend.clear_session()


@pytest.fixture(scope="module")
def converted(model: Any) -> Converted:
    return convert(load_in_memory(model, signature=None), backends=("wasm",), unroll_loops=1)


def recurrent(graph: Graph) -> str:
    """The kernel that the loop's body reads."""
    (name,) = (
        name
        for body in graph.functions.values()
        for name, constant in body.graph.constants.items()
        if constant.value.shape == (UNITS, UNITS)
    )
    return name


def test_the_loop_sums_up_its_states(model: Any, converted: Converted) -> None:
    graph = plain_ops(converted.graph)
    found = loop_readings(graph, recurrent(graph))
    assert isinstance(found, tuple), found
    summing, tensors = with_sums(graph, {found[0]: UNITS})
    (total,) = run(replace(summing, outputs=(tensors[found[0]],)), converted)
    states = model.predict(SEQUENCES, verbose=0)[:, :-1].reshape(-1, UNITS)  # the first step's state is zero
    assert np.allclose(total, states.T @ states, rtol=1e-4, atol=1e-4)
    assert np.allclose(run(graph, converted)[0], run(summing, converted)[0], atol=1e-6)


def test_calibrating_the_loops_kernel_pays(converted: Converted) -> None:
    graph = converted.graph
    name, calls = recurrent(graph), [{node_of(converted.inputs[0].tensor): SEQUENCES}]
    prepared = calibrate(graph, {name: INT4}, calls).prepared
    nearest = calibrate(graph, {name: INT4}, calls, feedback=False, whole_range=False).prepared
    wanted = run(graph, converted)[0]
    errors = [
        float(np.square(run(with_values(graph, values), converted)[0] - wanted).mean())
        for values in (prepared, nearest)
    ]
    assert errors[0] < errors[1] / 1.5


def run(graph: Graph, converted: Converted) -> list[Any]:
    return runnable(plain_ops(graph))({node_of(converted.inputs[0].tensor): SEQUENCES})
