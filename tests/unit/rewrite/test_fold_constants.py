"""Which parts of a graph are computed ahead, with an evaluator of numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft, values, well_formed

from tfjsci.graph.graph import Array, FunctionBody, Graph, TensorType, dtype_name
from tfjsci.graph.show import show
from tfjsci.rewrite import fold_constants as folding
from tfjsci.rewrite.fold_constants import NotComputable, fold_constants

OPS: dict[str, Callable[..., Any]] = {
    "Add": np.add,
    "Mul": np.multiply,
    "Neg": np.negative,
    "Split": lambda value: np.split(value, 2),
    "Fill": lambda shape, value: np.full(shape, value),
    "Tile": np.tile,
    "Cast": lambda value: value.astype(np.int32),
    "Shape": lambda value: np.array(value.shape),
}


class Evaluator:
    """Computes with numpy, and remembers what it was asked."""

    def __init__(self, cannot: str = "") -> None:
        self.asked: list[tuple[str, ...]] = []
        self.cannot = cannot

    def __call__(self, graph: Graph, tensors: Sequence[str]) -> list[Array]:
        self.asked.append(tuple(tensors))
        found: dict[str, Any] = {name: constant.value for name, constant in graph.constants.items()}
        for node in graph:
            if node.op == self.cannot:
                raise NotComputable(node.name)
            if node.op != "Const":
                result = OPS[node.op](*(found[tensor] for tensor in node.inputs))
                parts = result if isinstance(result, list) else [result]
                found |= {f"{node.name}:{i}" if i else node.name: part for i, part in enumerate(parts)}
        return [np.asarray(found[tensor]) for tensor in tensors]


def typed(draft: Draft, *outputs: str, **shapes: tuple[int | None, ...] | None) -> Graph:
    """The draft's graph with float32 types for whatever isn't a Const; ``shapes`` tells those that matter."""
    types = {
        node.name: TensorType(dtype="float32", shape=shapes.get(node.name, (2,)))
        for node in draft.nodes
        if node.op != "Const"
    }
    return draft.graph(*outputs, types=types)


def norm_factor() -> Draft:
    draft = Draft()
    draft.op("Add", "shifted", draft.const("variance", [1.0, 2.0]), draft.const("epsilon", 0.5, sources=()))
    draft.op("Mul", "factor", "shifted", draft.const("gamma", [10.0, 100.0]))
    draft.op("Mul", "y", draft.input("x"), "factor")
    return draft


def test_what_depends_on_weights_alone_becomes_a_weight() -> None:
    evaluate = Evaluator()
    after = fold_constants(typed(norm_factor(), "y"), evaluate)
    assert show(after) == "x = Placeholder()\ny = Mul(x, factor)\n-> y"
    assert values(after) == {"factor": [15.0, 250.0]}
    assert evaluate.asked == [("factor",)]  # what lies before it is computed on the way


def test_the_result_remembers_the_variables_and_literals_have_none() -> None:
    after = fold_constants(typed(norm_factor(), "y"), Evaluator())
    assert after.constants["factor"].sources == ("variance", "gamma")


def test_an_output_that_depends_on_weights_alone_is_folded() -> None:
    after = fold_constants(typed(norm_factor(), "factor"), Evaluator())
    assert (after.outputs, values(after)) == (("factor",), {"factor": [15.0, 250.0]})


def test_a_value_in_the_middle_that_others_read_is_kept_too() -> None:
    draft = norm_factor()
    draft.op("Mul", "z", "x", "shifted")
    after = fold_constants(typed(draft, "y", "z"), Evaluator())
    assert values(after) == {"factor": [15.0, 250.0], "shifted": [1.5, 2.5]}


def test_nothing_to_fold_is_the_same_graph() -> None:
    draft = Draft()
    graph = typed(draft, draft.op("Mul", "y", draft.input("x"), draft.const("c", 2.0)))
    evaluate = Evaluator()
    assert fold_constants(graph, evaluate) is graph
    assert evaluate.asked == []


class TestLeavesAlone:
    @pytest.mark.parametrize(
        "op",
        [
            "RandomUniform", "RandomStandardNormal", "RandomPoissonV2", "TruncatedNormal", "Multinomial", "RandomShuffle",
            "StatelessRandomUniform", "StatefulPartitionedCall", "UniformCandidateSampler", "SampleDistortedBoundingBoxV2",
            "While", "StatelessWhile", "If", "StatelessIf", "TensorListFromTensor", "LookupTableFindV2", "PyFunc",
            "EagerPyFunc", "PlaceholderWithDefault", "Empty", "XlaCallModule", "_While", "Switch", "Print",
        ],
    )  # fmt: skip
    def test_ops_that_are_random_stateful_or_control_flow(self, op: str) -> None:
        draft = Draft()
        draft.op("Mul", "y", draft.input("x"), draft.op(op, "r", draft.const("c", [1, 2])))
        graph = typed(draft, "y")
        assert fold_constants(graph, Evaluator()) is graph

    @pytest.mark.parametrize("dtype", ["string", "resource", "variant", "complex64"])
    def test_dtypes_that_are_no_plain_numbers(self, dtype: str) -> None:
        draft = Draft()
        draft.op("Neg", "n", draft.const("c", [1.0, 2.0]))
        graph = draft.graph("n", types={"n": TensorType(dtype=dtype, shape=(2,))})
        assert fold_constants(graph, Evaluator()) is graph

    def test_what_is_made_of_text_which_may_be_the_path_of_a_file(self) -> None:
        draft = Draft()
        draft.op("RestoreV2", "n", draft.const("path", np.array([b"/etc/passwd"], dtype=object)))
        graph = typed(draft, "n")
        assert fold_constants(graph, Evaluator()) is graph

    def test_a_dtype_that_nobody_inferred(self) -> None:
        graph = norm_factor().graph("y")
        assert fold_constants(graph, Evaluator()) is graph

    def test_a_node_that_has_to_wait(self) -> None:
        draft = Draft()
        draft.op("Neg", "n", draft.const("c", [1.0]), control=("check",))
        draft.op("Assert", "check")
        graph = typed(draft, "n")
        assert fold_constants(graph, Evaluator()) is graph

    def test_a_node_without_inputs(self) -> None:
        draft = Draft()
        graph = typed(draft, draft.op("Neg", "n"))
        assert fold_constants(graph, Evaluator()) is graph

    def test_what_the_evaluator_cannot_compute_and_folds_the_rest(self) -> None:
        draft = norm_factor()
        draft.op("Mul", "z", "x", draft.op("Cast", "odd", "gamma"))
        after = fold_constants(typed(draft, "y", "z"), Evaluator(cannot="Cast"))
        assert show(after) == "x = Placeholder()\ny = Mul(x, factor)\nodd = Cast(gamma)\nz = Mul(x, odd)\n-> y, z"

    def test_the_graph_when_the_evaluator_can_compute_nothing(self) -> None:
        graph = typed(norm_factor(), "y")
        assert fold_constants(graph, Evaluator(cannot="Mul")) is graph


class TestGrowth:
    """What is computed on the way may have 1 MB, or as much as its inputs."""

    SIZE = folding.GROWTH_BYTES // 4

    def test_what_is_computed_on_the_way_may_have_the_limit(self) -> None:
        draft = Draft()
        draft.op("Fill", "big", draft.const("shape", [self.SIZE]), draft.const("one", 1.0))
        draft.op("Shape", "size", "big")
        graph = typed(draft, "size", big=(self.SIZE,), size=(1,))
        assert values(fold_constants(graph, Evaluator())) == {"size": [self.SIZE]}

    def test_a_fill_beyond_it_stays_a_fill(self) -> None:
        graph = self.fill(self.SIZE + 1)
        assert fold_constants(graph, Evaluator()) is graph

    def test_a_large_weight_may_stay_large(self) -> None:
        graph = self.tiled(times=1, same=False)
        assert values_sizes(fold_constants(graph, Evaluator())) == {"t": 2 * self.SIZE}

    def test_a_large_weight_may_not_grow(self) -> None:
        graph = self.tiled(times=2, same=False)
        assert fold_constants(graph, Evaluator()) is graph

    def test_reading_a_weight_twice_makes_it_no_larger(self) -> None:
        graph = self.tiled(times=2, same=True)
        assert fold_constants(graph, Evaluator()) is graph

    def test_what_depends_on_a_large_fill_is_not_folded_either(self) -> None:
        draft = Draft()
        draft.op("Fill", "big", draft.const("shape", [self.SIZE + 1]), draft.const("one", 1.0))
        draft.op("Shape", "size", "big")
        graph = typed(draft, "size", big=(self.SIZE + 1,), size=(1,))
        assert fold_constants(graph, Evaluator()) is graph

    def test_a_size_that_is_not_inferred_is_folded(self) -> None:
        graph = norm_factor()
        after = fold_constants(typed(graph, "y", shifted=None, factor=(None,)), Evaluator())
        assert values(after) == {"factor": [15.0, 250.0]}

    def fill(self, size: int) -> Graph:
        draft = Draft()
        draft.op("Fill", "big", draft.const("shape", [size]), draft.const("one", 1.0))
        return typed(draft, draft.op("Mul", "y", draft.input("x"), "big"), big=(size,))

    def tiled(self, *, times: int, same: bool) -> Graph:
        draft = Draft()
        draft.const("w", np.ones(2 * self.SIZE))
        if same:
            draft.op("Concat", "t", *["w"] * times)
        else:
            draft.op("Tile", "t", "w", draft.const("n", [times]))
        return typed(draft, draft.op("Mul", "y", draft.input("x"), "t"), t=(2 * self.SIZE * times,))


def values_sizes(graph: Graph) -> dict[str, int]:
    return {name: constant.value.size for name, constant in graph.constants.items()}


class TestSeveralOutputs:
    @staticmethod
    def split(*read: str) -> Graph:
        draft = Draft()
        draft.op("Split", "s", draft.const("w", [1.0, 2.0]))
        draft.input("x")
        for i, tensor in enumerate(read):
            draft.op("Mul", f"y{i}", "x", tensor)
        types = {name: TensorType(dtype="float32", shape=(1,)) for name in ("s", "s:1")}
        return draft.graph(*(f"y{i}" for i in range(len(read))), types=types)

    def test_each_output_read_is_a_weight_of_its_own(self) -> None:
        after = fold_constants(self.split("s", "s:1"), Evaluator())
        assert show(after) == "x = Placeholder()\ny0 = Mul(x, s_1)\ny1 = Mul(x, s/output_1)\n-> y0, y1"
        assert values(after) == {"s_1": [1.0], "s/output_1": [2.0]}

    def test_the_second_alone(self) -> None:
        after = fold_constants(self.split("s:1"), Evaluator())
        assert values(after) == {"s/output_1": [2.0]}

    def test_the_first_alone_takes_the_nodes_name(self) -> None:
        after = fold_constants(self.split("s"), Evaluator())
        assert values(after) == {"s": [1.0]}

    def test_one_that_the_folded_part_reads_and_one_that_a_waiting_node_needs(self) -> None:
        draft = Draft()
        draft.op("Split", "s", draft.const("w", [1.0, 2.0]))
        draft.op("Neg", "n", "s:1")
        draft.op("Mul", "y", draft.input("x"), "s", control=("n",))
        types = {name: TensorType(dtype="float32", shape=(1,)) for name in ("s", "s:1", "n")}
        after = fold_constants(draft.graph("y", types=types), Evaluator())
        assert well_formed(after)
        assert after.constants[after["y"].inputs[1]].value.tolist() == [1.0]


def test_an_empty_tensor_is_folded() -> None:
    draft = Draft()
    draft.op("Mul", "y", draft.input("x"), draft.op("Neg", "n", draft.const("none", np.zeros((0, 3)))))
    assert fold_constants(typed(draft, "y", n=(0, 3)), Evaluator()).constants["n"].value.shape == (0, 3)


def test_the_const_carries_the_dtype_of_its_value() -> None:
    draft = Draft()
    draft.op("Mul", "y", draft.input("x"), draft.op("Cast", "n", draft.const("w", [1.5])))
    after = fold_constants(typed(draft, "y"), Evaluator())
    assert dtype_name(after.constants["n"].value) == "int32"
    assert show(after, attrs=True).endswith("\n-> y")
    assert after["n"].attrs["dtype"].name == "int32"  # type: ignore[union-attr]


def test_memory_is_bounded_by_computing_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "CHUNK_BYTES", 20)
    draft = Draft()
    draft.input("x")
    for i in range(5):
        draft.op("Mul", f"y{i}", "x", draft.op("Neg", f"n{i}", draft.const(f"w{i}", [float(i), 0.0])))
    evaluate = Evaluator()
    after = fold_constants(typed(draft, *(f"y{i}" for i in range(5))), evaluate)
    assert evaluate.asked == [("n0", "n1"), ("n2", "n3"), ("n4",)]  # two float32 each: 8 bytes
    assert {name: value[0] for name, value in values(after).items()} == {f"n{i}": -float(i) for i in range(5)}


def test_bodies_of_functions_are_folded_too() -> None:
    body = FunctionBody(name="f", inputs=("x",), graph=typed(norm_factor(), "y"))
    graph = Graph(nodes=(), outputs=(), functions={"f": body})
    after = fold_constants(graph, Evaluator())
    assert values(after.functions["f"].graph) == {"factor": [15.0, 250.0]}


def test_one_part_is_cut_out_a_chunk_not_one_a_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cutting one out goes through the whole graph: for each weight, large models would take minutes."""
    cut: list[int] = []
    original = folding._ancestors
    monkeypatch.setattr(folding, "_ancestors", lambda graph, tensors: cut.append(1) or original(graph, tensors))
    draft = Draft()
    last = draft.input("x")
    for i in range(100):
        last = draft.op("Mul", f"y{i}", last, draft.op("Neg", f"n{i}", draft.const(f"w{i}", [1.0])))
    assert len(fold_constants(typed(draft, last), Evaluator()).constants) == 100
    assert len(cut) == 1
