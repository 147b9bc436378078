"""Labels find their output, and are counted; labels that fit none say so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tfjsci.compare.accuracy import right_classes
from tfjsci.compare.compare import Measures, compare_outputs
from tfjsci.errors import BadInputs
from tfjsci.inputs.labels import Labels

SCORES = np.float32([[1, 2, 0], [5, 0, 0], [0, 0, 9], [3, 2, 1]])


def labels(values: Any, output: str | None = None) -> Labels:
    return Labels(values=np.asarray(values, np.int64), output=output, text="l.npy")


def test_both_sides_are_held_to_the_labels_over_all_calls() -> None:
    worse = SCORES.copy()
    worse[2] = [7, 0, 1]
    reference, candidate = [{"y": SCORES[:3]}, {"y": SCORES[3:]}], [{"y": worse[:3]}, {"y": worse[3:]}]
    right = right_classes(labels([1, 0, 2, 2]), reference)
    (found,) = compare_outputs(reference, candidate, topk=True, measures=Measures(right=right))
    assert (found.reference_accuracy, found.accuracy, found.accuracy_drop, found.labels) == (0.75, 0.5, 0.25, 4)
    (plain,) = compare_outputs(reference, candidate, topk=True)
    assert (plain.accuracy, plain.accuracy_drop, plain.labels) == (None, None, 0)


def test_a_column_of_labels_and_a_label_for_each_place() -> None:
    assert right_classes(labels([[1], [0], [2], [2]]), [{"y": SCORES}]).count == 4
    places = np.zeros((2, 5, 5, 3), np.float32)
    assert right_classes(labels(np.zeros((2, 5, 5))), [{"y": places}]).count == 50


def test_an_output_of_classes_themselves() -> None:
    chosen = [{"class": np.int32([1, 0, 2])}]
    right = right_classes(labels([1, 0, 0]), chosen)
    (found,) = compare_outputs(chosen, chosen, topk=False, measures=Measures(right=right))
    assert found.accuracy == pytest.approx(2 / 3)


def test_nan_is_no_class() -> None:
    odd = np.float32([[np.nan, 1, 0]])
    right = right_classes(labels([1]), [{"y": odd}])
    (found,) = compare_outputs([{"y": odd}], [{"y": odd.copy()}], topk=False, measures=Measures(right=right))
    assert found.accuracy == 1.0


def test_only_the_output_that_has_classes_is_taken() -> None:
    outputs = [{"boxes": np.zeros((4, 2, 2), np.float32), "y": SCORES, "score": np.zeros((4, 1), np.float32)}]
    assert right_classes(labels([0, 1, 2, 0]), outputs).output == "y"


@pytest.mark.parametrize(
    ("given", "outputs", "message"),
    [
        (labels([0, 1]), {"y": SCORES}, r"has labels \[2\], which fit no output: 'y' float32 \[4, 3\]"),
        (labels([0, 1, 2, 3]), {"y": SCORES}, "holds 3, but 'y' has 3 classes, counted from 0"),
        (labels([0, 1, 2, 0]), {"a": SCORES, "b": SCORES}, "could belong to 'a' or 'b'"),
        (labels([0, 1, 2, 0], "z"), {"y": SCORES}, "is for the output 'z', which the model hasn't"),
        (labels([0, 1, 2, 0], "b"), {"y": SCORES, "b": SCORES[:, :1]}, r"fit no output: 'b' float32 \[4, 1\]"),
        (labels([0]), {"y": np.float32(3)}, "fit no output"),
    ],
)
def test_labels_that_fit_no_output(given: Labels, outputs: Any, message: str) -> None:
    with pytest.raises(BadInputs, match=message):
        right_classes(given, [outputs])


def test_the_named_output_is_taken_though_others_fit() -> None:
    assert right_classes(labels([0, 1, 2, 0], "b"), [{"a": SCORES, "b": SCORES}]).output == "b"
