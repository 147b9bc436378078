"""Loops: recurrent layers over sequences of known length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rule_costs import Case

from tfjsci.dtypes import Backend


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


def both_ways(layer: str, units: int, *, steps: int = 24) -> Callable[[Any], Any]:
    """A layer forwards and backwards, over 32 features."""

    def build(keras: Any) -> Any:
        inputs = keras.Input((steps, 32), batch_size=1)
        layers = keras.layers
        one = getattr(layers, layer)(units, return_sequences=True)
        return keras.Model(inputs, layers.Bidirectional(one)(inputs))

    return build


BOTH: tuple[Backend, ...] = ("wasm", "webgl")
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
        batch=batch,
        runs={"wasm": 300, "webgl": 120},
    )
    for batch in (1, 8)
)
BY_KERAS = tuple(
    Case(
        name=f"{layer} that Keras unrolled, batch of {batch}",
        rules=("product_of_parts_with_bias",),
        build=unrolled(layer, batch),
        batch=batch,
        pays_on=pays_on,
        harmless_on=harmless_on,
        runs={"wasm": 600, "webgl": 120},
    )
    for layer, batch, pays_on, harmless_on in (
        ("an LSTM", 1, ("webgl",), ("wasm",)),
        ("a GRU", 1, ("wasm", "webgl"), ()),
    )
)
BOTH_WAYS = tuple(
    Case(name=name, rules=("loops_together",), build=build, pays_on=pays_on, harmless_on=harmless_on, runs=runs)
    for name, build, pays_on, harmless_on, runs in (
        ("a Bidirectional LSTM of 16", both_ways("LSTM", 16), BOTH, (), {"wasm": 300, "webgl": 60}),
        ("a Bidirectional LSTM of 64", both_ways("LSTM", 64), BOTH, (), {"wasm": 300, "webgl": 60}),
        ("a Bidirectional LSTM of 256", both_ways("LSTM", 256), ("wasm",), (), {"wasm": 300, "webgl": 120}),
        ("a Bidirectional GRU of 64", both_ways("GRU", 64), BOTH, (), {"wasm": 300, "webgl": 60}),
        (
            "a Bidirectional LSTM's loop, 300 steps of 64",
            both_ways("LSTM", 64, steps=300),
            BOTH,
            (),
            {"wasm": 40, "webgl": 24},
        ),
    )
)


def of_open_batch(layer: str, *, both: bool = False) -> Callable[[Any], Any]:
    """24 steps of 64 units over 32 features."""

    def build(keras: Any) -> Any:
        inputs = keras.Input((24, 32))
        made = getattr(keras.layers, layer)(64)
        return keras.Model(inputs, keras.layers.Bidirectional(made)(inputs) if both else made(inputs))

    return build


def of_gpus_alone(name: str, rules: tuple[str, ...], build: Callable[[Any], Any], *, batch: int = 1) -> Case:
    """A layer of a model for GPUs alone."""
    return Case(
        name=f"{name}, for GPUs alone",
        rules=rules,
        build=build,
        batch=batch,
        pays_on=("webgl",),
        wanted=("webgl", "webgpu", "cpu"),
        runs={"webgl": 120},
    )


_BOTH = of_open_batch("LSTM", both=True)
ON_GPUS = (
    of_gpus_alone("a Bidirectional LSTM's products", ("products_as_batch",), _BOTH),
    of_gpus_alone("a Bidirectional LSTM's products, batch of 8", ("products_as_batch",), _BOTH, batch=8),
    of_gpus_alone("an LSTM's sums", ("sum_as_bias",), of_open_batch("LSTM")),
    of_gpus_alone("an LSTM's gates", ("gates_together",), of_open_batch("LSTM")),
    of_gpus_alone("an LSTM's gates, batch of 8", ("gates_together",), of_open_batch("LSTM"), batch=8),
    of_gpus_alone("a GRU's gates and its state", ("gates_apart",), of_open_batch("GRU")),
    of_gpus_alone("a GRU's gates and its state, batch of 8", ("gates_apart",), of_open_batch("GRU"), batch=8),
    of_gpus_alone("a GRU's state", ("gated_sum",), of_open_batch("GRU")),
    of_gpus_alone("an LSTM's state, batch of 8", ("gated_sum",), of_open_batch("LSTM"), batch=8),
)
CASES = UNROLLED + GATES + BY_KERAS + BOTH_WAYS + ON_GPUS
