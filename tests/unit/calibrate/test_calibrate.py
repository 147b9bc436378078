"""Weights rounded with what their layers are fed: nearer at the output than if each were rounded by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from graph_draft import Draft
from numpy_evaluator import evaluate_in_numpy

from tfjsci.calibrate.calibrate import calibrate
from tfjsci.graph.graph import Array, Constant, DType, FunctionBody, Graph, Node
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.simulated import with_values
from tfjsci.quantize.weight import QuantizedWeight

INT4 = Scheme(name="int4")
FLOAT16 = Scheme(name="float16")
RNG = np.random.default_rng(0)


def run(graph: Graph) -> Callable[[Mapping[str, Array]], list[Array]]:
    """The graph in numpy."""

    def call(given: Mapping[str, Array]) -> list[Array]:
        fed = {name: Constant(value=value.copy()) for name, value in given.items() if name in graph}
        nodes = tuple(
            Node(name=node.name, op="Const", attrs={"dtype": DType("float32")}) if node.name in fed else node
            for node in graph.nodes
        )
        return evaluate_in_numpy(replace(graph, nodes=nodes, constants={**graph.constants, **fed}), graph.outputs)

    return call


def correlated(samples: int, seed: int) -> Array:
    """Inputs of 48 numbers that hang together, as pixels do: 6 things seen 8 times each."""
    rng = np.random.default_rng(seed)
    seen = np.repeat(rng.normal(size=(samples, 6)), 8, axis=1) + 0.2 * rng.normal(size=(samples, 48))
    return seen.astype(np.float32)


@pytest.fixture(scope="module")
def graph() -> Graph:
    """Two layers, the second's kernel transposed."""
    draft = Draft()
    x = draft.input("x", (None, 48))
    draft.const("w", RNG.normal(size=(48, 32)) / 7)
    draft.const("v", RNG.normal(size=(10, 32)) / 6)
    hidden = draft.typed("Relu", "hidden", draft.matmul("first", x, "w"))
    return draft.graph(draft.matmul("second", hidden, "v", transpose_b=True))


@pytest.fixture(scope="module")
def calls() -> list[dict[str, Array]]:
    return [{"x": correlated(64, seed)} for seed in range(3)]


def error(graph: Graph, **switches: bool) -> float:
    """Of the outputs, on samples that nothing was calibrated with."""
    calls = [{"x": correlated(64, seed)} for seed in range(3)]
    done = calibrate(graph, {"w": INT4, "v": INT4}, calls, run=transposing, **switches)
    assert not done.plain
    given = {"x": correlated(200, 99)}
    (wanted,), (found,) = (transposing(each)(given) for each in (graph, with_values(graph, done.prepared)))
    return float(np.square(found - wanted).mean())


def transposing(graph: Graph) -> Callable[[Mapping[str, Array]], list[Array]]:
    """``run`` for products that read a kernel transposed, which the evaluator in numpy doesn't know."""
    nodes: list[Node] = []
    constants = dict(graph.constants)
    for node in graph.nodes:
        if node.attrs.get("transpose_b"):
            turned = f"{node.inputs[1]}/turned"
            constants[turned] = Constant(value=np.ascontiguousarray(constants[node.inputs[1]].value.T))
            nodes.append(Node(name=turned, op="Const", attrs={"dtype": DType("float32")}))
            node = replace(node, inputs=(node.inputs[0], turned))
        nodes.append(node)
    return run(replace(graph, nodes=tuple(nodes), constants=constants))


def test_each_part_makes_the_outputs_better(graph: Graph) -> None:
    nearest = error(graph, feedback=False, make_up=False, whole_range=False)
    making_up = error(graph, feedback=False, whole_range=False)
    feedback = error(graph, make_up=False, whole_range=False)
    assert making_up < nearest
    assert feedback < nearest / 2.5  # 4 dB
    assert error(graph, whole_range=False) < feedback
    assert error(graph) < feedback


def test_codes_are_on_the_scales_of_rounding_to_the_nearest(graph: Graph, calls: list[dict[str, Array]]) -> None:
    done = calibrate(graph, {"w": INT4, "v": INT4}, calls, run=transposing)
    for name, channels in (("w", (1, 32)), ("v", (10, 1))):
        weight = done.prepared[name]
        assert isinstance(weight, QuantizedWeight)
        assert weight.shape == graph.constants[name].value.shape
        assert weight.scale is not None
        assert weight.scale.shape == channels
        assert weight.codes.max() <= 15
        # a value is at most a few steps from where it was: errors are shared out, not piled up
        assert np.abs((weight.values() - graph.constants[name].value) / weight.scale).max() < 8


