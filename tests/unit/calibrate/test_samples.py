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
    calls = calls_of([IMAGE, PLACE], {"image": image, "place": place})
    assert [len(call["image"]) for call in calls] == [32, 32, 6]
    assert np.array_equal(np.concatenate([call["place"] for call in calls]), place)
    assert count_samples(calls) == 70


def test_as_many_calls_as_hold_the_samples_asked_for() -> None:
    calls = calls_of([IMAGE], {"image": np.zeros((70, 2), np.float32)})
    assert count_samples(first_calls(calls, 33)) == 64
    assert count_samples(first_calls(calls, 32)) == 32
    assert count_samples(first_calls(calls, 1000)) == count_samples(first_calls(calls, None)) == 70


def test_a_fixed_batch_is_a_call() -> None:
    one = TensorSpec(name="image", tensor="x:0", dtype="float32", shape=(1, 2))
    assert [call["image"].shape for call in calls_of([one], {"image": np.zeros((3, 2), np.float32)})] == [(1, 2)] * 3


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
