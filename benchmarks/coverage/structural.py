"""Models whose structure is odd: several inputs and outputs, sharing, nesting, what is handed through, loops, tables, dtypes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import places  # noqa: F401  (puts the survey's folder and the tests' on the path)

# isort: split
import control_flow_models
import layers_cases
import numpy as np
from case import Case
from feeds import Feed, normal, whole, words, yes_or_no

from tfjsci.graph.tensorflow import keras, tensorflow

_OPEN = frozenset({0})


def _batch(feed: Feed) -> Feed:
    return Feed(shape=(3, *feed.shape), dtype=feed.dtype, draw=feed.draw, free=_OPEN | {axis + 1 for axis in feed.free})


def _model(name: str, samples: dict[str, Feed], make: Callable[..., Any], *, exported: bool = False) -> Case:
    """A functional model: ``make`` takes ``keras`` and a tensor for each input, and gives the outputs."""
    feeds = tuple(_batch(feed) for feed in samples.values())

    def build() -> Any:
        k = keras()
        inputs = [
            k.Input(feed.declared[1:], dtype=feed.dtype, name=name) for name, feed in zip(samples, feeds, strict=True)
        ]
        return k.Model(inputs if len(inputs) > 1 else inputs[0], make(k, *inputs))

    return Case(name=f"structural/{name}", kind="structural", of="", feeds=feeds, build=build, exported=exported)


def _function(name: str, feeds: list[Feed], run: Callable[..., Any]) -> Case:
    return Case(name=f"structural/{name}", kind="structural", of="", feeds=tuple(feeds), build=lambda: run)


def _drawn(name: str, feeds: list[Feed], function: str) -> Case:
    """One of the tests' loops and branches."""

    def build() -> Any:
        run, _ = control_flow_models.STRUCTURAL[function](keras())
        return run

    return Case(name=f"structural/{name}", kind="structural", of="", feeds=tuple(feeds), build=build)


def _recurrent(name: str, feeds: list[Feed]) -> Case:
    def build() -> Any:
        return control_flow_models.RECURRENT[name](keras())

    return Case(name=f"structural/rnn_{name}", kind="structural", of="", feeds=tuple(map(_batch, feeds)), build=build)


def _branches(name: str) -> Case:
    """One of the tests' models of many branches."""
    inputs = {
        "vectors": [normal(7)],
        "images": [normal(9, 6, 4)],
        "sequences": [normal(6, 5)],
        "volumes": [normal(4, 6, 5, 3)],
        "masked": [whole(1, 20, 7), normal(5, 3)],
        "nested": [normal(6), normal(6)],
        "stack": [normal(8, 5, 3)],
    }
    feeds = tuple(map(_batch, inputs[name]))
    return Case(
        name=f"structural/branches_{name}",
        kind="structural",
        of="",
        feeds=feeds,
        build=lambda: layers_cases.MODELS[name](keras()),
    )


def _two_towers(k: Any, a: Any, b: Any) -> Any:
    tower = k.Sequential([k.Input((6,)), k.layers.Dense(5, activation="relu"), k.layers.Dense(3)], name="tower")
    left, right = tower(a), tower(b)
    return {"left": left, "right": right, "score": k.layers.Dot(axes=1)([left, right])}


def _equal_shapes(k: Any, z: Any, a: Any, m: Any) -> Any:
    """Three inputs and outputs of one shape, not in the order of their names."""
    layers = k.layers
    return [layers.Subtract()([z, a]), layers.Subtract()([a, m]), layers.Multiply()([m, layers.Dense(4)(z)])]


def _residual_twice(k: Any, x: Any) -> Any:
    shared = k.layers.Dense(5, activation="tanh")
    y = shared(x) + x
    return [shared(y), y, x]


def _image_and_words(k: Any, image: Any, tokens: Any) -> Any:
    layers = k.layers
    x = layers.GlobalAveragePooling2D()(
        layers.Conv2D(4, (3, 2), strides=(2, 1), padding="same", activation="relu")(image)
    )
    y = layers.LSTM(4)(layers.Embedding(11, 6, mask_zero=True)(tokens))
    both = layers.Concatenate()([x, y])
    return {"label": layers.Dense(3, activation="softmax")(both), "box": layers.Dense(4, activation="sigmoid")(both)}


