"""What a search begins with: the call that is farthest off, the limit, and how many bytes a weight is stored in."""

from __future__ import annotations

import numpy as np
from graph_draft import Draft
from unit.report.localizations import localization

from tfjsci.graph.graph import Graph
from tfjsci.localize.pairs import held_to, limit_for, quantized_bytes, worst_call

ONES = np.ones((2, 3), np.float32)


def test_the_call_that_is_farthest_off_is_looked_into() -> None:
    wanted = [{"a": ONES, "b": ONES}] * 3
    assert worst_call(wanted, [{"a": ONES, "b": ONES}, {"a": ONES, "b": ONES * 1.5}, {"a": ONES * 1.1, "b": ONES}]) == 1
    assert worst_call(wanted, [{"a": ONES}, {"a": ONES, "b": ONES * 9}, {"a": ONES, "b": ONES}]) == 0  # one is missing
    assert worst_call(wanted, wanted) == 0


def test_nodes_are_held_to_the_outputs_limit_or_to_more_than_they_came_to() -> None:
    wanted = {"a": ONES}
    assert limit_for(60.0, wanted, {"a": ONES * 1.1}) == 60.0
    assert limit_for(60.0, wanted, {}) == 60.0
    assert limit_for(60.0, wanted, {"a": ONES}) == 60.0
    assert round(limit_for(30.0, wanted, {"a": ONES * np.float32(1.001)}), 1) == 63.0  # another metric was missed


def test_a_ranking_that_went_by_another_limit_than_the_sqnrs_says_so() -> None:
    ranking = localization().ranking
    assert ranking is not None
    assert held_to(localization(), ranking.limit_db) == localization()
    other = held_to(localization(), ranking.limit_db - 1).ranking
    assert other is not None
    assert other.stands_in
    assert held_to(localization(ranking=None), 60.0) == localization(ranking=None)


def graph() -> Graph:
    draft = Draft()
    x = draft.input("x", (None, 8))
    draft.const("small", np.zeros((8, 2)))
    draft.const("large", np.zeros((8, 16)))
    draft.const("axes", np.array([0, 1], np.int32))
    return draft.graph(
        draft.op("MatMul", "a", x, "small"), draft.op("MatMul", "b", x, "large"), draft.op("Id", "c", "axes")
    )


def test_what_the_manifest_says_of_a_weight_is_its_size() -> None:
    entries = [
        {"name": "small", "shape": [8, 2], "dtype": "float32"},
        {
            "name": "large",
            "shape": [8, 16],
            "dtype": "float32",
            "quantization": {"dtype": "uint16", "scale": 1, "min": 0},
        },
        {"name": "axes", "shape": [2], "dtype": "int32"},
    ]
    assert quantized_bytes({"weightsManifest": [{"paths": [], "weights": entries}]}, graph()) == {"large": 256}


def test_a_weight_that_the_initializer_makes_has_its_share_of_what_is_packed() -> None:
    packed = {
        "name": "packed/int4",
        "shape": [72],
        "dtype": "float32",
        "quantization": {"dtype": "uint8", "scale": 1, "min": 0},
    }
    entries = [packed, {"name": "axes", "shape": [2], "dtype": "int32"}]
    assert quantized_bytes({"weightsManifest": [{"paths": [], "weights": entries}]}, graph()) == {
        "small": 8,
        "large": 64,
    }
