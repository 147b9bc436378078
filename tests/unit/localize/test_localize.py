"""The first node whose inputs agree and whose output doesn't: found behind branches, confirmed alone, and near misses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_draft import Draft
from numpy_side import CALL, WEIGHTS, NumpySide, branches, names

from tfjsci.errors import BrowserJobFailed
from tfjsci.graph.graph import Array, TensorType
from tfjsci.localize.localization import Localization
from tfjsci.localize.localize import NOT_KNOWN, localize
from tfjsci.localize.walk import Bounds

GRAPH = branches()


def look(candidate: NumpySide, **options: Any) -> Localization:
    given: dict[str, Any] = {
        "reference": NumpySide(candidate.graph, candidate.call, name="here"),
        "there": names(candidate.graph),
        "limit_db": 60.0,
        "variant": "float",
        "backend": "wasm",
        "clock": lambda: 0.0,
    }
    return localize(candidate.graph, candidate=candidate, **{**given, **options})


def test_a_wrong_kernel_in_one_branch_is_named_and_confirmed_alone() -> None:
    side = NumpySide(GRAPH, CALL, wrong={"right/relu": np.abs})
    found = look(side)
    assert (found.found, found.node, found.op, found.layers) == ("node", "right/relu", "Relu", ("right",))
    assert found.reason.startswith(
        "Relu right/relu (layer right) is the first whose inputs agree (exact) and whose output"
    )
    assert found.weight is None
    assert side.replayed == ["right/relu"]
    assert found.alone is not None
    assert found.alone.sqnr_db is not None
    assert found.alone.sqnr_db < 20


def test_the_path_leads_to_it_and_on_to_the_output() -> None:
    found = look(NumpySide(GRAPH, CALL, wrong={"right/relu": np.abs}))
    assert [step.node for step in found.path] == ["right/matmul", "right/relu", "sum", "last/matmul"]
    into = [step.into for step in found.path]
    assert [each.exact for each in into] == [True, True, False, False]
    assert into[2] == found.path[1].out


def test_a_node_behind_it_shows_what_it_reads_though_that_is_not_in_the_table() -> None:
    """Of a long way on, the first few nodes and the last are shown. What can't be asked for isn't shown as if it agreed."""
    draft = Draft()
    name = draft.input("x", (None, 4))
    for n in range(7):
        name = draft.op("Relu", f"relu{n}", name)
    graph = draft.graph(name)
    doubled = {"relu1": lambda x: np.maximum(x, 0) * 2}
    found = look(NumpySide(graph, CALL, wrong=doubled))
    assert [step.node for step in found.path] == ["relu0", "relu1", "relu2", "relu3", "relu4", "relu6"]
    assert found.path[-1].into == found.path[-1].out == found.path[1].out
    deaf = look(NumpySide(graph, CALL, wrong=doubled), there=names(graph) - {"relu5"})
    assert [step.node for step in deaf.path][-2:] == ["relu4", "relu6"]
    assert deaf.path[-1].into == NOT_KNOWN
    assert deaf.path[-1].out == found.path[-1].out


def test_its_errors_are_counted_relative_to_the_largest_number() -> None:
    found = look(NumpySide(GRAPH, CALL, wrong={"right/relu": np.abs})).errors
    assert found is not None
    assert found.exact + sum(found.counts) == 32
    assert len(found.counts) == len(found.below) + 1
    assert 8 < found.exact < 24  # what was positive


def test_where_nothing_is_wrong_it_says_so_and_replays_nothing() -> None:
    side = NumpySide(GRAPH, CALL)
    found = look(side)
    assert (found.found, found.node, found.compared, found.total) == ("nothing", None, 6, 6)
    assert found.reason == "all 6 nodes that were compared agree to 60 dB and better"
    assert side.replayed == []


def test_noise_within_the_limit_is_no_culprit() -> None:
    def noisy(x: Array) -> Array:
        return np.maximum(x, 0) * np.float32(1 + 1e-4)  # 80 dB

    assert look(NumpySide(GRAPH, CALL, wrong={"left/relu": noisy})).found == "nothing"
    assert look(NumpySide(GRAPH, CALL, wrong={"left/relu": noisy}), limit_db=90.0).node == "left/relu"


def test_a_weight_that_was_changed_is_named_with_its_reader() -> None:
    changed = WEIGHTS["w3"].astype(np.float32)
    changed[2, 1] += 3
    stored = {name: value.astype(np.float32) for name, value in WEIGHTS.items()} | {"w3": changed}
    found = look(NumpySide(GRAPH, CALL, weights={"w3": changed}), stored=lambda: stored)
    assert (found.found, found.node, found.weight) == ("weight", "last/matmul", "w3")
    assert "its weight w3 isn't what it was" in found.reason
    sound = {name: value.astype(np.float32) for name, value in WEIGHTS.items()}
    assert (
        look(NumpySide(GRAPH, CALL, wrong={"last/matmul": lambda x, w: x @ w + 1}), stored=lambda: sound).found
        == "node"
    )


def cancelling() -> NumpySide:
    """A tiny error before a difference of two large numbers, which makes much of it; no kernel is wrong enough."""
    draft = Draft()
    x = draft.input("x", (None, 4))
    large = draft.op("AddV2", "large", x, draft.const("offset", 1000.0))
    draft.op("Sub", "small", large, draft.const("minus", 1000.0), origin="norm")
    graph = draft.graph(draft.op("Relu", "out", "small"))
    return NumpySide(graph, CALL, wrong={"large": lambda x, offset: (x + offset) * np.float32(1 + 1e-5)})


def test_a_node_that_makes_an_error_larger_is_not_called_the_culprit() -> None:
    side = cancelling()
    found = look(side)
    assert side.replayed == ["small"]
    assert (found.found, found.node, found.layers) == ("accumulated", "small", ("norm",))
    assert found.reason.startswith(
        "no node is off by itself: errors add up or are made larger on the way; most is lost at Sub"
    )


def test_behind_an_error_that_was_made_larger_a_wrong_kernel_is_still_found() -> None:
    side = cancelling()
    found = look(NumpySide(side.graph, CALL, wrong={**side.wrong, "out": lambda x: np.maximum(x, 0) + 40}))
    assert (found.found, found.node) == ("node", "out")
    assert found.reason.startswith("Relu out has inputs that are off already (")


def test_what_the_candidate_does_not_have_is_passed_over() -> None:
    found = look(
        NumpySide(GRAPH, CALL, wrong={"left/matmul": lambda x, w: x @ w * 2}), there=names(GRAPH) - {"left/matmul"}
    )
    assert (found.compared, found.total) == (5, 6)
    assert found.found == "accumulated"  # its reader is right alone: what is between can't be seen
    assert found.node == "left/relu"


def test_a_node_that_can_not_be_replayed_is_told() -> None:
    found = look(NumpySide(GRAPH, CALL, wrong={"sum": lambda a, b: a}, deaf=frozenset({"sum"})))
    assert found.found == "unfinished"
    assert found.reason.endswith("sum couldn't be replayed: it has a handle")


def test_a_handle_is_never_asked_for() -> None:
    graph = GRAPH.with_types({"sum": TensorType(dtype="variant", shape=())})
    side = NumpySide(graph, CALL, wrong={"last/matmul": lambda x, w: x @ w + 1}, deaf=frozenset({"last/matmul"}))
    look(side)
    assert "sum" not in {name for names in side.asked for name in names}


def test_what_a_node_behind_it_makes_is_not_shown_as_if_it_agreed_where_it_can_not_be_had() -> None:
    """A list behind a wrong node: its handle can't be asked for, and nothing is known of it."""
    graph = GRAPH.with_types({"sum": TensorType(dtype="variant", shape=())})
    found = look(NumpySide(graph, CALL, wrong={"right/relu": np.abs}))
    (handle,) = (step for step in found.path if step.node == "sum")
    assert handle.out == NOT_KNOWN
    assert not handle.into.exact


