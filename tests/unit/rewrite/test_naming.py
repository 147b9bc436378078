"""Weights are called after their variables, nodes lose the prefix of calls, and no two names ever fall together."""

from __future__ import annotations

import re

from graph_draft import Draft
from hypothesis import given
from hypothesis import strategies as st
from loop_draft import below, counter, loop

from tfjsci.graph.graph import Graph, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.naming import with_plain_names


def renamed(*consts: tuple[str, tuple[str, ...]], output: str = "y") -> Graph:
    draft = Draft()
    draft.input("x")
    for name, sources in consts:
        draft.const(name, 1.0, sources=sources)
    draft.op("AddN", output, "x", *(name for name, _ in consts))
    return with_plain_names(draft.graph(output))


def test_a_weight_is_called_after_its_variable() -> None:
    after = renamed(("StatefulPartitionedCall/net/Squeeze", ("conv/bias", "bn/beta")))
    assert show(after) == "x = Placeholder()\ny = AddN(x, conv/bias)\n-> y"
    assert after.constants["conv/bias"].sources == ("conv/bias", "bn/beta")


def test_a_literal_keeps_its_name() -> None:
    assert set(renamed(("axis", ())).constants) == {"axis"}


def test_a_node_loses_the_prefix_of_the_calls() -> None:
    assert renamed(output="StatefulPartitionedCall_2/PartitionedCall/net/y").outputs == ("net/y",)


def test_a_node_that_is_only_called_so_keeps_its_name() -> None:
    assert renamed(output="StatefulPartitionedCall").outputs == ("StatefulPartitionedCall",)
    assert renamed(output="net/PartitionedCall/y").outputs == ("net/PartitionedCall/y",)


def test_two_weights_of_one_variable_are_told_apart() -> None:
    assert list(renamed(("a", ("w",)), ("b", ("w",))).constants) == ["w", "w_1"]


def test_a_made_up_name_does_not_fall_on_a_real_one() -> None:
    assert set(renamed(("a", ("w",)), ("b", ("w",)), ("c", ("w_1",))).constants) == {"w", "w_1", "w_1_1"}


def test_a_placeholder_keeps_its_name_before_a_weight_that_wants_it() -> None:
    after = renamed(("a", ("x",)))
    assert show(after) == "x = Placeholder()\ny = AddN(x, x_1)\n-> y"


def test_a_placeholder_keeps_even_a_calls_prefix() -> None:
    draft = Draft()
    x = draft.input("PartitionedCall/x")
    after = with_plain_names(draft.graph(draft.op("Relu", "x", x)))
    assert show(after) == "PartitionedCall/x = Placeholder()\nx = Relu(PartitionedCall/x)\n-> x"


def test_what_a_node_name_cannot_hold_is_replaced() -> None:
    assert set(renamed(("a", ("my layer:0/größe",))).constants) == {"my_layer_0/gr__e"}


def test_a_path_that_cannot_begin_a_name_is_not_taken() -> None:
    assert set(renamed(("a", ("_hidden",)), ("b", ("",))).constants) == {"a", "b"}


def test_second_outputs_control_edges_and_types_follow() -> None:
    draft = Draft()
    known = TensorType(dtype="float32", shape=(2,))
    draft.op("Split", "PartitionedCall/s", draft.input("x"))
    draft.op("Relu", "y", "PartitionedCall/s:1", control=("PartitionedCall/s",))
    after = with_plain_names(draft.graph("y", "PartitionedCall/s:2", types={"PartitionedCall/s:1": known}))
    assert show(after) == "x = Placeholder()\ns = Split(x)\ny = Relu(s:1, ^s)\n-> y, s:2"
    assert dict(after.types) == {"s:1": known}


@given(st.lists(st.text(alphabet="ab_1/:é ", max_size=4), min_size=1, max_size=8))
def test_names_are_legal_and_unique_whatever_the_paths(paths: list[str]) -> None:
    after = renamed(*((f"c{i}", (path,)) for i, path in enumerate(paths)))
    assert len(after.constants) == len(paths)
    assert all(re.fullmatch(r"[A-Za-z0-9.][A-Za-z0-9_.>/-]*", name) for name in after.constants)


def with_a_loop(*, size: int) -> Graph:
    """A weight read outside and inside; a node inside that is called as one outside."""
    draft = Draft()
    draft.const("kernel", [1.0] * size, sources=("dense/kernel",))
    x = draft.typed("Mul", "dense/kernel_1", draft.input("x"), "kernel")
    functions = loop(
        draft,
        [draft.const("zero", 0, sources=()), x],
        [("x", "int32"), ("y", "float32")],
        cond=lambda d, i, y: below(d, i, 3),
        body=lambda d, i, y: [
            counter(d, "zero", i),
            d.typed("Mul", "mul", y, d.const("w", [1.0] * size, sources=("dense/kernel",))),
        ],
    )
    return with_plain_names(draft.graph("loop:1", functions=functions))


def test_a_large_weight_has_one_name_wherever_it_is_read() -> None:
    after = with_a_loop(size=100)
    assert after["dense/kernel_1"].inputs == ("x", "dense/kernel")
    body = after.functions["body"]
    assert body.graph["mul"].inputs[1] == "dense/kernel"
    # a small one may be a kernel's parameter here and a tensor there
    assert with_a_loop(size=3).functions["body"].graph["mul"].inputs[1] != "dense/kernel"


def test_nothing_in_a_function_is_called_as_something_outside() -> None:
    after = with_a_loop(size=100)
    body = after.functions["body"]
    assert body.inputs == tuple(node.name for node in body.graph.nodes if node.op == "Placeholder")
    outside = {node.name for node in after.nodes}
    assert {node.name for node in body.graph.nodes} & outside == {"dense/kernel"}