def half_error(graph: Graph, *, make_up: bool) -> float:
    """With the second weight in float16, on samples that nothing was calibrated with."""
    calls = [{"x": correlated(64, seed)} for seed in range(3)]
    done = calibrate(graph, {"w": INT4, "v": FLOAT16}, calls, run=transposing, make_up=make_up)
    given = {"x": correlated(200, 99)}
    (wanted,), (found,) = (transposing(each)(given) for each in (graph, with_values(graph, done.prepared)))
    return float(np.square(found - wanted).mean())


def test_a_weight_in_float16_makes_up_for_those_before_it(graph: Graph) -> None:
    """It is the last that could: left as it is, it hands on all that was lost."""
    assert half_error(graph, make_up=True) < half_error(graph, make_up=False) / 1.5


def test_a_weight_in_float16_before_which_nothing_is_lost_stays(graph: Graph, calls: list[dict[str, Array]]) -> None:
    first = calibrate(graph, {"w": FLOAT16, "v": INT4}, calls, run=transposing).prepared["w"]
    wanted = graph.constants["w"].value.astype(np.float32).astype(np.float16).astype(np.float32)
    np.testing.assert_allclose(first.values(), wanted, rtol=2e-3, atol=1e-7)
    behind = calibrate(graph, {"w": INT4, "v": FLOAT16}, calls, run=transposing).prepared["v"]
    assert np.abs(behind.values() - graph.constants["v"].value).max() > 1e-2


def test_a_weight_in_float16_that_samples_tell_nothing_about_stays(calls: list[dict[str, Array]]) -> None:
    draft = Draft()
    x = draft.input("x", (None, 48))
    draft.const("w", RNG.normal(size=(48, 48)))
    draft.const("b", RNG.normal(size=(48, 48)))
    draft.typed("AddV2", "sum", draft.matmul("first", x, "w"), draft.typed("Relu", "r", "b"))
    done = calibrate(draft.graph("sum"), {"w": INT4, "b": FLOAT16}, calls, run=run)
    assert list(done.prepared) == ["w"]
    assert list(done.plain) == ["b"]


def test_weights_of_a_loop_and_of_what_is_no_product_are_told(calls: list[dict[str, Array]]) -> None:
    draft = Draft()
    x = draft.input("x", (None, 48))
    for name in ("w", "b", "unread"):
        draft.const(name, RNG.normal(size=(48, 48)))
    draft.typed("AddV2", "sum", draft.matmul("first", x, "w"), draft.typed("Relu", "r", "b"))
    inner = Draft()
    state, v = inner.input("state", (None, 48)), inner.const("v", RNG.normal(size=(48, 48)))
    body = FunctionBody(name="body", inputs=("state",), graph=inner.graph(inner.matmul("next", state, v)))
    graph = draft.graph("sum", functions={"body": body})
    done = calibrate(graph, dict.fromkeys(("w", "b", "unread", "v"), INT4), calls, run=run)
    assert list(done.prepared) == ["w"]
    assert dict(done.plain) == {
        "b": "Relu reads it",
        "unread": "nothing reads it",
        "v": "it is read in a branch, in a loop within a loop, or in several places",
    }


def test_activations_that_are_not_finite_tell_nothing(graph: Graph) -> None:
    with np.errstate(invalid="ignore"):
        done = calibrate(graph, {"w": INT4}, [{"x": np.full((2, 48), np.inf, np.float32)}], run=transposing)
    assert done.plain == {"w": "no finite activations come to it"}


def test_progress_and_that_nothing_is_kept_of_the_samples(graph: Graph, calls: list[dict[str, Array]]) -> None:
    told: list[tuple[int, int]] = []
    one = calibrate(graph, {"w": INT4, "v": INT4}, calls, run=transposing, told=lambda *step: told.append(step))
    two = calibrate(graph, {"v": INT4, "w": INT4}, calls, run=transposing)
    assert told == [(1, 2), (2, 2)]
    assert all(np.array_equal(one.prepared[name].codes, two.prepared[name].codes) for name in ("w", "v"))