def _nested_deeply(k: Any, x: Any) -> Any:
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(4), k.layers.BatchNormalization()], name="inner")
    middle_in = k.Input((4,))
    middle = k.Model(middle_in, [inner(middle_in), inner(middle_in * 2.0)], name="middle")
    first, second = middle(x)
    return [first, middle(second)[1]]


def _any_size(k: Any, x: Any) -> Any:
    y = k.layers.Conv2D(4, 3, strides=2, padding="same")(x)
    y = k.layers.UpSampling2D(2)(k.layers.BatchNormalization()(y))
    return [k.layers.Conv2D(2, 1)(y), k.layers.GlobalMaxPooling2D()(y)]


def _odd_names(k: Any, a: Any, b: Any) -> Any:
    y = k.layers.Dense(3, name="size_0")(k.layers.Subtract(name="sub.1")([a, b]))
    return {"sum of both": k.layers.Add()([a, b]), "x-y": y}


def _unused(k: Any, a: Any, b: Any) -> Any:
    return k.layers.Dense(3)(a), k.layers.Identity()(b)


def _looked_up(k: Any, texts: Any, ids: Any) -> Any:
    lookup = k.layers.StringLookup(vocabulary=["red", "green", "blue"])
    number = k.layers.IntegerLookup(vocabulary=[3, 7, 100])
    return {"text": k.layers.Embedding(5, 3)(lookup(texts)), "id": number(ids)}


def _text(k: Any, texts: Any) -> Any:
    layers = k.layers
    x = layers.TextVectorization(vocabulary=["red", "green"], output_sequence_length=4)(texts)
    return layers.GlobalAveragePooling1D()(layers.Embedding(5, 3)(x))


def _handed_through(x: Any, n: Any) -> Any:
    tf = tensorflow()
    y = x * 2.0
    return [x, y, y, n, tf.constant([[1.5, 2.5]]), x > 0.0]


def _dtypes(x: Any, n: Any, flag: Any) -> Any:
    tf = tensorflow()
    return [
        tf.where(flag, x, -x), tf.cast(n, "float32") / 3.0, tf.logical_not(flag), n // 3, n % 5, tf.bitwise.bitwise_and(n, 6),
        tf.cast(x, "int32"), tf.cast(flag, "int32"),
    ]  # fmt: skip


def _complex(re: Any, im: Any) -> Any:
    tf = tensorflow()
    z = tf.complex(re, im)
    return [z * tf.math.conj(z) + z, tf.abs(z), tf.math.angle(z), tf.signal.fft(z), tf.math.real(tf.signal.ifft(z))]


def _strings(texts: Any) -> Any:
    tf = tensorflow()
    return [tf.strings.lower(texts), tf.equal(texts, "Red green"), tf.strings.length(texts)]


def _doubles(x: Any) -> Any:
    tf = tensorflow()
    return [tf.reduce_sum(x, 1), tf.nn.softmax(x), tf.cast(x, "float32") * 2.0]


def _halves(x: Any) -> Any:
    tf = tensorflow()
    kernel = tf.constant(np.random.default_rng(3).normal(0, 0.5, (5, 4)), tf.float16)
    return tf.cast(tf.matmul(tf.cast(x, tf.float16), kernel), tf.float32)


def _empty(x: Any) -> Any:
    tf = tensorflow()
    return [tf.concat([x, x[:, :0]], 1), tf.reduce_sum(x[:, :0], 1), tf.shape(x)]


def _scalars(x: Any) -> Any:
    tf = tensorflow()
    return [tf.reduce_mean(x), tf.size(x), tf.cast(tf.rank(x), "float32") + x[0, 0]]


def _high_rank(x: Any) -> Any:
    tf = tensorflow()
    return [tf.transpose(x, (0, 3, 1, 4, 2, 5)), tf.reduce_max(x, (1, 4)), x[:, ::-1, 1:, ..., tf.newaxis][..., 0]]


