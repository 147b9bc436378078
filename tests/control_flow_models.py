"""Models with loops and branches: Keras' recurrent layers in their variants, and TensorFlow's own control flow with a twist.

Each makes a SavedModel or a .keras file; nothing is square, batch and steps are open, and weights are drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.graph.tensorflow import keras, tensorflow

Make = Callable[[Any], Any]
"""Keras or TensorFlow -> a Keras model, or a function with its input specs."""


def _recurrent(layer: Callable[[Any], Any], *, steps: int | None = None, features: int = 5) -> Make:
    """One layer (or a function of the symbolic input) over a sequence of open length."""

    def make(k: Any) -> Any:
        x = k.Input((steps, features), name="x")
        return k.Model(x, layer(k)(x))

    return make


def _with_state(k: Any) -> Any:
    x = k.Input((None, 4), name="x")
    sequence, hidden, cell = k.layers.LSTM(3, return_sequences=True, return_state=True)(x)
    again = k.layers.LSTM(3, return_sequences=True)(sequence, initial_state=[cell, hidden])
    last, state = k.layers.GRU(2, return_state=True)(again)
    return k.Model(x, {"hidden": hidden, "cell": cell, "last": last, "state": state})


def _masked(k: Any) -> Any:
    x = k.Input((None, 4), name="x")
    y = k.layers.Masking(mask_value=0.0)(x)
    y = k.layers.LSTM(6, return_sequences=True)(y)
    y = k.layers.GRU(5, return_sequences=True)(y)
    return k.Model(x, k.layers.SimpleRNN(3)(y))


def _embedded(k: Any) -> Any:
    words = k.Input((None,), dtype="int32", name="words")
    y = k.layers.Embedding(9, 4, mask_zero=True)(words)
    y = k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True))(y)
    return k.Model(words, k.layers.Dense(2)(k.layers.GRU(5, go_backwards=True)(y)))


def _several(k: Any) -> Any:
    a, b = k.Input((None, 3), name="a"), k.Input((7, 2), name="b")
    left = k.layers.LSTM(4)(a)
    right = k.layers.Bidirectional(k.layers.GRU(3), merge_mode="sum")(b)
    both = k.layers.Concatenate()([left, right])
    return k.Model([a, b], {"left": left, "both": k.layers.Dense(5, activation="tanh")(both)})


def _fixed_layers(k: Any) -> Any:
    words = k.Input((5,), dtype="int32", name="words")
    y = k.layers.Embedding(9, 4, mask_zero=True)(words)
    y = k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True))(y)
    y, state = k.layers.GRU(6, go_backwards=True, return_sequences=True, return_state=True)(y)
    z = k.layers.GRU(2, reset_after=False)(k.layers.SimpleRNN(3, return_sequences=True)(y))
    return k.Model(words, {"state": state, "y": y, "z": z})


def _both_ways(k: Any) -> Any:
    """Bidirectional layers in a row, and two layers over other inputs: each two loops that do the same."""
    x = k.Input((5, 4), name="x")
    y = k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True))(x)
    y = k.layers.Bidirectional(k.layers.GRU(4, return_sequences=True), merge_mode="mul")(y)
    forwards, backwards = k.layers.Bidirectional(k.layers.GRU(3, reset_after=False), merge_mode=None)(y)
    one, two = k.layers.LSTM(2)(x), k.layers.LSTM(2, go_backwards=True)(k.layers.Dense(4)(x))
    return k.Model(x, {"forwards": forwards, "backwards": backwards, "one": one, "two": two})


def _stacked_cells(k: Any) -> Any:
    x = k.Input((None, 4), name="x")
    cells = [k.layers.LSTMCell(3), k.layers.GRUCell(5), k.layers.SimpleRNNCell(2)]
    return k.Model(x, k.layers.RNN(cells, return_sequences=True)(x))


def _time_distributed(k: Any) -> Any:
    x = k.Input((4, 6, 5), name="x")
    y = k.layers.TimeDistributed(k.layers.LSTM(3))(x)
    return k.Model(x, k.layers.TimeDistributed(k.layers.Dense(2, activation="relu"))(y))


def _conv_lstm(k: Any) -> Any:
    x = k.Input((None, 6, 5, 2), name="x")
    y = k.layers.ConvLSTM2D(3, (3, 2), padding="same", return_sequences=True)(x)
    return k.Model(x, k.layers.ConvLSTM2D(2, 2)(y))


RECURRENT: Mapping[str, Make] = {
    "lstm": _recurrent(lambda k: k.layers.LSTM(3)),
    "lstm_sequences": _recurrent(lambda k: k.layers.LSTM(3, return_sequences=True)),
    "lstm_fixed": _recurrent(lambda k: k.layers.LSTM(3, return_sequences=True), steps=6),
    "gru_sequences": _recurrent(lambda k: k.layers.GRU(4, return_sequences=True)),
    "gru_reset_before": _recurrent(lambda k: k.layers.GRU(4, reset_after=False)),
    "simple": _recurrent(lambda k: k.layers.SimpleRNN(4, activation="relu", return_sequences=True)),
    "backwards": _recurrent(lambda k: k.layers.LSTM(3, go_backwards=True, return_sequences=True, use_bias=False)),
    "bidirectional": _recurrent(lambda k: k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True))),
    "both_ways": _both_ways,
    "fixed_layers": _fixed_layers,
    "with_state": _with_state,
    "masked": _masked,
    "embedded": _embedded,
    "several": _several,
    "stacked_cells": _stacked_cells,
    "time_distributed": _time_distributed,
    "conv_lstm": _conv_lstm,
}
"""Keras' recurrent layers."""


