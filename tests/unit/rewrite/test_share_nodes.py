from __future__ import annotations

from graph_draft import Draft

from tfjsci.graph.graph import DType, FunctionBody, FunctionName, TensorType
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


def test_operands_may_change_places_where_that_is_the_same() -> None:
    draft = Draft()
    x, y = draft.input("x"), draft.input("y")
    sums = [draft.typed("AddV2", "a", x, y), draft.typed("AddV2", "b", y, x)]
    differences = [draft.typed("Sub", "c", x, y), draft.typed("Sub", "d", y, x)]
    graph = with_shared_nodes(draft.graph(draft.op("Pack", "z", *sums, *differences)))
    assert graph["z"].inputs == ("a", "a", "c", "d")


def test_of_several_results_the_same_is_read() -> None:
    draft = Draft()
    parts = [
        draft.typed("Split", name, draft.const("axis", 0) if name == "a" else "axis", "x", num_split=2) for name in "ab"
    ]
    draft.input("x")
    graph = with_shared_nodes(draft.graph(draft.op("Pack", "z", *(f"{part}:1" for part in parts), "b")))
    assert graph["z"].inputs == ("a:1", "a:1", "a")


def test_fused_layers_too() -> None:
    draft = Draft()
    x, w = draft.input("x"), draft.const("w", [[1.0]])
    layers = [draft.typed("_FusedMatMul", f"m{i}", x, w, fused_ops=(b"BiasAdd",), epsilon=0.1) for i in range(2)]
    assert with_shared_nodes(draft.graph(draft.op("Pack", "z", *layers)))["z"].inputs == ("m0", "m0")


def test_of_the_ops_named_alone() -> None:
    draft = Draft()
    x = draft.input("x")
    read = [draft.typed(op, f"{op}{i}", x) for op in ("Shape", "Neg") for i in range(2)]
    graph = with_shared_nodes(draft.graph(draft.op("Pack", "z", *read)), ops={"Shape"})
    assert graph["z"].inputs == ("Shape0", "Shape0", "Neg0", "Neg1")


def test_an_output_that_is_computed_already_is_handed_on() -> None:
    draft = Draft()
    x = draft.input("x")
    twice = [draft.typed("Tanh", f"t{i}", x) for i in range(2)]
    types = {name: TensorType(dtype="float32", shape=None) for name in twice}
    graph = with_shared_nodes(draft.graph(*twice, types=types))
    assert show(graph) == "x = Placeholder()\nt0 = Tanh(x)\nt1 = Identity(t0)\n-> t0, t1"
    assert with_shared_nodes(graph) is graph


def test_leaves_alone_an_output_of_unknown_dtype() -> None:
    draft = Draft()
    twice = [draft.typed("Tanh", f"t{i}", "x") for i in range(2)]
    draft.input("x")
    graph = draft.graph(*twice)
    assert with_shared_nodes(graph) is graph


def test_leaves_alone_what_may_be_random_keeps_a_state_or_has_to_wait() -> None:
    draft = Draft()
    a = draft.typed("Shape", "a", draft.input("x"))
    pairs = [draft.op(op, f"{op}{i}", a, seed=1) for op in ("RandomUniform", "TensorListReserve") for i in (1, 2)]
    pairs += [draft.op("While", f"while{i}", a, body=FunctionName("f")) for i in (1, 2)]
    pairs += [draft.typed("Neg", f"neg{i}", a, control=("x",)) for i in (1, 2)]
    graph = draft.graph(draft.op("Pack", "y", *pairs))
    assert with_shared_nodes(graph) is graph