def _slices(x: Any) -> Any:
    tf = tensorflow()
    parts = tf.split(x, [1, 3, 2], axis=1)
    return [
        parts[2],
        x[1:, ::2],
        x[..., -3:-1],
        tf.tile(parts[0], (1, 3)),
        tf.pad(x, [(0, 0), (2, 1)], constant_values=7.0),
    ]


def _shapes(x: Any) -> Any:
    """Sizes that are computed in the graph."""
    tf = tensorflow()
    n = tf.shape(x)[0]
    return [tf.reshape(x, (n * 2, -1)), tf.broadcast_to(x[:1], tf.shape(x)), tf.zeros((n, 2)) + tf.cast(n, "float32")]


def _named(feed: Feed) -> Feed:
    return feed.open(0)


def _all() -> Iterator[Case]:
    yield _model("two_towers", {"query": normal(6), "item": normal(6)}, _two_towers)
    yield _model("inputs_of_one_shape", {"z": normal(4), "a": normal(4), "m": normal(4)}, _equal_shapes)
    yield _model("shared_layer_and_input_as_output", {"x": normal(5)}, _residual_twice)
    yield _model("image_and_words", {"image": normal(9, 6, 3), "tokens": whole(0, 11, 7)}, _image_and_words)
    yield _model("nested_deeply", {"x": normal(4)}, _nested_deeply)
    yield _model("any_size_of_image", {"x": normal(8, 6, 3).open(0, 1)}, _any_size)
    yield _model("odd_names", {"zebra_1": normal(4), "ant.2": normal(4)}, _odd_names)
    yield _model("input_that_is_only_handed_through", {"a": normal(4), "b": normal(2)}, _unused)
    yield _model("lookups", {"texts": words(("red", "mauve"), 2), "ids": whole(0, 9, 1, dtype="int64")}, _looked_up)
    yield _model("text", {"texts": words(("Red green", "blue!"), 1)}, _text, exported=True)
    yield _function("handed_through", [_named(normal(2, 3)), _named(whole(0, 9, 2))], _handed_through)
    yield _function("dtypes", [normal(2, 3).open(0), whole(-9, 9, 2, 3).open(0), yes_or_no(2, 3).open(0)], _dtypes)
    yield _function("complex", [normal(2, 8), normal(2, 8)], _complex)
    yield _function("strings", [words(("Red green", "blue!"), 3)], _strings)
    yield _function("float64", [normal(2, 5, dtype="float64").open(0)], _doubles)
    yield _function("float16", [normal(2, 5).open(0)], _halves)
    yield _function("empty", [normal(2, 5).open(0)], _empty)
    yield _function("scalars", [normal(2, 5).open(0)], _scalars)
    yield _function("rank_6", [normal(2, 3, 2, 4, 1, 3)], _high_rank)
    yield _function("slices", [normal(3, 6).open(0)], _slices)
    yield _function("computed_sizes", [normal(3, 4).open(0)], _shapes)
    for name, shape in (
        ("collatz", (3, 2)), ("mapped", (3, 4)), ("nested", (3, 3)), ("swapped", (3, 3)), ("parts_written", (3, 6)),
        ("grown", (3, 2)), ("in_a_branch", (3, 2)), ("chosen", (3, 2)), ("known", (3, 3)),
    ):  # fmt: skip
        yield _drawn(f"loop_{name}", [normal(*shape).open(0)], name)
    for name, samples in {
        "with_state": [normal(5, 4).open(0)],
        "masked": [normal(5, 4).open(0)],
        "embedded": [whole(0, 9, 5).open(0)],
        "several": [normal(5, 3).open(0), normal(7, 2)],
        "stacked_cells": [normal(5, 4).open(0)],
        "time_distributed": [normal(4, 6, 5)],
        "conv_lstm": [normal(4, 6, 5, 2).open(0)],
    }.items():
        yield _recurrent(name, samples)
    for name in ("vectors", "images", "sequences", "volumes", "masked", "nested", "stack"):
        yield _branches(name)


STRUCTURAL: tuple[Case, ...] = tuple(_all())
