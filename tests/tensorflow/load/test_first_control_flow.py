"""Loops, branches and TensorArrays of TensorFlow 1 become functions; and a reason where they can't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from session_models import (
    CONTROL_FLOW_SAMPLES,
    FIRST_CONTROL_FLOW,
    SessionModel,
    first_control_flow,
    first_control_flow_model,
    session_graph,
    variable,
    write_frozen,
    write_saved_model,
)

from tfjsci.converter import Converted, convert
from tfjsci.errors import ConversionFailed
from tfjsci.graph.graph import Graph
from tfjsci.load.functional.draft import FIRST
from tfjsci.load.load import LoadOptions
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.verify.run import run_graph

tf: Any = None  # set by conftest.py when the first test runs


def converted(source: Path, *outputs: str) -> Converted:
    return convert(source, backends=["cpu"], options=LoadOptions(output_nodes=outputs))


def agree(ours: Converted, arrays: Any, *, graph: Graph) -> None:
    nodes = {spec.tensor.partition(":")[0]: np.asarray(arrays[spec.name]) for spec in ours.inputs}
    original = ours.loaded.original(arrays)
    for spec, value in zip(ours.outputs, run_graph(graph, nodes, evaluate_in_tensorflow), strict=True):
        np.testing.assert_allclose(value, original[spec.name], rtol=1e-4, atol=1e-5, err_msg=spec.name)


def ops(graph: Graph) -> set[str]:
    return {node.op for _, part in graph.walk() for node in part.nodes}


@pytest.mark.parametrize("name", FIRST_CONTROL_FLOW)
def test_it_becomes_functional(tmp_path: Path, name: str) -> None:
    with first_control_flow_model(name) as model:
        found = {node.op for node in model.graph.as_graph_def().node}
        assert found & FIRST, "nothing of TensorFlow 1: proves nothing"
        assert name != "arrays" or "TensorArrayScatterV3" in found
        file = write_frozen(model, tmp_path / "m.pb")
        folder = write_saved_model(model, tmp_path / "m")
    for ours in (converted(file, *model.output_nodes), converted(folder)):
        for graph in (ours.loaded.graph, ours.graph):
            assert not {op for op in ops(graph) if op in FIRST or op.startswith("TensorArray")}
        if name == "training":
            assert not ops(ours.graph) & {"If", "StatelessIf"}, "a switch that nobody sets leaves one side"
        else:
            assert ops(ours.graph) & {"If", "StatelessIf", "While", "StatelessWhile"}
        for sample in CONTROL_FLOW_SAMPLES[name]:
            agree(ours, sample, graph=ours.loaded.graph)
            agree(ours, sample, graph=ours.graph)


def written(path: Path, build: Any) -> Path:
    with first_control_flow(), session_graph() as (graph, _):
        build(tf.compat.v1)
        path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def test_a_side_that_is_told_by_control_alone(tmp_path: Path) -> None:
    """Both sides are constants, in either order: which is which only the edges say that run the one or the other."""

    def build(v1: Any) -> None:
        x = v1.placeholder(tf.float32, [], "x")
        for name in ("a", "b"):
            with tf.name_scope(name):
                if_false, if_true = tf.raw_ops.Switch(data=x > 0.0, pred=x > 0.0)
                with tf.control_dependencies([tf.identity(if_true)]):
                    yes = tf.constant(1.0)
                with tf.control_dependencies([tf.identity(if_false)]):
                    no = tf.constant(-1.0)
            merged = tf.raw_ops.Merge(inputs=[yes, no] if name == "a" else [no, yes])[0]
            tf.multiply(merged, 2.0, name=f"y_{name}")

    ours = converted(written(tmp_path / "m.pb", build), "y_a", "y_b")
    for x in (3.0, -3.0):
        agree(ours, {"x": np.float32(x)}, graph=ours.graph)


def test_arrays_that_are_joined_and_cut(tmp_path: Path) -> None:
    """Where the elements are of one shape; else the op is named by the check, under TensorFlow 2's name."""

    def build(v1: Any) -> None:
        x = v1.placeholder(tf.float32, [6, 2], "x")
        cut = tf.TensorArray("float32", size=3).split(x, [2, 2, 2])
        into = tf.TensorArray("float32", size=3)

        def turn(i: Any, into: Any) -> Any:
            return i + 1, into.write(i, tf.reshape(cut.read(i), [2, 2]) * tf.cast(i + 1, tf.float32))

        tf.identity(v1.while_loop(lambda i, _: i < 3, turn, (0, into))[1].concat(), "y")
        unlike = tf.TensorArray("float32", size=2, infer_shape=False).write(0, x).write(1, x[:2])
        tf.identity(unlike.concat(), "z")
        tf.identity(tf.TensorArray("float32", size=2, infer_shape=False).split(x, [2, 4]).read(1), "w")

    file = written(tmp_path / "m.pb", build)
    ours = converted(file, "y")
    assert not ours.check.unsupported
    agree(ours, {"x": np.arange(12, dtype=np.float32).reshape(6, 2)}, graph=ours.graph)
    for output, op in (("z", "TensorListConcatV2"), ("w", "TensorListSplit")):
        assert [each.op for each in converted(file, output).check.unsupported] == [op]


