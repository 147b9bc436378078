"""Loops and branches keep TensorFlow's numbers through each stage of rewriting, and become as few as they can."""

from __future__ import annotations

from pathlib import Path

import pytest
from control_flow_models import ALL, KNOWN_LENGTH, RECURRENT, model_of, sample_of

from tfjsci.converter import Converted, convert
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import Graph, node_of
from tfjsci.graph.graphdef import from_graphdef, infer_types, to_graphdef
from tfjsci.rewrite.control.runtime import WRITTEN
from tfjsci.verify.verify import verify


def converted(name: str, folder: Path, **options: int | None) -> Converted:
    model = convert(model_of(name, folder), backends=BACKENDS, **options)
    assert not model.check.unsupported, model.check.unsupported
    return model


@pytest.mark.parametrize(("name", "unroll"), [*((name, 1) for name in ALL), *((name, None) for name in KNOWN_LENGTH)])
def test_the_numbers_stay(tmp_path: Path, name: str, unroll: int | None) -> None:
    model = converted(name, tmp_path, unroll_loops=unroll)
    fed = {
        node_of(spec.tensor): value for spec, value in zip(model.inputs, sample_of(model.inputs).values(), strict=True)
    }
    found = verify(
        model.loaded.graph, model.graph, inputs=fed, outputs=[spec.name for spec in model.outputs], means=model.means
    )
    assert (found.status, found.reason) == ("same", found.reason)


def test_what_is_verified_is_what_the_original_gives(tmp_path: Path) -> None:
    import numpy as np

    from tfjsci.verify.run import run_graph

    model = converted("masked", tmp_path)
    sample = sample_of(model.inputs)
    fed = {node_of(spec.tensor): sample[spec.name] for spec in model.inputs}
    ours = run_graph(model.graph, fed, model.means.evaluate)
    for value, wanted in zip(ours, model.loaded.original(sample).values(), strict=True):
        np.testing.assert_allclose(value, wanted, atol=1e-5)


def test_a_lstm_reads_its_weights_in_the_body_and_multiplies_its_input_before_the_loop(tmp_path: Path) -> None:
    graph = converted("lstm_sequences", tmp_path).graph
    (loop,) = (node for node in graph.nodes if node.op == "StatelessWhile")
    body, cond = (graph.functions[name] for name in (str(loop.attrs[key].name) for key in ("body", "cond")))
    assert [node.op for node in cond.graph.nodes if node.op not in {"Placeholder", "Const"}] == ["Less"]
    products = [node for node in body.graph.nodes if node.op in {"MatMul", "_FusedMatMul"}]
    assert [node.op for node in products] == ["MatMul"]
    hoisted = [node.op for node in graph.nodes if node.op in {"MatMul", "_FusedMatMul"}]
    assert hoisted == ["_FusedMatMul"], "the bias goes with it"
    assert not [node for node in body.graph.nodes if node.op == "Identity"]


@pytest.mark.parametrize("name", RECURRENT)
def test_what_is_written_to_a_list_is_given_back(tmp_path: Path, name: str) -> None:
    graph = converted(name, tmp_path).graph
    for function in graph.functions.values():
        kept = {*function.graph.outputs, *function.inputs}
        for node in function.graph.nodes:
            if node.op in WRITTEN:
                assert node.inputs[WRITTEN[node.op]] in kept


def test_loops_that_turn_never_or_once_and_known_branches_are_none(tmp_path: Path) -> None:
    graph = converted("known", tmp_path, unroll_loops=1).graph
    loops = [node for node in graph.nodes if node.op == "StatelessWhile"]
    assert len(loops) == 1
    assert len(graph.functions) == 2


@pytest.mark.parametrize(("turns", "unrolled"), [(None, True), (6, True), (5, False), (1, False)])
def test_a_loop_of_known_length_is_unrolled_unless_it_is_to_stay(
    tmp_path: Path, turns: int | None, unrolled: bool
) -> None:
    graph = converted("lstm_fixed", tmp_path, unroll_loops=turns).graph
    assert (not graph.functions) == unrolled
    assert (not [node for node in graph.nodes if node.op == "StatelessWhile"]) == unrolled


def test_a_loop_stays_where_unrolling_is_left_out_by_name(tmp_path: Path) -> None:
    path = model_of("lstm_fixed", tmp_path)
    assert convert(path, backends=BACKENDS, without_rules=["unrolled_loops"]).graph.functions
    asked = convert(path, backends=BACKENDS, without_rules=["unrolled_loops"], unroll_loops=6)
    assert not asked.graph.functions, "what is asked for is done"


def test_an_unrolled_lstm_multiplies_its_input_once_and_takes_twelve_nodes_a_turn(tmp_path: Path) -> None:
    graph = converted("lstm_fixed", tmp_path).graph
    ops = [node.op for node in graph.nodes]
    assert ops.count("_FusedMatMul") == 1, "the product of all steps' inputs, with its bias"
    assert (ops.count("Unpack"), ops.count("Transpose")) == (1, 1), "what comes in is turned before the product"
    turn = [node.op for node in graph.nodes if "/3/" in node.name]
    assert sorted(turn) == sorted(["MatMul", "AddV2", "Split", *["Sigmoid"] * 3, "Tanh", *["Mul"] * 3, "AddV2", "Tanh"])


def names_are_unique(graph: Graph) -> bool:
    seen: dict[str, object] = {}
    for _, part in graph.walk():
        for node in part.nodes:
            value = part.constants.get(node.name)
            if node.name in seen and (value is None or seen[node.name] is None):
                return False
            seen[node.name] = value
    return True


@pytest.mark.parametrize("name", ["several", "nested"])
def test_only_weights_have_a_name_in_common(tmp_path: Path, name: str) -> None:
    assert names_are_unique(converted(name, tmp_path).graph)


def test_a_graph_with_functions_goes_to_a_graphdef_with_its_library(tmp_path: Path) -> None:
    graph = converted("collatz", tmp_path).graph
    graphdef = to_graphdef(graph)
    assert {function.signature.name for function in graphdef.library.function} == set(graph.functions)
    back = from_graphdef(graphdef, outputs=graph.outputs, functions=graph.functions)
    assert [node.op for node in back.nodes] == [node.op for node in graph.nodes]
    assert infer_types(back).keys() == infer_types(graph).keys()
