"""Calls, nodes and names as ``tf.loadLayersModel`` numbers and looks them up."""

from __future__ import annotations

from typing import Any

from keras_configs import called, functional, layer, mapped, sequential, source, tensor

DENSE = {"units": 4}


def _nodes(made: Any) -> dict[str, Any]:
    return {
        each["name"]: [[leaf[:3] for leaf in node] for node in each["inbound_nodes"]]
        for each in made.json["config"]["layers"]
        if each["class_name"] != "InputLayer"
    }


def test_calls_of_a_shared_layer_are_numbered() -> None:
    layers = [source((4,), "a"), source((4,), "b"), called(layer("Dense", "d", **DENSE), "a", "b"),
              called(layer("Add", "sum"), [[tensor("d", 1), tensor("d", 0)]])]  # fmt: skip
    made = mapped(functional(layers, [["a", 0, 0], ["b", 0, 0]], ["sum", 0, 0]))
    assert _nodes(made) == {"d": [[["b", 0, 0]], [["a", 0, 0]]], "sum": [[["d", 0, 0], ["d", 1, 0]]]}
    assert list(made.weights) == ["d/kernel", "d/bias"]


def test_calls_that_wait_for_others_are_numbered_as_the_runtime_makes_them() -> None:
    # d(late) is the first call in the config; when the runtime comes to d, only d(x) has all that it needs.
    layers = [
        source((4,), "x"),
        called(layer("Dense", "d", **DENSE), "late", "x"),
        called(layer("Dense", "late", **DENSE), "x"),
    ]
    made = mapped(functional(layers, ["x", 0, 0], [["d", 0, 0], ["d", 1, 0]]))
    position = [each["name"] for each in made.json["config"]["layers"]]
    nodes = _nodes(made)["d"]
    first = 0 if position.index("late") < position.index("d") else 1
    assert nodes[first] == [["late", 0, 0]]
    assert made.json["config"]["output_layers"] == [["d", first, 0], ["d", 1 - first, 0]]


def test_nested_models_are_called_from_one() -> None:
    inner = sequential((4,), layer("Dense", "d", **DENSE), name="inner")
    layers = [
        source((4,), "a"),
        source((4,), "b"),
        called(inner, "a", "b"),
        called(layer("Add", "sum"), [[tensor("inner", 0), tensor("inner", 1)]]),
    ]
    made = mapped(functional(layers, [["a", 0, 0], ["b", 0, 0]], ["sum", 0, 0]))
    assert _nodes(made)["sum"] == [[["inner", 1, 0], ["inner", 2, 0]]]
    assert list(made.weights) == ["d/kernel", "d/bias"]


def test_outputs_of_a_nested_functional_are_counted_from_one_by_keras_3_and_of_a_sequential_from_none() -> None:
    one = functional(
        [source((4,), "i"), called(layer("Dense", "d", **DENSE), "i")], ["i", 0, 0], ["d", 0, 0], name="one"
    )
    two = sequential((4,), layer("Dense", "e", **DENSE), name="two")
    layers = [source((4,), "a"), called(one, "a"), called(two, "a")]
    made = mapped(functional(layers, ["a", 0, 0], [["one", 1, 0], ["two", 0, 0]]))
    assert made.json["config"]["output_layers"] == [["one", 1, 0], ["two", 1, 0]]


def test_all_nested_models_are_counted_from_one_by_keras_2() -> None:
    two: dict[str, Any] = {
        **sequential((4,), layer("Dense", "e", **DENSE), name="two"),
        "inbound_nodes": [[["a", 0, 0, {}]]],
    }
    last: dict[str, Any] = {**layer("Dense", "last", **DENSE), "inbound_nodes": [[["two", 1, 0, {}]]]}
    made = mapped(functional([source((4,), "a"), two, last], [["a", 0, 0]], [["last", 0, 0]]), dialect=2)
    assert _nodes(made) == {"two": [[["a", 0, 0]]], "last": [[["two", 1, 0]]]}