def _function(
    run: Callable[[Any], Callable[..., Any]], *shapes: tuple[int | None, ...], dtype: str = "float32"
) -> Make:
    def make(_: Any) -> Any:
        tf = tensorflow()
        names = "xyz"[: len(shapes)]
        specs = [tf.TensorSpec(shape, dtype, name=name) for name, shape in zip(names, shapes, strict=True)]
        return run(tf), specs

    return make


def _collatz(tf: Any) -> Callable[..., Any]:
    """A loop whose turns depend on the data, with a branch in it that hands a variable through."""

    def run(x: Any) -> Any:
        def turn(n: Any, count: Any, trace: Any) -> Any:
            n = tf.cond(tf.equal(n % 2, 0), lambda: n // 2, lambda: 3 * n + 1)
            return n, count + 1, trace + tf.cast(n, "float32")

        n = tf.cast(tf.reduce_max(x), "int32")
        n, count, trace = tf.while_loop(
            lambda n, count, trace: (n > 1) & (count < 40), turn, (n, tf.constant(0), tf.zeros_like(x))
        )
        return {"n": n, "count": count, "trace": trace}

    return run


def _mapped(tf: Any) -> Callable[..., Any]:
    """What is written to the list is no variable of the loop; two lists in one loop."""

    def run(x: Any) -> Any:
        first, second = tf.map_fn(lambda row: (tf.nn.softmax(row) * 2.0, tf.reduce_sum(row)), x, (x.dtype, x.dtype))
        return {"first": first, "second": second}

    return run


def _nested(tf: Any) -> Callable[..., Any]:
    """A loop in a loop, each writing a list."""

    def run(x: Any) -> Any:
        return tf.map_fn(lambda row: tf.map_fn(lambda item: item * item + tf.reduce_max(row), row), x)

    return run


def _swapped(tf: Any) -> Callable[..., Any]:
    """Variables that change places, one that is a weight after the first turn, one that is given back twice."""
    weight = tf.constant([[1.0, -2.0, 0.5]])

    def run(x: Any) -> Any:
        def turn(i: Any, a: Any, b: Any, w: Any, twice: Any, again: Any) -> Any:
            parts = tf.split(a + w, 3, axis=1)
            return i + 1, b, parts[2] + parts[0] * a, weight, twice + 1.0, twice + 1.0

        init = (tf.constant(0), x, x * 2.0, tf.zeros_like(weight), tf.constant(0.0), tf.constant(1.0))
        _, a, b, w, twice, again = tf.while_loop(
            lambda i, *_: i < tf.shape(x)[0] + 1, turn, init, shape_invariants=None
        )
        return {"a": a, "b": b, "w": w, "twice": twice, "again": again}

    return run


def _parts_written(tf: Any) -> Callable[..., Any]:
    """Several outputs of one node go into lists and round the loop."""

    def run(x: Any) -> Any:
        def turn(i: Any, state: Any, one: Any, two: Any) -> Any:
            a, b, c = tf.split(state, 3, axis=1)
            return i + 1, tf.concat([b, c, a + 1.0], 1), one.write(i, a), two.write(i, b)

        lists = [tf.TensorArray("float32", 4, element_shape=(None, 2)) for _ in range(2)]
        _, state, one, two = tf.while_loop(lambda i, *_: i < 4, turn, (tf.constant(0), x, *lists))
        return {"state": state, "one": one.stack(), "two": two.stack()}

    return run


def _grown(tf: Any) -> Callable[..., Any]:
    """A list that grows; one that a loop leaves before its end; one whose length is asked."""

    def run(x: Any) -> Any:
        rows = tf.shape(x)[0]

        def turn(i: Any, sum_: Any, grown: Any, left: Any) -> Any:
            row = x[i] * 2.0
            return i + 1, sum_ + tf.abs(row), grown.write(i, row), left.write(i, row + 1.0)

        grown = tf.TensorArray("float32", 0, dynamic_size=True, element_shape=(2,))
        left = tf.TensorArray("float32", rows + 2, element_shape=(2,))
        going = lambda i, sum_, *_: (i < rows) & (tf.reduce_sum(sum_) < 4.0)  # noqa: E731
        _, _, grown, left = tf.while_loop(going, turn, (0, tf.zeros(2), grown, left))
        size = tf.TensorArray("float32", rows).size()
        return {"grown": grown.stack(), "left": left.stack(), "size": size}

    return run


def _joined(tf: Any) -> Callable[..., Any]:
    """A list that is cut out of a tensor, one that is joined to one after a loop in a loop, and one that a loop never sees."""

    def run(x: Any) -> Any:
        parts = tf.TensorArray("float32", 3, element_shape=(2, 4)).split(x, [2, 2, 2])

        def turn(i: Any, joined: Any) -> Any:
            part = parts.read(i)
            _, part = tf.while_loop(lambda j, _: j < i, lambda j, part: (j + 1, part * 2.0 - 1.0), (0, part))
            return i + 1, joined.write(i, part)

        _, joined = tf.while_loop(lambda i, _: i < 3, turn, (0, tf.TensorArray("float32", 3)))
        two = tf.TensorArray("float32", 2).write(0, parts.read(2)).write(1, parts.read(0))
        return {"joined": joined.concat(), "two": two.concat()}

    return run


def _in_a_branch(tf: Any) -> Callable[..., Any]:
    """A list that is written in a branch in a loop; a branch that gives a weight, one that gives its argument."""
    weight = tf.constant([[4.0, 5.0]])

    def run(x: Any) -> Any:
        def turn(i: Any, state: Any, array: Any) -> Any:
            state, wanted = tf.cond(
                tf.reduce_sum(state) > 3.0,
                lambda: (state - 1.0, tf.broadcast_to(weight, tf.shape(state))),
                lambda: (state, state * 3.0),
            )
            return i + 1, state + 0.25, array.write(i, wanted)

        array = tf.TensorArray("float32", 3)
        _, state, array = tf.while_loop(lambda i, *_: i < tf.shape(x)[0], turn, (tf.constant(0), x, array))
        given = tf.cond(tf.reduce_sum(x) > 0.0, lambda: weight, lambda: weight * 2.0)
        same = tf.cond(tf.reduce_sum(x) > 0.0, lambda: x, lambda: x * 2.0)
        return {"state": state, "list": array.stack(), "given": given, "same": same}

    return run


def _chosen(tf: Any) -> Callable[..., Any]:
    """A case of four, and one of a number that is none."""

    def run(x: Any) -> Any:
        cases = [lambda: x, lambda: x * 2.0, lambda: tf.reverse(x, [0]), lambda: x - 1.0]
        size = tf.shape(x)[0]
        return {
            "third": tf.switch_case(size - 1, cases),
            "last": tf.switch_case(size + 10, cases),
            "none": tf.switch_case(-size, cases),
        }

    return run


def _known(tf: Any) -> Callable[..., Any]:
    """Loops that turn never, once, and three times; a branch that is known."""

    def run(x: Any) -> Any:
        def powers(times: int) -> Any:
            return tf.while_loop(lambda i, _: i < times, lambda i, y: (i + 1, y * x + 1.0), (tf.constant(0), x))[1]

        chosen = tf.cond(tf.constant(True), lambda: x + 1.0, lambda: x - 1.0)
        return {"never": powers(0), "once": powers(1), "thrice": powers(3), "chosen": chosen}

    return run


def _scanned(k: Any) -> Any:
    x = k.Input((6, 4), batch_size=3, name="x")

    class Scan(k.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, x: Any) -> Any:
            ops = k.ops
            carry, sums = ops.scan(
                lambda c, row: (c + row, c * row), ops.zeros_like(x[:, 0]), ops.transpose(x, (1, 0, 2))
            )
            total = ops.fori_loop(0, 4, lambda i, v: v * 0.5 + ops.cast(i, "float32"), carry)
            chosen = ops.cond(ops.sum(total) > 0.0, lambda: total * 2.0, lambda: -total)
            looped = ops.while_loop(lambda v: ops.sum(v) < 100.0, lambda v: (v + 10.0,), (ops.abs(total),))
            return sums, chosen, looped[0]

    return k.Model(x, Scan()(x))


STRUCTURAL: Mapping[str, Make] = {
    "collatz": _function(_collatz, (None, 2)),
    "mapped": _function(_mapped, (None, 4)),
    "nested": _function(_nested, (None, 3)),
    "swapped": _function(_swapped, (None, 3)),
    "parts_written": _function(_parts_written, (None, 6)),
    "grown": _function(_grown, (None, 2)),
    "joined": _function(_joined, (6, 4)),
    "in_a_branch": _function(_in_a_branch, (None, 2)),
    "chosen": _function(_chosen, (None, 2)),
    "known": _function(_known, (None, 3)),
    "scanned": _scanned,
}
"""TensorFlow's and Keras' own loops and branches."""

ALL = {**RECURRENT, **STRUCTURAL}

KNOWN_LENGTH = ("lstm_fixed", "both_ways", "fixed_layers", "joined", "parts_written")
"""Those of whose loops each turns as often as is known before."""


def model_of(name: str, folder: Path) -> Path:
    """The model of that name, saved."""
    k, tf = keras(), tensorflow()
    k.backend.clear_session()
    made = ALL[name](k)
    rng = np.random.default_rng(3)
    if isinstance(made, tuple):
        run, specs = made
        module = tf.Module()
        module.run = tf.function(run, input_signature=specs)
        tf.saved_model.save(module, str(folder / name), signatures=module.run)
        return folder / name
    for variable in made.variables:
        variable.assign(rng.normal(size=variable.shape, scale=0.4))
    if name == "scanned":
        made.export(str(folder / name), verbose=False)
        return folder / name
    made.save(folder / f"{name}.keras")
    return folder / f"{name}.keras"


def sample_of(inputs: Any, *, seed: int = 5, larger: bool = False) -> dict[str, Any]:
    """Random inputs; open dimensions are 3 and 4, or 2 and 7; the ends of some sequences are 0, which a mask leaves out."""
    rng = np.random.default_rng(seed)
    sample: dict[str, Any] = {}
    for spec in inputs:
        open_sizes = iter((2, 7, 3) if larger else (3, 4, 2))
        shape = tuple(size if size is not None else next(open_sizes) for size in spec.shape)
        if spec.dtype.startswith("int"):
            value = rng.integers(1, 9, shape).astype(spec.dtype)
        else:
            value = rng.normal(size=shape).astype(spec.dtype)
        if len(shape) > 1 and shape[1] > 2:
            value[0, -2:] = 0
        sample[spec.name] = value
    return sample
