from __future__ import annotations

from collections.abc import Mapping

import pytest
from graph_draft import Draft

from tfjsci.errors import BadInputs
from tfjsci.graph.graph import Array, Shape, ShapeAttr
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.pinned import with_pinned_inputs
from tfjsci.signature import TensorSpec


def original(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {"y": arrays["image"]}


def loaded(**shapes: Shape) -> LoadedGraph:
    draft = Draft()
    for name, shape in shapes.items():
        draft.input(name, shape)
    first = next(iter(shapes))
    return LoadedGraph(
        graph=draft.graph(draft.typed("Relu", "y", first)),
        inputs=tuple(TensorSpec(name=n, tensor=f"{n}:0", dtype="float32", shape=s) for n, s in shapes.items()),
        outputs=(TensorSpec(name="y", tensor="y:0", dtype="float32", shape=shapes[first]),),
        format="keras",
        signature=None,
        original=original,
    )


MODEL = loaded(image=(None, None, None, 3), mask=(None, 8))


def shapes_of(model: LoadedGraph) -> dict[str, Shape]:
    """By name, where signature and graph say the same."""
    found: dict[str, Shape] = {}
    for spec in model.inputs:
        assert model.graph[spec.name].attrs["shape"] == ShapeAttr(spec.shape)
        found[spec.name] = spec.shape
    return found


def test_an_input_has_the_sizes_that_are_given() -> None:
    pinned = with_pinned_inputs(MODEL, {"image": (1, 224, 224, 3)})
    assert shapes_of(pinned) == {"image": (1, 224, 224, 3), "mask": (None, 8)}
    assert (pinned.outputs, pinned.original) == (MODEL.outputs, MODEL.original)


def test_a_size_may_be_left_open() -> None:
    pinned = with_pinned_inputs(MODEL, {"image": (None, 224, 224, None)})
    assert shapes_of(pinned)["image"] == (None, 224, 224, 3)


def test_a_batch_is_for_first_dimensions_that_are_open() -> None:
    pinned = with_pinned_inputs(MODEL, {"image": (2, 16, 16, 3)}, batch=4)
    assert shapes_of(pinned) == {"image": (2, 16, 16, 3), "mask": (4, 8)}


def test_nothing_given_leaves_the_model_as_it_is() -> None:
    assert with_pinned_inputs(MODEL, {}) is MODEL


def test_what_was_inferred_is_forgotten() -> None:
    assert with_pinned_inputs(MODEL, {}, batch=1).graph.types == {}


@pytest.mark.parametrize(
    ("shapes", "problem"),
    [
        ({"imgae": (1, 8, 8, 3)}, "there is no input 'imgae'. Did you mean \"image\"?"),
        ({"image": (1, 8, 8)}, "image is [?, ?, ?, 3], which has 4 dimensions, not 3"),
        ({"image": (1, 8, 8, 4)}, "image is [?, ?, ?, 3], which [1, 8, 8, 4] doesn't fit"),
        ({"image": (0, 8, 8, 3)}, "image is [?, ?, ?, 3], which [0, 8, 8, 3] doesn't fit"),
    ],
)
def test_what_does_not_fit_is_refused(shapes: dict[str, Shape], problem: str) -> None:
    with pytest.raises(BadInputs) as caught:
        with_pinned_inputs(MODEL, shapes)
    assert problem in caught.value.message
    assert "The inputs are image [?, ?, ?, 3], mask [?, 8]" in (caught.value.hint or "")


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BadInputs, match=r"image is .*; mask is "):
        with_pinned_inputs(MODEL, {"image": (1,), "mask": (1, 9)})
