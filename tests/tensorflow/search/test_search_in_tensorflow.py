"""The search on a real graph: what it predicts is what is written, and the answer is the same each time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import tfjsci
from tfjsci.artifact.quantize import Quantization
from tfjsci.converter import Converted, convert, describe, write_variant
from tfjsci.graph.graph import Array
from tfjsci.graph.tensorflow import keras
from tfjsci.manifest.resolved import AutoSpec
from tfjsci.quantize.scheme import Scheme
from tfjsci.search.auto import Auto, begin
from tfjsci.search.goal import Goal
from tfjsci.search.variants import Variants

pytestmark = pytest.mark.tensorflow

SAMPLES = [{"image": np.random.default_rng(5).normal(size=(16, 8, 8, 1)).astype(np.float32)}]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A convolution, a loop (whose weights are a function's) and a dense layer."""
    k = keras()
    k.utils.set_random_seed(3)
    image = k.Input((8, 8, 1), name="image")
    x = k.layers.Conv2D(16, 3, activation="relu", name="conv")(image)
    x = k.layers.GRU(12, name="loop")(k.layers.Reshape((6, 96))(x))
    model = k.Model(image, k.layers.Dense(10, name="scores")(x))
    path = tmp_path_factory.mktemp("net") / "net.keras"
    model.save(path)
    return path


@pytest.fixture(scope="module")
def net(saved: Path) -> Converted:
    return convert(saved, backends=["wasm"], unroll_loops=1)


def searched(net: Converted, **limits: float) -> Auto:
    auto = begin(
        net,
        SAMPLES,
        variant="auto",
        wanted=AutoSpec(evaluations=60),
        include=(),
        exclude=(),
        goal=Goal(limits=limits),
        topk=False,
        float_bytes=99_999,
    )
    auto.measure()
    return auto.choose()


@pytest.fixture(scope="module")
def auto(net: Converted) -> Auto:
    return searched(net, sqnr_db=25.0)


def test_it_meets_its_threshold_in_fewer_bytes_than_uint8(net: Converted, auto: Auto, tmp_path: Path) -> None:
    uint8 = write_variant(net, tmp_path / "uint8", quantization=Quantization(scheme=Scheme(name="uint8")))
    small = write_variant(net, tmp_path / "auto", quantization=auto.quantizations)
    sizes = [describe(net, written, "v").download.brotli_bytes for written in (small, uint8)]
    assert sizes[0] < 0.75 * sizes[1]
    found = auto.told()
    value = found.points[found.chosen].value
    assert value is not None
    assert 25.0 <= value < 27.0
    assert found.evaluations <= 60


def test_weights_of_the_loop_are_searched_too(net: Converted, auto: Auto) -> None:
    inner = {name for body in net.graph.functions.values() for name in body.graph.constants}
    searched_for = {name for weight in auto.search.weights for name in weight.names}
    assert inner & searched_for
    assert any("loop" in name for name in searched_for)


def test_the_answer_is_the_same_each_time(net: Converted, auto: Auto) -> None:
    again = searched(net, sqnr_db=25.0)
    assert again.told() == auto.told()
    assert again.quantizations == auto.quantizations


def test_one_model_is_converted_so_without_a_manifest(saved: Path, auto: Auto, tmp_path: Path) -> None:
    options = {"sqnr_db": 25.0, "evaluations": 60}
    said: list[str] = []
    done = tfjsci.convert(
        saved, tmp_path / "web", backends=["wasm"], auto=options, auto_inputs=SAMPLES[0], say=said.append
    )
    assert done.quantize_entry == auto.told().entry
    told = next(note for note in done.notes if note.startswith("auto ran "))
    assert f"auto ran {auto.search.evaluations} combinations in TensorFlow; what is written comes to SQNR " in told
    assert said[-1].startswith("combination of ")
    assert (tmp_path / "web" / "model.json").is_file()


def test_a_variant_is_the_model_with_its_weights_in_place(net: Converted) -> None:
    """Fed or written into the graph of a loop, a weight has the same effect; and the float model is the original."""
    constants = net.graph.all_constants
    names = [name for name, constant in constants.items() if constant.value.ndim == 2 and constant.value.size >= 64]
    running = Variants(net.graph, weights=names, inputs=net.inputs, outputs=net.outputs, samples=SAMPLES, topk=False)
    original = net.loaded.original(SAMPLES[0])
    assert np.allclose(running.float_outputs[0]["scores"], next(iter(original.values())), atol=1e-5)
    for name in names:
        values: Mapping[str, Array] = {name: constants[name].value * np.float32(1.5)}
        (found,) = running.against_float(values)
        assert found.sqnr_db is not None
        assert found.sqnr_db < 40, name
    (exact,) = running.against_float({name: constants[name].value for name in names})
    assert exact.exact
