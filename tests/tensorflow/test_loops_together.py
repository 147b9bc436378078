"""Keras' Bidirectional is one loop of both directions, to TensorFlow's numbers; its weights are read as before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from control_flow_models import model_of, sample_of
from twin_loops import Cell, twin_loops

from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.calibrate.readings import readings_of
from tfjsci.converter import Converted, convert, write_variant
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import Graph, node_of
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.tensorflow import keras
from tfjsci.rewrite.control.together import with_loops_together
from tfjsci.rewrite.control.types import with_types
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.loops_together import NAME
from tfjsci.verify.run import run_graph
from tfjsci.verify.verify import verify

pytestmark = pytest.mark.tensorflow


def typed(graph: Graph) -> Graph:
    return with_types(graph, infer_types)


@pytest.mark.parametrize("other", [Cell(seed=2), Cell(seed=2, given="one/x"), Cell(seed=1)])
@pytest.mark.parametrize("bias", [False, True])
def test_the_one_loop_gives_the_numbers_of_both(other: Cell, bias: bool) -> None:
    before = typed(twin_loops(Cell(bias=bias), replace(other, bias=bias)))
    after, count, _ = with_loops_together(before, typed)
    assert count == 1
    rng = np.random.default_rng(0)
    fed = {
        node.name: rng.normal(size=shape).astype(np.float32)
        for node in before.nodes
        if node.op == "Placeholder" and (shape := before.types[node.name].shape) is not None
    }
    own = {name: value for name, value in fed.items() if name in after}
    for was, now in zip(
        run_graph(before, fed, evaluate_in_tensorflow), run_graph(after, own, evaluate_in_tensorflow), strict=True
    ):
        np.testing.assert_allclose(now, was, atol=1e-6)


Layer = Callable[[Any, Any], Any]
"""Keras' layers and a symbolic sequence -> what comes out."""


def both(cell: str, **options: Any) -> Layer:
    merge = options.pop("merge_mode", "concat")
    return lambda layers, x: layers.Bidirectional(getattr(layers, cell)(3, **options), merge_mode=merge)(x)


TOGETHER: dict[str, Layer] = {
    "lstm": both("LSTM", return_sequences=True),
    "lstm, the last state": both("LSTM", merge_mode="sum"),
    "lstm, all states": both("LSTM", return_state=True),
    "lstm, backwards first": lambda layers, x: layers.Bidirectional(
        layers.LSTM(3, go_backwards=True), backward_layer=layers.LSTM(3), merge_mode="ave"
    )(x),
    "gru": both("GRU", return_sequences=True, merge_mode="mul"),
    "gru, reset before": both("GRU", reset_after=False, merge_mode=None),
    "masked": lambda layers, x: both("LSTM", return_sequences=True)(layers, layers.Masking()(x)),
    "two layers over other inputs": lambda layers, x: [layers.GRU(3)(x), layers.GRU(3)(layers.Dense(5)(x))],
}

APART: dict[str, tuple[Layer, str]] = {
    "as many kernels": (both("SimpleRNN"), "both start 8 kernels a turn, and one loop that does the same 8"),
    "other units": (
        lambda layers, x: layers.Bidirectional(layers.LSTM(3), backward_layer=layers.LSTM(4, go_backwards=True))(x),
        "a weight of one is [3, 12], the other's [4, 16]",
    ),
    "other gates": (
        lambda layers, x: layers.Bidirectional(layers.LSTM(3), backward_layer=layers.GRU(3, go_backwards=True))(x),
        "",
    ),
    "one after the other": (
        lambda layers, x: layers.LSTM(5)(layers.LSTM(5, return_sequences=True)(x)),
        "",
    ),
    "two lengths": (
        lambda layers, x: [layers.LSTM(3)(x), layers.LSTM(3)(x[:, 1:])],
        "they aren't known to turn as often as each other",
    ),
}


def converted(layer: Layer, folder: Path, *, steps: int | None = None, **options: Any) -> Converted:
    k = keras()
    k.backend.clear_session()
    x = k.Input((steps, 5), name="x")
    model = k.Model(x, layer(k.layers, x))
    rng = np.random.default_rng(3)
    for variable in model.variables:
        variable.assign(rng.normal(size=variable.shape, scale=0.4))
    model.save(folder / "model.keras")
    made = convert(folder / "model.keras", backends=BACKENDS, **options)
    assert not made.check.unsupported, made.check.unsupported
    return made


def loops_of(graph: Graph) -> int:
    return sum(node.op == "StatelessWhile" for node in graph.nodes)


@pytest.mark.parametrize(("steps", "unroll"), [(None, None), (6, None), (6, 1)])
@pytest.mark.parametrize("name", TOGETHER)
def test_both_directions_are_one_loop_of_the_same_numbers(
    tmp_path: Path, name: str, steps: int | None, unroll: int | None
) -> None:
    model = converted(TOGETHER[name], tmp_path, steps=steps, unroll_loops=unroll)
    assert model.rewritten.counts[NAME] == 1
    assert loops_of(model.graph) == (0 if steps and not unroll else 1)
    fed = {
        node_of(spec.tensor): value for spec, value in zip(model.inputs, sample_of(model.inputs).values(), strict=True)
    }
    found = verify(
        model.loaded.graph, model.graph, inputs=fed, outputs=[spec.name for spec in model.outputs], means=model.means
    )
    assert (found.status, found.reason) == ("same", found.reason)


@pytest.mark.parametrize("name", APART)
def test_near_misses_stay_two_and_say_why(tmp_path: Path, name: str) -> None:
    layer, reason = APART[name]
    model = converted(layer, tmp_path, steps=None if name != "two lengths" else 6, unroll_loops=1)
    assert model.rewritten.counts[NAME] == 0
    assert loops_of(model.graph) == 2
    told = [each.reason for each in model.rewritten.refusals if each.rule == NAME and not each.moot]
    assert [each.partition(": ")[2] for each in told] == ([reason] if reason else [])


def test_layers_in_a_row_are_one_loop_each(tmp_path: Path) -> None:
    model = convert(model_of("both_ways", tmp_path), backends=BACKENDS, unroll_loops=1)
    assert model.rewritten.counts[NAME] == 4
    assert loops_of(model.graph) == 4


def test_loops_stay_two_where_it_is_left_out_by_name(tmp_path: Path) -> None:
    model = converted(TOGETHER["lstm"], tmp_path, without_rules=[NAME])
    assert loops_of(model.graph) == 2


def test_weights_are_stored_and_calibrated_as_without_it(tmp_path: Path) -> None:
    """No weight is another than before, and each is read in plain products alone."""
    models = {}
    for name, without in (("with", []), ("without", [NAME])):
        (tmp_path / name).mkdir()
        model = converted(TOGETHER["gru"], tmp_path / name, steps=6, without_rules=without)
        write_variant(model, tmp_path / name / "artifact")
        models[name] = model
    kernels = {
        which: {
            name: constant.value
            for name, constant in model.graph.constants.items()
            if constant.value.ndim == 2 and constant.sources
        }
        for which, model in models.items()
    }
    assert len(kernels["with"]) == 4, "of either direction what comes in is multiplied with, and the state"
    assert kernels["with"].keys() == kernels["without"].keys()
    for name, value in kernels["with"].items():
        np.testing.assert_array_equal(value, kernels["without"][name])
        assert not isinstance(readings_of(plain_ops(models["with"].graph), name), str)
    sizes = {
        which: sum(each.stat().st_size for each in (tmp_path / which / "artifact").glob("*.bin")) for which in models
    }
    assert sizes["with"] <= sizes["without"] + 256, "a few axes and shapes"
