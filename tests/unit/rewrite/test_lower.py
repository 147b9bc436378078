"""The stage that lowers: only what has a problem, until nothing is left, and with a reason for what stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graph_draft import Draft

from tfjsci.catalog.catalog import load_catalog
from tfjsci.catalog.check import LoweredOp, check_ops
from tfjsci.dtypes import Backend
from tfjsci.graph.graph import FunctionBody, Graph, Node, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.build import Tensor, UnknownShapeError, cast, identity, unary
from tfjsci.rewrite.lower import Lowered, lower, tried
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined
from tfjsci.rewrite.told import told

CPU: tuple[Backend, ...] = ("cpu",)


def lowering(name: str, op: str, build: object) -> Lowering:
    return Lowering(name=name, ops=(op,), equation=f"{op} -> …", lower=build)  # type: ignore[arg-type]


def missing(*ops: str) -> object:
    """These ops can't run on cpu."""
    return lambda graph, node: [(f"no {node.op}", CPU)] if node.op in ops else []


def all_float(graph: Graph) -> dict[str, TensorType]:
    return {node.name: TensorType(dtype="float32", shape=(2,)) for node in graph}


def typed(draft: Draft, *outputs: str) -> Graph:
    graph = draft.graph(*outputs)
    return replace(graph, types=all_float(graph))


def one(op: str) -> Graph:
    draft = Draft()
    return typed(draft, draft.op(op, "y", draft.input("x"), origin="layer"))


TWICE = lowering("twice", "Foo", lambda node: node.inputs[0] + node.inputs[0])
DEEPER = lowering("deeper", "Bar", lambda node: unary("Foo", node.inputs[0]))


def lowered(graph: Graph, *lowerings: Lowering, bad: tuple[str, ...] = ("Foo", "Bar")) -> tuple[str, list[str]]:
    after, done = lower(graph, lowerings, problems=missing(*bad), infer=all_float)  # type: ignore[arg-type]
    return show(after), [each.by for each in done]


def test_what_has_a_problem_is_lowered() -> None:
    assert lowered(one("Foo"), TWICE) == ("x = Placeholder()\ny = AddV2(x, x)\n-> y", ["twice"])


def test_what_has_none_stays() -> None:
    assert lowered(one("Foo"), TWICE, bad=()) == ("x = Placeholder()\ny = Foo(x)\n-> y", [])


def test_one_that_pays_everywhere_is_always_taken() -> None:
    paying = replace(TWICE, always="it is faster")
    _, (done,) = lower(one("Foo"), [paying], problems=missing(), infer=all_float)  # type: ignore[arg-type]
    assert (done.by, done.reason, done.backends) == ("twice", "it is faster", ())


def test_what_a_lowering_makes_is_lowered_in_turn() -> None:
    assert lowered(one("Bar"), TWICE, DEEPER) == ("x = Placeholder()\ny = AddV2(x, x)\n-> y", ["deeper", "twice"])


def test_the_next_lowering_is_asked_when_one_declines() -> None:
    declining = lowering("declining", "Foo", lambda node: Declined(reason="no"))
    assert lowered(one("Foo"), declining, TWICE)[1] == ["twice"]


def test_what_every_lowering_declines_stays_with_their_reasons() -> None:
    def unknown(node: Subject) -> Tensor:
        raise UnknownShapeError("a size isn't known before the model runs")

    first, second = lowering("first", "Foo", lambda node: Declined(reason="not so")), lowering("second", "Foo", unknown)
    graph = one("Foo")
    assert lowered(graph, first, second) == ("x = Placeholder()\ny = Foo(x)\n-> y", [])
    assert tried(graph, graph["y"], [first, second, TWICE], CPU) == (
        "first: not so",
        "second: a size isn't known before the model runs",
    )
    assert tried(graph, graph["y"], [DEEPER], CPU) == ()


def test_an_output_that_is_read_must_be_made() -> None:
    draft = Draft()
    draft.op("Foo", "y", draft.input("x"))
    graph = typed(draft, draft.op("Relu", "z", "y:1"))
    assert lowered(graph, TWICE)[1] == []
    assert tried(graph, graph["y"], [TWICE], CPU) == ("twice: its output 1 is used, which isn't made",)


