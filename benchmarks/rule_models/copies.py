"""Layers that repeat what they are given."""

from __future__ import annotations

from typing import Any

from rule_costs import Case

RUNS = {"wasm": 300, "cpu": 60}


def sequence(keras: Any) -> Any:
    """A decoder of a sequence: 64 steps of 64, twice as many, and twice as many again."""
    layers = keras.layers
    x = inputs = keras.Input((64, 64), batch_size=1)
    for _ in range(2):
        x = layers.Conv1D(64, 3, padding="same", activation="relu")(layers.UpSampling1D(2)(x))
    return keras.Model(inputs, x)


def volume(keras: Any) -> Any:
    """8³ of 16 channels, made 16³."""
    x = inputs = keras.Input((8, 8, 8, 16), batch_size=1)
    return keras.Model(inputs, keras.layers.Conv3D(4, 1)(keras.layers.UpSampling3D(2)(x)))


def vectors(keras: Any) -> Any:
    """A vector of 128 for each of 32 steps, four times."""
    layers = keras.layers
    inputs = keras.Input((128,), batch_size=1)
    parts = [layers.RepeatVector(32)(layers.Dense(128, activation="tanh")(inputs)) for _ in range(4)]
    return keras.Model(inputs, layers.Multiply()(parts))


CASES = tuple(
    Case(
        name=f"{name}, for wasm and cpu alone",
        rules=("tile_as_copies",),
        build=build,
        pays_on=("wasm", "cpu"),
        wanted=("wasm", "cpu"),
        runs=RUNS,
    )
    for name, build in (
        ("two UpSampling1D, 64 steps of 64", sequence),
        ("an UpSampling3D, 8³ of 16", volume),
        ("four RepeatVector, 32 times 128", vectors),
    )
)
