"""Outputs that are whole numbers in Keras: refused, and what makes floats of such inputs is not."""

from __future__ import annotations

from typing import Any

import pytest
from keras_configs import called, functional, layer, mapped, operation, sequential, source, tensor

REASON = "it gives out integers (or bools), which TensorFlow.js' layers would make float32"


def on(dtypes: tuple[str, str], *layers: Any, output: str) -> list[str]:
    """A model of two inputs; what of it is refused."""
    inputs = [source((4,), name, dtype) for name, dtype in zip("ab", dtypes, strict=True)]
    config = functional([*inputs, *layers], [["a", 0, 0], ["b", 0, 0]], [output, 0, 0])
    return mapped(config).refused


@pytest.mark.parametrize("class_name", ["Concatenate", "Add", "Maximum", "Subtract"])
def test_a_join_of_integers_is_refused_and_of_floats_or_both_is_not(class_name: str) -> None:
    joined = called(layer(class_name, "joined"), [[tensor("a"), tensor("b")]])
    for dtype in ("int32", "int64", "bool"):
        assert on((dtype, dtype), joined, output="joined") == [f"joined ({class_name}): {REASON}"]
    assert on(("float32", "float64"), joined, output="joined") == []
    assert on(("int32", "float32"), joined, output="joined") == [], "Keras makes floats of both"


def test_what_is_whole_on_the_way_only_is_let_through() -> None:
    joined = called(layer("Concatenate", "joined"), [[tensor("a"), tensor("b")]])
    flat = called(layer("Flatten", "flat"), "joined")
    dense = called(layer("Dense", "out", units=2), "flat")
    assert on(("int32", "int32"), joined, flat, output="flat") == [f"flat (Flatten): {REASON}"]
    assert on(("int32", "int32"), joined, flat, dense, output="out") == []


@pytest.mark.parametrize(
    ("shape", "item"),
    [
        ((3, 2, 4), layer("UpSampling2D", "it", size=[2, 2])),
        ((3, 4), layer("UpSampling1D", "it", size=2)),
        ((3, 2, 4), layer("MaxPooling2D", "it", pool_size=[2, 2])),
        ((3, 4), layer("Permute", "it", dims=[2, 1])),
        ((3, 4), layer("TimeDistributed", "it", layer=layer("RepeatVector", "again", n=2))),
        ((3,), layer("Identity", "it")),
    ],
    ids=lambda given: given["class_name"] if isinstance(given, dict) else "",
)
def test_a_layer_that_only_moves_numbers_keeps_them_whole(shape: tuple[int, ...], item: dict[str, Any]) -> None:
    assert mapped(sequential(shape, item, dtype="int32")).refused == [f"it ({item['class_name']}): {REASON}"]
    assert mapped(sequential(shape, item)).refused == []


@pytest.mark.parametrize(
    "item",
    [
        layer("Rescaling", "it", scale=2.0),
        layer("Embedding", "it", input_dim=9, output_dim=2),
        layer("TimeDistributed", "it", layer=layer("Embedding", "each", input_dim=9, output_dim=2)),
        layer("TimeDistributed", "it", layer=layer("Dense", "each", units=2)),
        layer("GlobalAveragePooling1D", "it"),
    ],
    ids=lambda item: item["class_name"],
)
def test_a_layer_that_makes_floats_is_let_through(item: dict[str, Any]) -> None:
    assert mapped(sequential((5, 3), item, dtype="int32")).refused == []


def test_a_nested_model_gives_what_its_own_inputs_make() -> None:
    def nested(dtype: str) -> list[str]:
        inner = sequential((4,), layer("ReLU", "kept"), name="inner", dtype=dtype)
        return on(("int32", "int32"), called(inner, "a"), output="inner")

    assert nested("int32") == [f"inner (Sequential): {REASON}"]
    assert nested("float32") == [], "Keras casts to what the nested model takes"


def test_a_number_beside_integers_decides_what_comes_of_them() -> None:
    def plus(number: float) -> list[str]:
        return on(("int32", "int32"), called(operation("Add", "sum"), ([tensor("a"), number], {})), output="sum")

    assert plus(1) == [f"sum (Add): {REASON}"]
    assert plus(0.5) == []


def test_an_input_that_is_handed_through_is_refused_if_it_is_whole() -> None:
    assert on(("int32", "float32"), output="a") == [f"a (InputLayer): {REASON}"]
    assert on(("int32", "float32"), output="b") == []
