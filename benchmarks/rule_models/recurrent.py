"""Loops: recurrent layers over sequences of known length."""

from __future__ import annotations

from collections.abc import Callable
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


def grus_gates(batch: int) -> Callable[[Any], Any]:
    """24 steps of 64 units, whose two gates take one sum and one Sigmoid."""

    def build(keras: Any) -> Any:
        inputs = keras.Input((24, 32), batch_size=batch)
        return keras.Model(inputs, keras.layers.GRU(64)(inputs))

    return build


def unrolled(layer: str, batch: int) -> Callable[[Any], Any]:
    """24 steps of 64 units, of 32 features each; ``layer`` with its article."""

    def build(keras: Any) -> Any:
        inputs = keras.Input((24, 32), batch_size=batch)
        return keras.Model(inputs, getattr(keras.layers, layer.split()[-1])(64, unroll=True)(inputs))

    return build


UNROLLED = tuple(
    Case(name=name, rules=("unrolled_loops",), build=build, pays_on=("wasm",), harmless_on=("webgl",))
    for name, build in (
        ("two LSTMs, 32 steps of 64", lstms),
        ("a GRU, 100 steps of 16", long_gru),
        ("an LSTM, 24 steps of 512", wide_lstm),
    )
)
GATES = tuple(
    Case(
        name=f"a GRU's gates, batch of {batch}",
        rules=("parts_together",),
        build=grus_gates(batch),
        runs={"wasm": 300, "webgl": 120},
    )
    for batch in (1, 8)
)
BY_KERAS = tuple(
    Case(
        name=f"{layer} that Keras unrolled, batch of {batch}",
        rules=("product_of_parts_with_bias",),
        build=unrolled(layer, batch),
        pays_on=pays_on,
        harmless_on=harmless_on,
        runs={"wasm": 600, "webgl": 120},
    )
    for layer, batch, pays_on, harmless_on in (
        ("an LSTM", 1, ("webgl",), ("wasm",)),
        ("a GRU", 8, ("wasm", "webgl"), ()),
    )
)
CASES = UNROLLED + GATES + BY_KERAS