def test_a_batch_has_no_more_bytes_than_there_is_room_for() -> None:
    graph = GRAPH.with_types({name: TensorType(dtype="float32", shape=(None, 4)) for name in names(GRAPH)})
    side = NumpySide(graph, CALL)
    look(side, rows=8, bounds=Bounds(batch_bytes=2 * 8 * 4 * 4))
    assert [len(names) for names in side.asked] == [2, 2, 2]
    side = NumpySide(graph, CALL, wrong={"left/matmul": lambda x, w: -(x @ w)})
    look(side, rows=8, bounds=Bounds(batch_bytes=2 * 8 * 4 * 4))
    assert side.asked[0] == ["left/matmul", "left/relu"]
    assert not {"sum", "last/matmul"} & set(side.asked[0])  # stopped at once; the path alone was asked for then


@pytest.mark.parametrize(
    ("bound", "told"),
    [
        ({"seconds": 4}, "the time limit of 4 s was reached"),
        ({"total_bytes": 200}, "the limit of 200 B of tensors was reached"),
    ],
)
def test_the_bounds_end_it_between_two_batches(bound: dict[str, int], told: str) -> None:
    seconds = iter(range(0, 100, 3))
    graph = GRAPH.with_types({name: TensorType(dtype="float32", shape=(None, 4)) for name in names(GRAPH)})
    bounds = Bounds(batch_bytes=2 * 8 * 4 * 4, **bound)
    found = look(NumpySide(graph, CALL), bounds=bounds, clock=lambda: float(next(seconds)), rows=8)
    assert (found.found, found.compared, found.total) == ("unfinished", 2, 6)
    assert found.reason == f"{told}; the 2 of 6 nodes that were compared agree"
    assert found.node is None


def test_so_many_suspects_are_replayed_and_no_more() -> None:
    side = cancelling()
    found = look(side, bounds=Bounds(replays=0))
    assert (found.found, side.replayed) == ("unfinished", [])
    assert found.reason.startswith("0 nodes were replayed")


def test_a_side_that_fails_ends_the_search_with_what_it_said() -> None:
    class Failing(NumpySide):
        def tensors(self, names: Any) -> dict[str, Array]:
            raise BrowserJobFailed("intermediates float on wasm: the tab crashed")

    found = look(Failing(GRAPH, CALL))
    assert (found.found, found.reason) == (
        "unfinished",
        "the search broke off: intermediates float on wasm: the tab crashed",
    )
