"""Loops: recurrent layers over sequences of known length."""

from __future__ import annotations

from typing import Any

from rule_costs import Case


def lstms(keras: Any) -> Any:
    """Two of 32 steps, of 64 units."""
    x = inputs = keras.Input((32, 16), batch_size=1)
    x = keras.layers.LSTM(64, return_sequences=True)(x)
    return keras.Model(inputs, keras.layers.LSTM(64)(x))


def long_gru(keras: Any) -> Any:
    """100 steps of few units."""
    inputs = keras.Input((100, 8), batch_size=1)
    return keras.Model(inputs, keras.layers.GRU(16)(inputs))


def wide_lstm(keras: Any) -> Any:
    """24 steps, whose products take most of the time."""
    inputs = keras.Input((24, 64), batch_size=1)
    return keras.Model(inputs, keras.layers.LSTM(512)(inputs))


CASES = tuple(
    Case(name=name, rules=("unrolled_loops",), build=build, pays_on=("wasm",), harmless_on=("webgl",))
    for name, build in (
        ("two LSTMs, 32 steps of 64", lstms),
        ("a GRU, 100 steps of 16", long_gru),
        ("an LSTM, 24 steps of 512", wide_lstm),
    )
)
