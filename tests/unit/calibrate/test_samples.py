"""The user's arrays as calls: what is missing or doesn't fit is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.calibrate.samples import by_node, calls_of, count_samples, first_calls
from tfjsci.errors import BadInputs
from tfjsci.graph.graph import DType, ShapeAttr
from tfjsci.signature import TensorSpec

IMAGE = TensorSpec(name="image", tensor="serving_image:0", dtype="float32", shape=(None, 2))
PLACE = TensorSpec(name="place", tensor="serving_place:0", dtype="int64", shape=(None,))


def test_samples_are_shared_out_among_calls() -> None:
    image, place = np.zeros((70, 2), np.float32), np.arange(70)
    calls, _ = calls_of([IMAGE, PLACE], {"image": image, "place": place})
    assert [len(call["image"]) for call in calls] == [32, 32, 6]
    assert np.array_equal(np.concatenate([call["place"] for call in calls]), place)
    assert count_samples(calls, [IMAGE, PLACE]) == 70


def test_as_many_calls_as_hold_the_samples_asked_for() -> None:
    calls, _ = calls_of([IMAGE], {"image": np.zeros((70, 2), np.float32)})
    for asked, held in ((33, 64), (32, 32), (1000, 70), (None, 70)):
        assert count_samples(first_calls(calls, [IMAGE], asked), [IMAGE]) == held


def test_a_fixed_batch_is_a_call() -> None:
    one = TensorSpec(name="image", tensor="x:0", dtype="float32", shape=(1, 2))
    calls, _ = calls_of([one], {"image": np.zeros((3, 2), np.float32)})
    assert [call["image"].shape for call in calls] == [(1, 2)] * 3
    assert count_samples(calls, [one]) == 3


def test_a_table_that_every_call_is_given_whole_counts_for_nothing() -> None:
    table = TensorSpec(name="table", tensor="t:0", dtype="float32", shape=(1000, 4))
    arrays = {"table": np.zeros((1000, 4), np.float32), "image": np.zeros((40, 2), np.float32)}
    calls, _ = calls_of([table, IMAGE], arrays)
    assert [call["table"].shape for call in calls] == [(1000, 4)] * 2
    assert count_samples(calls, [table, IMAGE]) == 40


def test_inputs_that_hold_other_numbers_of_samples_are_named() -> None:
    with pytest.raises(
        BadInputs, match="don't agree on the number of samples: 'image' has 3, 'place' has 4"
    ) as refused:
        calls_of([IMAGE, PLACE], {"image": np.zeros((3, 2)), "place": np.arange(4)})
    assert refused.value.hint == "Sample n is entry n of each."


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({}, "lack input 'image'"),
        ({"image": np.zeros((3, 2)), "mask": np.zeros(3)}, "no input 'mask' to calibrate with"),
        ({"image": np.zeros((3, 5))}, r"input 'image' of the calibration has shape \[3, 5\]"),
        ({"image": np.zeros((0, 2))}, "is empty"),
        ({"image": np.array([[1.0, np.nan]])}, "holds NaN or infinite values"),
    ],
)
def test_what_does_not_fit_is_named(arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInputs, match=said):
        calls_of([IMAGE], arrays)


def test_by_the_names_and_dtypes_of_the_graphs_own_inputs() -> None:
    draft = Draft()
    draft.input("serving_image", (None, 2))
    draft.op("Placeholder", "serving_place", dtype=DType("int32"), shape=ShapeAttr((None,)))
    graph = draft.graph("serving_image", "serving_place")
    (call,) = by_node(graph, [IMAGE, PLACE], [{"image": np.zeros((1, 2), np.float32), "place": np.array([3])}])
    assert {name: value.dtype.name for name, value in call.items()} == {
        "serving_image": "float32",
        "serving_place": "int32",
    }