@pytest.mark.parametrize("what", ["grows", "index", "no branch", "two of no branch"])
def test_what_cant_be(tmp_path: Path, what: str) -> None:
    def build(v1: Any) -> None:
        x = v1.placeholder(tf.float32, [2], "x")
        if what == "grows":
            array = tf.TensorArray("float32", size=0, dynamic_size=True).write(0, x).write(1, x)
            tf.identity(array.stack(), "y")
        if what == "index":
            no, yes = tf.raw_ops.Switch(data=x, pred=x[0] > 0.0)
            tf.identity(tf.raw_ops.Merge(inputs=[no, yes * 2.0])[1], "y")
        if what.endswith("no branch"):
            no, _ = tf.raw_ops.Switch(data=x, pred=x[0] > 0.0)
            if what.startswith("two"):
                no += tf.raw_ops.Switch(data=x, pred=x[1] > 0.0)[0]
            tf.identity(no, "y")

    file = written(tmp_path / "m.pb", build)
    said = {
        "grows": "grows",
        "index": "asks which side",
        "no branch": "^1 node of control flow belongs to no loop or branch that is understood: Switch\n",
        "two of no branch": "^2 nodes of control flow belong to no loop or branch that is understood: Switch, Switch_1\n",
    }
    with pytest.raises(ConversionFailed, match=said[what]) as refused:
        converted(file, "y")
    assert refused.value.hint


@pytest.mark.parametrize("resource", [False, True])
def test_variables_that_are_read_in_loops_and_branches(tmp_path: Path, resource: bool) -> None:
    v1 = tf.compat.v1
    with first_control_flow(), session_graph() as (graph, session):
        x = v1.placeholder(tf.float32, [None, 3], "x")
        w, b = variable("w", 3, 3, resource=resource), variable("b", 3, resource=resource)
        y = v1.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, tf.tanh(y @ w.read_value())), (0, x))[1]
        z = v1.cond(tf.reduce_sum(x) > 0.0, lambda: y + b, lambda: y * b.read_value())
        session.run(v1.global_variables_initializer())
        assert ("RefSwitch" in {node.op for node in graph.as_graph_def().node}) is not resource
        folder = write_saved_model(SessionModel(graph, session, {"x": x}, {"y": y, "z": z}), tmp_path / "m")
    ours = converted(folder)
    for sign in (1, -1):
        agree(ours, {"x": np.linspace(-1, 2, 6, dtype=np.float32).reshape(2, 3) * sign}, graph=ours.graph)
    assert {source for constant in ours.graph.all_constants.values() for source in constant.sources} >= {"w", "b"}


def test_state_in_a_branch(tmp_path: Path) -> None:
    """A variable that one side writes is state where an output reads it, though only an edge leads there."""
    v1 = tf.compat.v1
    with first_control_flow(), session_graph() as (graph, session):
        x = v1.placeholder(tf.float32, [2], "x")
        v = v1.get_variable("v", initializer=[1.0, 2.0], use_resource=True)
        step = v1.cond(x[0] > 0.0, lambda: v1.assign_add(v, x).op, lambda: tf.no_op())
        with tf.control_dependencies([step]):
            y = tf.identity(x * v.read_value(), "y")
        session.run(v1.global_variables_initializer())
        folder = write_saved_model(SessionModel(graph, session, {"x": x}, {"y": y}), tmp_path / "m")
    with pytest.raises(ConversionFailed, match=r"keeps state between its calls: .* changes v\n"):
        converted(folder)
