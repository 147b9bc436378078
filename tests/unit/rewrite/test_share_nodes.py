from __future__ import annotations

from graph_draft import Draft

from tfjsci.graph.graph import DType, FunctionBody
from tfjsci.graph.show import show
from tfjsci.rewrite.share_nodes import with_shared_nodes

INT = DType("int32")


def test_what_is_read_and_made_twice_is_made_once() -> None:
    draft = Draft()
    x, rest = draft.input("x"), draft.const("rest", [3])
    for i in (1, 2):
        shape = draft.typed("Shape", f"shape{i}", x, out_type=INT)
        whole = draft.op("ConcatV2", f"whole{i}", shape, rest, draft.const(f"axis{i}", 0) if i == 1 else "axis1", N=2)
        draft.typed("Reshape", f"y{i}", x if i == 1 else draft.typed("Neg", "z", x), whole)
    assert show(with_shared_nodes(draft.graph("y1", "y2"))) == (
        "x = Placeholder()\nshape1 = Shape(x)\nwhole1 = ConcatV2(shape1, rest, axis1)\n"
        "y1 = Reshape(x, whole1)\nz = Neg(x)\ny2 = Reshape(z, whole1)\n-> y1, y2"
    )


def test_in_functions_too() -> None:
    inner = Draft()
    inner.op("AddV2", "y", inner.typed("Shape", "a", inner.input("x")), inner.typed("Shape", "b", "x"))
    outer = Draft()
    body = FunctionBody(name="f", inputs=("x",), graph=inner.graph("y"))
    graph = outer.graph(outer.op("Neg", "n", outer.input("x")), functions={"f": body})
    assert with_shared_nodes(graph).functions["f"].graph["y"].inputs == ("a", "a")


def test_leaves_alone_what_differs() -> None:
    draft = Draft()
    x = draft.input("x")
    read = [
        draft.typed("Shape", "a", x, out_type=INT),
        draft.typed("Shape", "b", x, out_type=DType("int64")),
        draft.typed("Shape", "c", draft.input("other"), out_type=INT),
    ]
    graph = draft.graph(draft.op("Pack", "y", *read))
    assert with_shared_nodes(graph) is graph


def test_leaves_alone_outputs_and_what_may_be_random() -> None:
    draft = Draft()
    x = draft.input("x")
    draft.typed("Shape", "a", x)
    draft.typed("Shape", "b", x)
    noise = [draft.op("RandomUniform", f"r{i}", "a", seed=1) for i in (1, 2)]
    draft.op("AddV2", "y", *noise)
    graph = draft.graph("y", "a", "b")
    assert show(with_shared_nodes(graph)) == show(graph)
