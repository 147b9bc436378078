"""A variant is run by feeding other weights: one graph for all of them, made anew only for weights of a loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy_evaluator import evaluate_in_numpy

from tfjsci.errors import SearchFailed
from tfjsci.graph.graph import Array, Constant, DType, FunctionBody, Graph, Node
from tfjsci.graph.running import NotRunnable
from tfjsci.search.variants import Variants
from tfjsci.signature import TensorSpec

FLOAT = {"T": DType("float32")}
KERNEL = np.arange(8, dtype=np.float32).reshape(4, 2)
INPUTS = (TensorSpec(name="images", tensor="x:0", dtype="float32", shape=(None, 4)),)
OUTPUTS = (TensorSpec(name="scores", tensor="y:0", dtype="float32", shape=(None, 2)),)
SAMPLES = [{"images": np.float32([[1, 2, 3, 4]])}, {"images": np.float32([[0, 1, 0, 1]])}]


def graph() -> Graph:
    return Graph(
        nodes=(
            Node(name="x", op="Placeholder", attrs={"dtype": DType("float32")}),
            Node(name="kernel", op="Const", attrs={"dtype": DType("float32")}),
            Node(name="bias", op="Const", attrs={"dtype": DType("float32")}),
            Node(name="product", op="MatMul", inputs=("x", "kernel"), attrs=FLOAT),
            Node(name="y", op="AddV2", inputs=("product", "bias"), attrs=FLOAT),
        ),
        outputs=("y",),
        constants={"kernel": Constant(value=KERNEL.copy()), "bias": Constant(value=np.float32([1, -1]))},
    )


class Made:
    """Makes graphs runnable with numpy, and remembers which."""

    def __init__(self) -> None:
        self.graphs: list[Graph] = []

    def __call__(self, made: Graph) -> Callable[[Mapping[str, Array]], list[Array]]:
        self.graphs.append(made)

        def run(given: Mapping[str, Array]) -> list[Array]:
            held = {node.name for node in made.nodes if node.op == "Placeholder"}
            nodes = tuple(
                Node(name=n.name, op="Const", attrs={"dtype": n.attrs["dtype"]}) if n.name in held else n
                for n in made.nodes
            )
            fed = {name: Constant(value=value) for name, value in given.items() if name in held}
            whole = Graph(nodes=nodes, outputs=made.outputs, constants={**made.constants, **fed})
            return evaluate_in_numpy(whole, whole.outputs)

        return run


def variants(made: Graph, run: Callable[[Graph], Callable[[Mapping[str, Array]], list[Array]]]) -> Variants:
    return Variants(made, weights=["kernel"], inputs=INPUTS, outputs=OUTPUTS, samples=SAMPLES, topk=False, run=run)


def test_other_weights_are_fed_and_all_samples_compared() -> None:
    made = Made()
    running = variants(graph(), made)
    off = KERNEL.copy()
    off[0, 0] += 1  # what the first sample reads, and the second doesn't
    (found,) = running.against_float({"kernel": off})
    assert (found.output, found.samples, found.max_abs) == ("scores", 2, 1.0)
    assert len(made.graphs) == 1
    assert made.graphs[0]["kernel"].op == "Placeholder"
    assert set(made.graphs[0].constants) == {"bias"}


def test_the_float_weights_are_exact() -> None:
    running = variants(graph(), Made())
    (found,) = running.against_float({"kernel": KERNEL})
    assert found.exact
    (found,) = running.against_float({})
    assert found.exact


def test_a_weight_of_half_is_fed_as_half_and_an_input_in_the_placeholders_dtype() -> None:
    half = {"T": DType("float16")}
    made = replace(
        graph(),
        nodes=(
            Node(name="x", op="Placeholder", attrs={"dtype": DType("float16")}),
            *(replace(n, attrs=half if "T" in n.attrs else {"dtype": DType("float16")}) for n in graph().nodes[1:]),
        ),
        constants={name: Constant(value=c.value.astype(np.float16)) for name, c in graph().constants.items()},
    )
    given: list[Mapping[str, Array]] = []

    def run(one: Graph) -> Callable[[Mapping[str, Array]], list[Array]]:
        inner = Made()(one)
        return lambda fed: (given.append(fed), inner(fed))[1]

    (found,) = variants(made, run).against_float({"kernel": KERNEL + np.float32(1)})
    assert given[-1]["kernel"].dtype == given[-1]["x"].dtype == np.float16
    assert (found.dtype, found.problem) == ("float32", None)


def test_weights_of_a_function_are_written_into_a_new_graph_when_they_change() -> None:
    body = FunctionBody(name="body", inputs=(), graph=replace(graph(), functions={}))
    made = Made()
    running = Variants(
        replace(graph(), functions={"body": body}),
        weights=["kernel"],
        inputs=INPUTS,
        outputs=OUTPUTS,
        samples=SAMPLES,
        topk=False,
        run=made,
    )
    running.against_float({"kernel": KERNEL * 2})
    running.against_float({"kernel": KERNEL * 2})
    running.against_float({"kernel": KERNEL * 3})
    kernels = [each.functions["body"].graph.constants["kernel"].value for each in made.graphs]
    assert [float(kernel[3, 1]) for kernel in kernels] == [7.0, 14.0, 21.0]


def test_what_tensorflow_cant_run_is_told() -> None:
    def refuses(one: Graph) -> Callable[[Mapping[str, Array]], list[Array]]:
        raise NotRunnable("no kernel for Strange")

    with pytest.raises(SearchFailed, match="which can't: no kernel for Strange"):
        variants(graph(), refuses)
