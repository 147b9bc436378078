"""Which numbers webgpu would have to read back, and which stay on the CPU."""

from __future__ import annotations

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.catalog.catalog import load_catalog
from tfjsci.catalog.check import check_ops
from tfjsci.catalog.read_back import made_to_be_read
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import DType, FunctionBody, FunctionName, Graph, Node

INT = DType("int32")


def sized() -> tuple[Draft, str, str]:
    """A draft, its input, and the first size of that."""
    draft = Draft()
    x = draft.input("x", (None, 4))
    shape = draft.op("Shape", "shape", x, T=DType("float32"), out_type=INT)
    at = [draft.const(f"at{i}", np.array([i], np.int32)) for i in (0, 1)]
    return draft, x, draft.op("StridedSlice", "n", shape, *at, at[1], T=INT, shrink_axis_mask=1)


def reshaped(op: str) -> Graph:
    """Reshape(x, [op(n, 2) · 3])"""
    draft, x, n = sized()
    made = draft.op(op, "made", n, draft.const("two", np.array(2, np.int32)), T=INT)
    thrice = draft.op("Mul", "thrice", made, draft.const("three", np.array(3, np.int32)), T=INT)
    draft.op("Reshape", "y", x, draft.op("Pack", "sizes", thrice, T=INT, N=1, axis=0), T=DType("float32"), Tshape=INT)
    return draft.graph("y")


@pytest.mark.parametrize("op", ["AddV2", "Sub", "FloorDiv", "Maximum"])
def test_sizes_that_are_reckoned_with_on_the_cpu_stay_there(op: str) -> None:
    assert made_to_be_read(reshaped(op), load_catalog()) == frozenset()
    assert check_ops(reshaped(op), BACKENDS).unsupported == ()


@pytest.mark.parametrize("op", ["FloorMod", "SquaredDifference", "Pow"])
def test_an_op_that_only_the_gpu_has_is_named_where_a_shape_is_made_of_it(op: str) -> None:
    graph = reshaped(op)
    assert made_to_be_read(graph, load_catalog()) == {"made"}
    (found,) = check_ops(graph, BACKENDS).unsupported
    assert (found.op, found.nodes, found.backends) == (op, ("made",), ("webgpu",))
    assert found.reason.startswith("throws or silently wrong: webgpu computes it on the GPU")
    assert check_ops(graph, ("webgl", "wasm", "cpu")).unsupported == ()


def test_each_catalogue_is_asked_once_a_graph() -> None:
    """A run with custom ops has its own; whoever was handed none asks the release's, in turns with it."""
    graph, own = reshaped("FloorMod"), load_catalog().with_custom(["Mine"])
    first = made_to_be_read(graph, own)
    assert made_to_be_read(graph, load_catalog()) == first
    assert made_to_be_read(graph, own) is first


def test_it_is_let_be_where_it_is_data() -> None:
    draft, _, n = sized()
    draft.op("FloorMod", "made", n, draft.const("two", np.array(2, np.int32)), T=INT)
    assert made_to_be_read(draft.graph("made"), load_catalog()) == frozenset()


def test_the_data_of_a_kernel_that_a_size_is_made_of_counts_and_its_own_parameters_count_apart() -> None:
    """Slice(ArgMax(x), [FloorMod(n, 2)], …) as a shape: both are read, each for its reader."""
    draft, x, n = sized()
    two = draft.const("two", np.array(2, np.int32))
    place = draft.op("FloorMod", "place", n, two, T=INT)
    begin = draft.op("Pack", "begin", place, T=INT, N=1, axis=0)
    largest = draft.op("ArgMax", "largest", x, draft.const("axis", np.int32(0)), T=DType("float32"), Tidx=INT)
    sizes = draft.op("Slice", "sizes", largest, begin, draft.const("one", np.array([1], np.int32)), T=INT, Index=INT)
    draft.op("Fill", "y", sizes, draft.const("value", np.float32(1.5)), T=DType("float32"), index_type=INT)
    assert made_to_be_read(draft.graph("y"), load_catalog()) == {"place", "largest"}


def test_what_is_awaited_comes_back_to_the_cpu() -> None:
    """Where waits for its condition: how many there are can be a size."""
    draft, x, _ = sized()
    positive = draft.op("Greater", "positive", x, draft.const("zero", np.float32(0)), T=DType("float32"))
    places = draft.op("Where", "places", draft.op("LogicalNot", "not", positive), T=DType("bool"))
    count = draft.op("Shape", "count", places, T=DType("int64"), out_type=INT)
    draft.op("Fill", "y", count, draft.const("value", np.float32(1.5)), T=DType("float32"), index_type=INT)
    draft.op("Tile", "z", "x", places, T=DType("float32"), Tmultiples=INT)
    assert made_to_be_read(draft.graph("y", "z"), load_catalog()) == frozenset()


def test_a_function_is_looked_at_by_itself() -> None:
    body = FunctionBody(name="f", inputs=("x",), graph=reshaped("FloorMod"))
    call = Node(
        name="y",
        op="If",
        inputs=("x", "x"),
        attrs={"then_branch": FunctionName("f"), "else_branch": FunctionName("f")},
    )
    graph = Graph(nodes=(Node(name="x", op="Placeholder"), call), outputs=("y",), functions={"f": body})
    assert [each.nodes for each in check_ops(graph, ["webgpu"]).unsupported] == [("f/made",)]