def test_a_tensor_that_is_there_already_takes_the_place() -> None:
    passing = lowering("passing", "Foo", lambda node: node.inputs[0])
    draft = Draft()
    draft.op("Foo", "y", draft.input("x"))
    assert lowered(typed(draft, draft.op("Relu", "z", "y")), passing)[0] == "x = Placeholder()\nz = Relu(x)\n-> z"


def test_another_dtype_than_the_ops_is_a_bug() -> None:
    with pytest.raises(RuntimeError, match="wrong makes int32 of y, which was float32"):
        lowered(one("Foo"), lowering("wrong", "Foo", lambda node: cast(node.inputs[0], "int32")))


def test_lowerings_that_undo_each_other_are_a_bug() -> None:
    there = lowering("there", "Foo", lambda node: unary("Bar", node.inputs[0]))
    back = lowering("back", "Bar", lambda node: unary("Foo", node.inputs[0]))
    with pytest.raises(RuntimeError, match="don't come to rest"):
        lowered(one("Foo"), there, back)


def test_the_subject_knows_the_backends_that_have_the_problem() -> None:
    seen: list[tuple[Backend, ...]] = []

    def look(node: Subject) -> Tensor:
        seen.append(node.backends)
        return identity(node.inputs[0])

    def on_two(graph: Graph, node: Node) -> list[tuple[str, tuple[Backend, ...]]]:
        return [("a", ("wasm",)), ("b", ("wasm", "webgl"))] if node.op == "Foo" else []

    _, (done,) = lower(one("Foo"), [lowering("look", "Foo", look)], problems=on_two, infer=all_float)
    assert seen == [("wasm", "webgl")]
    assert done == Lowered(node="y", op="Foo", by="look", reason="a; b", backends=("wasm", "webgl"), layers=("layer",))


def test_the_subject_has_the_catalogue_of_the_run_in_functions_too() -> None:
    own, seen = load_catalog().with_custom(["Mine"]), []

    def look(node: Subject) -> Declined:
        seen.append(node.catalog)
        return Declined(reason="only looking")

    looking, net = lowering("look", "Foo", look), one("Foo")
    whole = net.with_functions({"f": FunctionBody(name="f", inputs=("x",), graph=net)})
    for catalog, expected in ((own, own), (None, load_catalog())):
        lower(whole, [looking], problems=missing("Foo"), infer=all_float, catalog=catalog)  # type: ignore[arg-type]
        assert tried(net, net["y"], [looking], CPU, catalog) == ("look: only looking",)
        assert len(seen) == 3
        assert all(each is expected for each in seen)
        seen.clear()


def test_the_check_tells_what_was_lowered_and_what_was_tried() -> None:
    draft = Draft()
    draft.op("Erfc", "StatefulPartitionedCall/y", draft.input("x"), origin="act")
    graph = draft.graph("StatefulPartitionedCall/y")  # without types: erfc's lowering must decline
    done = Lowered(
        node="StatefulPartitionedCall/a/S", op="Softsign", by="softsign", reason="r", backends=CPU, layers=("a",)
    )
    answer = told(check_ops(graph, ["cpu"]), graph, [done, replace(done, node="b/S", layers=("b",))])
    (unsupported,) = answer.unsupported
    assert unsupported.tried == ("erfc: the dtype of x isn't known",)
    assert unsupported.attempts == "no lowering fits (erfc: the dtype of x isn't known)"
    assert answer.lowered == (
        LoweredOp(op="Softsign", by="softsign", reason="r", backends=CPU, nodes=("a/S", "b/S"), layers=("a", "b")),
    )


def test_a_lowering_that_is_left_out_is_told_of_before_the_reasons_of_others() -> None:
    draft = Draft()
    draft.op("Erfc", "y", draft.input("x"))
    graph = draft.graph("y")
    (unsupported,) = told(check_ops(graph, ["cpu"]), graph, [], {"erfc", "softsign"}).unsupported
    assert unsupported.tried == ("erfc: left out, as asked",)
