"""Masks: what a layer reads in Keras is what TensorFlow.js hands it, or the model is refused."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from keras_configs import called, functional, layer, operation, sequential, source, tensor
from keras_configs import mapped as mapped_for

from tfjsci.dtypes import BACKENDS

WITHOUT_WEBGPU = tuple(backend for backend in BACKENDS if backend != "webgpu")
"""Where a recurrent layer may read a mask."""

mapped = partial(mapped_for, backends=WITHOUT_WEBGPU)

EMBEDDING = layer("Embedding", "embed", input_dim=9, output_dim=4, mask_zero=True)
UNMASKED = layer("Embedding", "embed", input_dim=9, output_dim=4, mask_zero=False)
LSTM = layer("LSTM", "read", units=3)


def _words(*layers: Any, dialect: Any = 3) -> Any:
    return mapped(sequential((6,), *layers, dtype="int32"), dialect=dialect)


def test_a_mask_reaches_the_layer_behind_the_embedding() -> None:
    assert _words(EMBEDDING, LSTM).chain == ["Embedding", "LSTM"]
    assert _words(EMBEDDING, layer("Dropout", "drop", rate=0.1), LSTM).chain == ["Embedding", "Dropout", "LSTM"]


@pytest.mark.parametrize(
    "reader", [LSTM, layer("SimpleRNN", "read", units=3), layer("RNN", "read", cell=layer("LSTMCell", units=3))]
)
def test_on_webgpu_no_recurrent_layer_can_read_a_mask(reader: dict[str, Any]) -> None:
    def on(embedding: dict[str, Any], backends: tuple[str, ...]) -> list[str]:
        return mapped_for(sequential((6,), embedding, reader, dtype="int32"), backends=backends).refused

    (refused,) = on(EMBEDDING, BACKENDS)
    assert refused.startswith(f"read ({reader['class_name']}): a mask reaches it")
    assert "without webgpu in --backends" in refused
    assert on(UNMASKED, BACKENDS) == on(EMBEDDING, WITHOUT_WEBGPU) == []


def _both(name: str = "both", *, sequences: bool = True, merge_mode: str | None = "concat") -> dict[str, Any]:
    inner = layer("LSTM", f"forward_{name}", units=3, return_sequences=sequences)
    return layer("Bidirectional", name, layer=inner, merge_mode=merge_mode)


@pytest.mark.parametrize("dialect", [2, 3])
def test_masked_steps_of_sequences_in_both_directions_that_somebody_sees_are_refused(dialect: Any) -> None:
    """Keras makes zeros of them. The near misses: the ends alone, sequences without a mask, one direction."""
    refused = (
        "both (Bidirectional): masked steps of its sequences are zero in Keras, and the step before in TensorFlow.js"
    )
    for behind in ((), (layer("Flatten"),), (layer("TimeDistributed", "each", layer=layer("Dense", "d", units=2)),)):
        assert _words(EMBEDDING, _both(), *behind, dialect=dialect).refused == [refused]
    assert _words(EMBEDDING, _both(sequences=False), dialect=dialect).chain == ["Embedding", "Bidirectional"]
    assert _words(UNMASKED, _both(), dialect=dialect).chain == ["Embedding", "Bidirectional"]
    one = layer("LSTM", "read", units=3, return_sequences=True)
    assert _words(EMBEDDING, one, dialect=dialect).chain == ["Embedding", "LSTM"]


def test_recurrent_layers_that_pass_the_masked_steps_over_may_follow() -> None:
    """Several one on another, the common use; the near miss is a layer in between that looks at each step."""
    stacked = _words(EMBEDDING, _both(), layer("Dropout", "drop", rate=0.1), _both("next", sequences=False))
    assert stacked.chain == ["Embedding", "Bidirectional", "Dropout", "Bidirectional"]
    assert _words(EMBEDDING, _both(), _both("next"), LSTM).chain == [
        "Embedding",
        "Bidirectional",
        "Bidirectional",
        "LSTM",
    ]
    (refused,) = _words(EMBEDDING, _both(), layer("Dense", "dense", units=4), LSTM).refused
    assert refused.startswith("both (Bidirectional)")


def test_a_mask_that_gets_lost_on_the_way_is_told() -> None:
    between = layer("LeakyReLU", "between", negative_slope=0.1)
    assert _words(EMBEDDING, between, LSTM).refused == [
        "read (LSTM): its mask gets lost on the way in TensorFlow.js",
    ]
    assert _words(UNMASKED, between, LSTM).chain == ["Embedding", "LeakyReLU", "LSTM"]


def test_a_mask_that_keras_drops_must_not_arrive() -> None:
    assert _words(EMBEDDING, layer("RandomFlip", "drop"), LSTM).refused == [
        "read (LSTM): its mask is another one on the way in TensorFlow.js",
    ]


def test_a_layer_that_ignores_a_mask_in_both_is_let_be() -> None:
    assert _words(EMBEDDING, layer("Flatten", "flat"), layer("Dense", "out", units=2)).chain == [
        "Embedding",
        "Flatten",
        "Dense",
    ]


@pytest.mark.parametrize(
    "reader",
    [
        layer("GlobalAveragePooling1D", "read"),
        layer("Softmax", "read", axis=-1),
        layer(
            "RNN", "read", cell=layer("StackedRNNCells", cells=[layer("LSTMCell", units=3), layer("LSTMCell", units=2)])
        ),
        layer("LSTM", "read", units=3, return_sequences=True, zero_output_for_mask=True),
    ],
)
def test_readers_that_the_runtime_fails_are_refused(reader: dict[str, Any]) -> None:
    assert [line.partition(" ")[0] for line in _words(EMBEDDING, reader).refused] == ["read"]
    assert _words(UNMASKED, reader).refused == []


def _masked_by(name: str) -> Any:
    """Keras 3 writes the mask of a functional model out: ``words != 0`` beside the embedding."""
    layers = [
        source((6,), "words", "int32"),
        source((6,), "others", "int32"),
        called(EMBEDDING, "words"),
        called(operation("NotEqual", "not_equal"), [tensor(name), 0]),
        called(LSTM, ([tensor("embed")], {"mask": tensor("not_equal"), "training": False})),
    ]
    return mapped(functional(layers, [["words", 0, 0], ["others", 0, 0]], ["read", 0, 0]))


def test_the_mask_that_keras_writes_out_is_the_runtimes_own() -> None:
    assert _masked_by("words").chain == ["Embedding", "LSTM"]


def test_a_mask_of_something_else_is_refused() -> None:
    assert _masked_by("others").refused == ["read (LSTM): its mask is another one on the way in TensorFlow.js"]


def test_a_mask_by_value_is_any_feature_that_differs() -> None:
    def read(value: float) -> Any:
        layers = [
            source((6, 3), "x"),
            called(layer("Masking", "mask", mask_value=0.5), "x"),
            called(operation("NotEqual", "differs"), [tensor("x"), value]),
            called(operation("Any", "any", axis=-1, keepdims=False), [tensor("differs")]),
            called(LSTM, ([tensor("mask")], {"mask": tensor("any")})),
        ]
        return mapped(functional(layers, ["x", 0, 0], ["read", 0, 0]))

    assert read(0.5).chain == ["Masking", "LSTM"]
    assert len(read(0.0).refused) == 1


def test_an_unmasked_reader_beside_a_masked_one_would_be_handed_its_mask() -> None:
    def beside(mask_zero: bool) -> Any:
        mask = {"mask": tensor("differs")} if mask_zero else {}
        layers = [
            source((6,), "words", "int32"),
            source((5, 4), "series"),
            called({**EMBEDDING, "config": {**EMBEDDING["config"], "mask_zero": mask_zero}}, "words"),
            called(operation("NotEqual", "differs"), [tensor("words"), 0]),
            called(LSTM, ([tensor("embed")], mask)),
            called(layer("LSTM", "other", units=3), "series"),
        ]
        outputs = [["read", 0, 0], ["other", 0, 0]]
        return mapped(functional(layers, [["words", 0, 0], ["series", 0, 0]], outputs))

    assert beside(False).refused == []
    (refused,) = beside(True).refused
    assert refused.startswith("other (LSTM): no mask reaches it in Keras")


def test_masks_follow_by_themselves_in_keras_2() -> None:
    layers: list[Any] = [
        source((6,), "words", "int32"),
        {**EMBEDDING, "inbound_nodes": [[["words", 0, 0, {}]]]},
        {**LSTM, "inbound_nodes": [[["embed", 0, 0, {}]]]},
    ]
    assert mapped(functional(layers, [["words", 0, 0]], [["read", 0, 0]]), dialect=2).chain == ["Embedding", "LSTM"]


def test_an_initial_state_with_a_mask_is_refused_and_without_one_is_not() -> None:
    def with_state(mask_zero: bool) -> Any:
        mask = {"mask": tensor("differs")} if mask_zero else {}
        layers = [
            source((6,), "words", "int32"),
            source((3,), "h"),
            source((3,), "c"),
            called({**EMBEDDING, "config": {**EMBEDDING["config"], "mask_zero": mask_zero}}, "words"),
            called(operation("NotEqual", "differs"), [tensor("words"), 0]),
            called(LSTM, ([tensor("embed")], {"initial_state": [tensor("h"), tensor("c")], **mask})),
        ]
        return mapped(functional(layers, [["words", 0, 0], ["h", 0, 0], ["c", 0, 0]], ["read", 0, 0]))

    assert with_state(False).chain == ["Embedding", "LSTM"]
    assert len(with_state(True).refused) == 1
