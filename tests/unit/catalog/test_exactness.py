from __future__ import annotations

import numpy as np
from graph_draft import Draft

from tfjsci.catalog.exactness import beyond_float32, inexact
from tfjsci.graph.graph import Constant, DType, Graph, Node
from tfjsci.graph.tables import TableContents, table_nodes


def test_whole_numbers_beyond_floats_are_named_for_webgl_alone() -> None:
    draft = Draft()
    draft.typed("AddV2", "y", draft.input("x"), draft.const("offset", np.int32(2**24 + 1)))
    graph = draft.graph("y")
    (told,) = inexact(graph, ["cpu", "webgl"])
    assert told.startswith("the weight offset holds 16777217: webgl")
    assert inexact(graph, ["cpu", "webgpu", "wasm"]) == ()


def test_what_fits_and_what_only_says_where_a_slice_ends_is_not_named() -> None:
    draft = Draft()
    x = draft.input("x")
    draft.typed("AddV2", "y", x, draft.const("offset", np.int32(2**24)))
    end = draft.const("end", np.int64([2**31 - 1]))
    draft.op("StridedSlice", "z", x, draft.const("begin", np.int64([0])), end, draft.const("step", np.int64([1])))
    draft.typed("AddV2", "w", x, draft.const("float", np.float32(2**30)))
    assert inexact(draft.graph("y", "z", "w"), ["webgl"]) == ()


def test_a_table_is_named_by_its_own_name() -> None:
    contents = TableContents(keys=np.int64([5, -(2**25)]), values=np.int64([0, 1]), path="ids")
    nodes, constants = table_nodes("ids", contents, taken=Graph(nodes=(), outputs=()))
    (told,) = inexact(Graph(nodes=nodes, outputs=("ids",), constants=constants), ["webgl"])
    assert told.startswith("the look-up table ids holds -33554432")


def test_doubles_beyond_float32_are_named_and_infinities_are_not() -> None:
    values = {"large": np.array([1.0, -1e300]), "mask": np.array([-np.inf, np.nan, 1.0]), "small": np.array([1e-300])}
    graph = Graph(
        nodes=tuple(Node(name=name, op="Const", attrs={"dtype": DType("float64")}) for name in values),
        outputs=tuple(values),
        constants={name: Constant(value=value, sources=(f"net/{name}",)) for name, value in values.items()},
    )
    assert beyond_float32(graph) == ("the weight net/large holds 1e+300, which is infinite as float32",)
