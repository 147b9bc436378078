"""Recurrent layers, unrolled and as loops (``unroll=False`` is Keras' default)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case
from feeds import Feed, normal, whole
from layer_case import layer, model

from tfjsci.graph.tensorflow import keras

_STEPS, _FEATURES = 5, 3

_VARIANTS: dict[str, dict[str, Any]] = {
    "": {},
    "sequences": {"return_sequences": True},
    "states": {"return_sequences": True, "return_state": True},
    "backwards": {"go_backwards": True, "return_sequences": True},
    "no_bias": {"use_bias": False},
    "dropout": {"dropout": 0.2, "recurrent_dropout": 0.2},
}
_OWN: dict[str, dict[str, dict[str, Any]]] = {
    "SimpleRNN": {"relu": {"activation": "relu"}},
    "LSTM": {"hard": {"recurrent_activation": "hard_sigmoid", "activation": "relu"}},
    "GRU": {"reset_before": {"reset_after": False}},
}


def _named(unroll: bool, variant: str) -> str:
    return "/".join(part for part in ("unrolled" if unroll else "loop", variant) if part)


def _layers(unroll: bool) -> Iterator[Case]:
    for name, own in _OWN.items():
        for variant, kwargs in {**_VARIANTS, **own}.items():
            yield layer(name, _named(unroll, variant), (_STEPS, _FEATURES), 4, unroll=unroll, **kwargs)
        yield model(name, _named(unroll, "masked"), [_with_zeros()], _masked(name, unroll))
        yield model(name, _named(unroll, "masked_sequences"), [_with_zeros()], _masked(name, unroll, True))
        yield model(name, _named(unroll, "first_states"), _states(name), _from_states(name, unroll))
        for mode in ("concat", "sum", "mul", "ave", None):
            yield model("Bidirectional", _named(unroll, f"{name}_{mode}"), [_sequence()], _both(name, unroll, mode))
    yield model("Bidirectional", _named(unroll, "masked"), [_with_zeros()], _masked_both(unroll))
    yield model("RNN", _named(unroll, "cell"), [_sequence()], _of_cells(unroll, "GRUCell"))
    yield model(
        "RNN", _named(unroll, "cells"), [_sequence()], _of_cells(unroll, "LSTMCell", "SimpleRNNCell", "GRUCell")
    )
    for rank, space in ((1, (8,)), (2, (8, 7)), (3, (4, 6, 5))):
        kwargs: dict[str, Any] = {"unroll": True} if unroll else {}
        shape = (3, *space, 2)
        yield layer(f"ConvLSTM{rank}D", _named(unroll, ""), shape, 4, 3, **kwargs)
        same = {"padding": "same", "return_sequences": True, **kwargs}
        yield layer(f"ConvLSTM{rank}D", _named(unroll, "same_sequences"), shape, 4, 3, **same)


def _sequence() -> Feed:
    return normal(_STEPS, _FEATURES)


def _with_zeros() -> Feed:
    """Some steps are all zero, and so masked."""
    return whole(0, 2, _STEPS, 1, dtype="float32")


def _masked(name: str, unroll: bool, sequences: bool = False) -> Any:
    def make(x: Any) -> Any:
        k = keras()
        return getattr(k.layers, name)(4, unroll=unroll, return_sequences=sequences)(k.layers.Masking()(x))

    return make


def _states(name: str) -> list[Feed]:
    return [_sequence(), *[normal(4)] * (2 if name == "LSTM" else 1)]


def _from_states(name: str, unroll: bool) -> Any:
    return lambda x, *states: getattr(keras().layers, name)(4, unroll=unroll)(x, initial_state=list(states))


def _both(name: str, unroll: bool, mode: str | None) -> Any:
    def make(x: Any) -> Any:
        k = keras()
        inner = getattr(k.layers, name)(4, unroll=unroll, return_sequences=mode != "sum")
        return k.layers.Bidirectional(inner, merge_mode=mode)(x)

    return make


def _masked_both(unroll: bool) -> Any:
    def make(x: Any) -> Any:
        k = keras()
        return k.layers.Bidirectional(k.layers.LSTM(4, unroll=unroll))(k.layers.Masking()(x))

    return make


def _of_cells(unroll: bool, *names: str) -> Any:
    def make(x: Any) -> Any:
        k = keras()
        cells = [getattr(k.layers, name)(4) for name in names]
        return k.layers.RNN(cells[0] if len(cells) == 1 else cells, unroll=unroll, return_sequences=True)(x)

    return make


def _cells() -> Iterator[Case]:
    x = normal(_FEATURES)
    for name in ("SimpleRNNCell", "GRUCell", "LSTMCell"):
        count = 2 if name == "LSTMCell" else 1
        yield model(name, "", [x, *[normal(4)] * count], _one_step(name))
    yield model("StackedRNNCells", "", [x, normal(4), normal(4)], _stacked_step)


def _one_step(name: str) -> Any:
    return lambda x, *states: getattr(keras().layers, name)(4)(x, list(states))


def _stacked_step(x: Any, *states: Any) -> Any:
    k = keras()
    return k.layers.StackedRNNCells([k.layers.GRUCell(4), k.layers.SimpleRNNCell(4)])(x, list(states))


RECURRENT: tuple[Case, ...] = (*_cells(), *_layers(unroll=True), *_layers(unroll=False))
