"""State: refused with its name, or an input and an output; what reaches no output is neither."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lowered_graph import answers

from tfjsci.converter import Converted, convert
from tfjsci.errors import ConversionFailed, UsageError
from tfjsci.load.load import LoadOptions
from tfjsci.load.state import thread_state

tf: Any = None  # set by conftest.py when the first test runs


def save(folder: Path, run: Any, **variables: Any) -> Path:
    module = tf.Module()
    for name, variable in variables.items():
        setattr(module, name, variable)
    module.run = tf.function(run, input_signature=[tf.TensorSpec([2], tf.float32, name="x")], autograph=False)
    tf.saved_model.save(module, str(folder / "m"), signatures=module.run)
    return folder / "m"


def stateful(folder: Path) -> Converted:
    return convert(folder, backends=["cpu"], options=LoadOptions(state_as_io=True))


def test_every_write_is_followed_in_order(tmp_path: Path) -> None:
    n, rows = tf.Variable(3.0, name="n"), tf.Variable(tf.reshape(tf.range(6.0), [3, 2]), name="rows")

    def run(x: Any) -> Any:
        first = n.read_value()
        n.assign_add(2.0)
        second = n.read_value()
        n.assign_sub(second * 10.0)
        rows.scatter_update(tf.IndexedSlices(x[None], [1]))
        rows.scatter_add(tf.IndexedSlices(x[None], [2]))
        return {"y": first * 100.0 + second, "picked": tf.gather(rows, [1, 2])}

    model = stateful(save(tmp_path, run, n=n, rows=rows))
    assert [spec.name for spec in model.inputs] == ["x", "n", "rows"]
    assert [(each.name, each.initial.tolist()) for each in model.loaded.state] == [
        ("n", 3.0),
        ("rows", [[0, 1], [2, 3], [4, 5]]),
    ]
    given = {"x": np.float32([7, 8]), "n": np.float32(1), "rows": np.ones((3, 2), np.float32)}
    original, ours = model.loaded.original(given), answers(model, given)
    assert original["n"] == 1 + 2 - 30
    assert set(ours) == {"y", "picked", "n", "rows"}
    for name, value in original.items():
        np.testing.assert_allclose(ours[name], value, err_msg=name)


def test_what_only_counts_for_itself_is_no_output(tmp_path: Path) -> None:
    seen, weight = tf.Variable(0.0, name="seen"), tf.Variable(2.0, name="weight")

    def run(x: Any) -> Any:
        seen.assign_add(1.0)
        return {"y": x * weight}

    folder = save(tmp_path, run, seen=seen, weight=weight)
    model = stateful(folder)
    assert [spec.name for spec in (*model.inputs, *model.outputs)] == ["x", "y"]
    assert model.loaded.state == ()
    told = (
        "no output depends on a variable that inference changes: state_as_io (--state-as-io) has made no input of one"
    )
    assert (model.notes, convert(folder, backends=["cpu"]).notes) == ((told,), ())


def test_what_a_loop_changes_is_named(tmp_path: Path) -> None:
    n = tf.Variable(0.0, name="n")

    def turn(i: Any) -> Any:
        n.assign_add(1.0)
        return i + 1

    def run(x: Any) -> Any:
        tf.while_loop(lambda i: i < 3, turn, [0])
        return {"y": x + n}

    with pytest.raises(ConversionFailed, match=r"keeps state.*While.*changes n"):
        stateful(save(tmp_path, run, n=n))


def test_a_weight_that_such_a_loop_only_reads_is_a_weight(tmp_path: Path) -> None:
    n, w = tf.Variable(0.0, name="n"), tf.Variable(2.0, name="w")

    def turn(i: Any) -> Any:
        n.assign_add(w)
        return i + 1

    def run(x: Any) -> Any:
        tf.while_loop(lambda i: i < 3, turn, [0])
        return {"y": x * w}

    model = stateful(save(tmp_path, run, n=n, w=w))
    assert model.loaded.state == ()
    assert sorted(node.op for node in model.graph) == ["Const", "Mul", "Placeholder"]


def test_without_the_option_it_is_refused_and_the_option_told(tmp_path: Path) -> None:
    n = tf.Variable(0.0, name="n")
    folder = save(tmp_path, lambda x: {"y": x + n.assign_add(1.0)}, n=n)
    with pytest.raises(ConversionFailed, match=r"changes n") as refused:
        convert(folder, backends=["cpu"])
    assert "--state-as-io" in str(refused.value.hint)
    from tfjsci import api

    with pytest.raises(UsageError, match="graph models"):
        api.convert(folder, tmp_path / "out", output_format="layers", state_as_io=True)


def test_writes_that_nothing_orders_are_refused() -> None:
    with tf.Graph().as_default() as graph:
        handle = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], name="v")
        tf.raw_ops.AssignVariableOp(resource=handle, value=tf.constant(1.0), name="one")
        tf.raw_ops.AssignVariableOp(resource=handle, value=tf.constant(2.0), name="two")
        tf.identity(tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.float32, name="read"), name="y")
    with pytest.raises(ConversionFailed, match=r"nothing says which comes first.*of v"):
        thread_state(
            graph.as_graph_def(),
            ["y"],
            lambda tensor: "v" if tensor.partition(":")[0] == "v" else None,
            lambda handle: handle,
            lambda name: name,
        )