def test_layers_of_one_name_in_nested_models_are_told_apart() -> None:
    one = sequential((4,), layer("Dense", "d", **DENSE), name="one")
    two = sequential((4,), layer("Dense", "d", **DENSE), name="two")
    layers = [source((4,), "a"), called(one, "a"), called(two, "one")]
    made = mapped(functional(layers, ["a", 0, 0], ["two", 0, 0]))
    assert list(made.weights) == ["d/kernel", "d/bias", "d_1/kernel", "d_1/bias"]


def test_names_that_the_runtime_refuses_are_changed() -> None:
    made = mapped(sequential((4,), layer("Dense", "_größe 1", **DENSE)))
    assert list(made.weights) == ["layer_gr__e_1/kernel", "layer_gr__e_1/bias"]


def test_a_tensor_given_twice_is_copied_once() -> None:
    layers = [source((4,), "a"), called(layer("Add", "sum"), [[tensor("a"), tensor("a")]])]
    made = mapped(functional(layers, ["a", 0, 0], ["sum", 0, 0]))
    assert _nodes(made)["sum"] == [[["a", 0, 0], ["sum_again", 0, 0]]]


def test_two_outputs_of_one_tensor_and_an_output_that_is_an_input_are_copies() -> None:
    layers = [source((4,), "a"), called(layer("Dense", "d", **DENSE), "a")]
    made = mapped(functional(layers, ["a", 0, 0], [["d", 0, 0], ["d", 0, 0], ["a", 0, 0]]))
    assert made.json["config"]["output_layers"] == [["d", 0, 0], ["d_again", 0, 0], ["a_again", 0, 0]]


def test_dictionaries_are_read_in_the_order_of_their_keys() -> None:
    layers = [source((4,), "a"), called(layer("Dense", "d", **DENSE), "a"), called(layer("Dense", "e", units=2), "a")]
    made = mapped(functional(layers, {"x": ["a", 0, 0]}, {"z": ["d", 0, 0], "b": ["e", 0, 0]}))
    assert made.json["config"]["output_layers"] == [["e", 0, 0], ["d", 0, 0]]


def test_a_sequential_stays_one_and_becomes_a_functional_when_it_branches() -> None:
    assert mapped(sequential((4,), layer("Dense", "d", **DENSE))).json["class_name"] == "Sequential"
    assert (
        mapped(sequential((4,), layer("Dense", "d", units=4, activation="leaky_relu"))).json["class_name"]
        == "Sequential"
    )
    assert (
        mapped(sequential((4,), layer("Dense", "d", units=4, activation="hard_silu"))).json["class_name"]
        == "Functional"
    )


def test_a_sequential_without_an_input_layer_takes_the_shape_that_it_was_built_with() -> None:
    config = sequential((4,), layer("Dense", "d", **DENSE))
    del config["config"]["layers"][0]
    config["config"]["build_input_shape"] = [None, 4]
    made = mapped(config)
    assert made.json["config"]["layers"][0]["config"] == {
        "name": "d_input", "batch_input_shape": [None, 4], "dtype": "float32", "sparse": False,
    }  # fmt: skip


def test_layers_that_no_output_needs_are_left_out() -> None:
    layers = [source((4,), "a"), called(layer("Dense", "d", **DENSE), "a"), called(layer("Unknown", "u"), "a")]
    assert mapped(functional(layers, ["a", 0, 0], ["d", 0, 0])).chain == ["Dense"]


def test_integers_stay_integers_only_where_layers_take_them() -> None:
    def dtype(*layers: Any) -> Any:
        return mapped(sequential((4,), *layers, dtype="uint8")).json["config"]["layers"][0]["config"]["dtype"]

    assert dtype(layer("Embedding", "e", input_dim=9, output_dim=2)) == "int32"
    assert dtype(layer("Rescaling", "r", scale=0.5)) == "int32"
    assert dtype(layer("Dense", "d", **DENSE)) == "float32"


def test_an_input_of_strings_or_sparse_is_refused() -> None:
    for change in ({"dtype": "string"}, {"sparse": True}):
        config = sequential((4,), layer("Dense", "d", **DENSE))
        config["config"]["layers"][0]["config"].update(change)
        assert len(mapped(config).refused) == 1
