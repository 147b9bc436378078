"""Two loops that do the same with other weights are one loop of both's tensors, stacked; near misses stay two."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graph_draft import Draft
from twin_loops import FLOAT, INT, Cell, twin_loops

from tfjsci.graph.graph import FunctionBody, FunctionName, Graph, ShapeAttr, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.control.stacked_body import MOST
from tfjsci.rewrite.control.together import with_loops_together
from tfjsci.rewrite.control.twins import is_of_one_shape, is_same

ONE, TWO = Cell(seed=1), Cell(seed=2)


def _as_it_is(graph: Graph) -> Graph:
    """No types are inferred without TensorFlow."""
    return graph


def together(graph: Graph) -> Graph:
    after, count, declined = with_loops_together(graph, _as_it_is)
    assert (count, declined) == (1, {})
    return after


def declines(graph: Graph) -> dict[str, str]:
    after, count, declined = with_loops_together(graph, _as_it_is)
    assert after is graph
    assert count == 0
    return declined


def test_two_loops_are_one_of_what_they_were_given_stacked() -> None:
    after = together(twin_loops(ONE, TWO))
    assert show(after).split("\n\n")[0] == (
        "one/x = Placeholder()\n"
        "two/x = Placeholder()\n"
        "one/items/both = Pack(one/x, two/x)\n"
        "one/items/both_1 = TensorListFromTensor(one/items/both, one/items/element_shape)\n"
        "one/new/both = TensorListReserve(one/new/element_shape, one/count)\n"
        "one/both_1 = Pack(one/zeros, two/zeros)\n"
        "one/both = StatelessWhile(one/start, one/items/both_1, one/new/both, one/both_1)\n"
        "one/stack/both = TensorListStack(one/both:2, one/stack/element_shape)\n"
        "one/stack/each = Unpack(one/stack/both)\n"
        "one/each = Unpack(one/both:3)\n"
        "-> one/stack/each, one/stack/each:1, one/each, one/each:1"
    )
    assert after["one/items/both"].attrs["axis"] == after["one/stack/each"].attrs["axis"] == 1
    assert after.constants["one/items/element_shape"].value.tolist() == [2, 2, 9]
    assert after["one/both"].attrs["output_shapes"] == tuple(map(ShapeAttr, ((), (), (), (2, 2, 3))))
    assert set(after.functions) == {"one/body", "one/cond"}


def test_its_body_multiplies_with_each_weight_and_does_the_rest_once() -> None:
    body = together(twin_loops(ONE, TWO)).functions["one/body"]
    assert show(body.graph) == (
        "i = Placeholder()\n"
        "items = Placeholder()\n"
        "new = Placeholder()\n"
        "h = Placeholder()\n"
        "next = AddV2(i, step)\n"
        "item = TensorListGetItem(items, i, item/element_shape)\n"
        "h/each = Unpack(h)\n"
        "product = MatMul(h/each, kernel)\n"
        "product_1 = MatMul(h/each:1, kernel_1)\n"
        "product/both = Pack(product, product_1)\n"
        "total = AddV2(product/both, item)\n"
        "split = Split(split/axis, total)\n"
        "gate = Sigmoid(split)\n"
        "kept = Sigmoid(split:1)\n"
        "made = Tanh(split:2)\n"
        "shown = Mul(gate, made)\n"
        "old = Mul(kept, h)\n"
        "state = AddV2(shown, old)\n"
        "written = TensorListSetItem(new, i, state)\n"
        "-> next, items, written, state"
    )
    assert body.graph.constants["item/element_shape"].value.tolist() == [2, 2, 9]
    assert int(body.graph.constants["split/axis"].value) == 2


def test_a_weight_remains_what_it_was() -> None:
    before = twin_loops(ONE, TWO)
    after = together(before).functions["one/body"].graph.constants
    for name, of in (("kernel", "one/body"), ("kernel_1", "two/body")):
        was = before.functions[of].graph.constants["kernel"]
        assert after[name].value is was.value
        assert after[name].sources == was.sources


def test_a_bias_stays_with_its_product() -> None:
    """The runtime has one kernel for both."""
    body = together(twin_loops(replace(ONE, bias=True), replace(TWO, bias=True))).functions["one/body"].graph
    assert body["biased"].inputs == ("product", "bias")
    assert body["biased_1"].inputs == ("product_1", "bias_1")
    assert body["biased/both"].inputs == ("biased", "biased_1")


def test_what_both_are_given_is_given_once() -> None:
    after = together(twin_loops(ONE, replace(TWO, given="one/x")))
    assert after["one/both"].inputs[1] == "one/items"
    body = after.functions["one/body"].graph
    assert body["item"].inputs == ("items", "i", "shape"), "and read as it was"
    assert body["total"].inputs == ("product/both", "item"), "it has a dimension less, and is spread"


def test_a_slice_takes_all_of_both() -> None:
    def sliced(draft: Draft, state: str) -> str:
        ends = [draft.const(f"cut/{i}", value, sources=()) for i, value in enumerate(([0, 1], [0, 3], [1, 1]))]
        cut = draft.typed("StridedSlice", "cut", state, *ends, begin_mask=1, end_mask=3, shrink_axis_mask=0)
        return draft.typed("Sub", "less", state, cut)

    after = together(twin_loops(replace(ONE, more=sliced), replace(TWO, more=sliced)))
    body = after.functions["one/body"].graph
    begin, end, step = (body.constants[name].value.tolist() for name in body["cut"].inputs[1:])
    assert (begin, end, step) == ([0, 0, 1], [0, 0, 3], [1, 1, 1])
    masks = {key: value for key, value in body["cut"].attrs.items() if key.endswith("mask")}
    assert masks == {"begin_mask": 0b11, "end_mask": 0b111, "shrink_axis_mask": 0}


def test_what_is_one_already_stays_as_it_is() -> None:
    after = together(twin_loops(ONE, TWO))
    again, count, _ = with_loops_together(after, _as_it_is)
    assert (again, count) == (after, 0)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (replace(TWO, turns=3), "they aren't known to turn as often as each other"),
        (replace(TWO, units=4), "a weight of one is [3, 9], the other's [4, 12]"),
        (replace(TWO, place=2), None),  # TensorListSetItem reads a Const where the other reads a Placeholder
        (replace(TWO, gate="Tanh"), None),
        (replace(TWO, bias=True), None),
        (replace(TWO, state="one:3"), None),  # it begins where the other ends
    ],
)
def test_loops_that_are_not_alike_stay_two(other: Cell, reason: str | None) -> None:
    """Where they have next to nothing in common, nobody needs to be told."""
    found = declines(twin_loops(ONE, other))
    assert found == ({} if reason is None else {"two": f"with one: {reason}"})


def test_a_longer_list_stays_apart() -> None:
    graph = twin_loops(ONE, replace(TWO, steps=5))
    assert declines(graph) == {"two": "with one: one/x and two/x aren't known to be of one shape"}


def test_what_is_not_understood_stays_two() -> None:
    def scanned(draft: Draft, state: str) -> str:
        axis = draft.const("along", 1, sources=())
        return draft.typed("Cumsum", "summed", state, axis, exclusive=False, reverse=False)

    graph = twin_loops(replace(ONE, more=scanned), replace(TWO, more=scanned))
    assert declines(graph) == {"two": "with one: Cumsum in it isn't known to do of two at once what it does of each"}


def test_a_list_that_is_read_by_something_else_stays_two() -> None:
    def length(draft: Draft) -> None:
        draft.op("TensorListLength", "length", "two:2")

    graph = twin_loops(ONE, TWO, read=("one/stack", "two/stack", "length"), after=length)
    assert declines(graph) == {"two": "with one: a list that one makes is read by TensorListLength"}


def test_what_is_read_of_one_list_alone_is_cut_out() -> None:
    after = together(twin_loops(ONE, TWO, read=("two/stack",)))
    assert after.outputs == ("one/stack/each:1",)
    assert "one/each" not in after, "nobody reads the last states"


def test_large_ones_stay_two() -> None:
    wide = MOST // 6 + 1
    found = declines(twin_loops(replace(ONE, units=wide), replace(TWO, units=wide)))
    assert found["two"].endswith(f"numbers a turn: to copy more than {MOST} takes longer than it saves")


def test_one_that_would_start_as_many_kernels_stays_two() -> None:
    def products(draft: Draft, state: str) -> str:
        for i in range(9):
            state = draft.matmul(f"again{i}", state, draft.const(f"again{i}/kernel", [[0.5] * 3] * 3))
        return state

    found = declines(twin_loops(replace(ONE, more=products), replace(TWO, more=products)))
    assert found == {"two": "with one: both start 42 kernels a turn, and one loop that does the same 37"}


def test_what_is_drawn_anew_in_each_stays_two() -> None:
    def noisy(draft: Draft, state: str) -> str:
        shape = draft.const("noise/shape", [2, 3], sources=())
        noise = draft.op("RandomStandardNormal", "noise", shape, T=INT, dtype=FLOAT, seed=1, seed2=2)
        return draft.typed("AddV2", "noised", state, noise)

    graph = twin_loops(replace(ONE, more=noisy), replace(TWO, more=noisy))
    assert declines(graph) == {"two": "with one: RandomStandardNormal may be something else in each"}


def test_a_branch_inside_stays_two() -> None:
    def branched(draft: Draft, state: str) -> str:
        return draft.op(
            "StatelessIf", "branch", "i", state, then_branch=FunctionName("f"), else_branch=FunctionName("g")
        )

    graph = twin_loops(replace(ONE, more=branched), replace(TWO, more=branched))
    assert declines(graph) == {"two": "with one: there is a StatelessIf in it"}


def test_a_size_that_hangs_on_the_numbers_of_each_stays_two() -> None:
    def cut(draft: Draft, state: str) -> str:
        place = draft.op("Cast", "place", state, SrcT=FLOAT, DstT=INT)
        return draft.op("StridedSlice", "cut", state, place, place, place, T=FLOAT, Index=INT)

    found = twin_loops(replace(ONE, more=cut), replace(TWO, more=cut))
    functions = {name: _whole_numbers(body, "place") for name, body in found.functions.items()}
    assert declines(replace(found, functions=functions)) == {
        "two": "with one: StridedSlice in it reads what isn't known to be floats"
    }


def _whole_numbers(body: FunctionBody, name: str) -> FunctionBody:
    """The function in which that node makes whole numbers."""
    types = {**body.graph.types, name: TensorType(dtype="int32", shape=(2, 3))}
    return replace(body, graph=replace(body.graph, types=types)) if name in body.graph else body


def test_zeros_of_an_open_batch_are_of_one_shape_if_it_is_one_batch() -> None:
    def graph(of: str) -> Graph:
        draft = Draft()
        draft.input("x", (None, 4))
        draft.input("y", (None, 4))
        for name, tensor in (("a", "x"), ("b", of)):
            shape = draft.op("Shape", f"{name}/shape", tensor, T=FLOAT, out_type=INT)
            draft.op("Fill", name, shape, draft.const(f"{name}/zero", 0.0), T=FLOAT, index_type=INT)
        types = {each: TensorType(dtype="float32", shape=(None, 4)) for each in ("x", "y", "a", "b")}
        types |= {f"{each}/shape": TensorType(dtype="int32", shape=(2,)) for each in ("a", "b")}
        return draft.graph("a", "b", types=types)

    assert is_of_one_shape(graph("x"), "a", "b")
    assert is_same(graph("x"), "a", "b")
    assert not is_of_one_shape(graph("y"), "a", "b")
    assert not is_same(graph("y"), "a", "b")
