"""A list that is read and written at known places alone is taken apart; one that isn't stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from graph_draft import Draft
from loop_draft import below, counter, loop, scalars

from tfjsci.graph.graph import DType, Graph, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.control.lists_as_tensors import with_lists_as_tensors

FLOAT = {"element_dtype": DType("float32")}
ANY = "any"


class Lists(Draft):
    """A draft with ops of lists; places are numbers, or names of tensors."""

    def place(self, place: int | str) -> str:
        if isinstance(place, str):
            return place
        name = f"n{place}" if place >= 0 else ANY
        return name if name in self.constants else self.const(name, place, sources=())

    def made_of(self, x: str, name: str = "list") -> str:
        return self.op("TensorListFromTensor", name, x, self.place(-1), shape_type=DType("int32"), **FLOAT)

    def reserve(self, size: int | str) -> str:
        return self.op("TensorListReserve", "list", self.place(-1), self.place(size), **FLOAT)

    def read(self, name: str, from_: str, place: int | str) -> str:
        return self.op("TensorListGetItem", name, from_, self.place(place), self.place(-1), **FLOAT)

    def write(self, name: str, to: str, place: int | str, value: str) -> str:
        return self.op("TensorListSetItem", name, to, self.place(place), value, **FLOAT)

    def stack(self, of: str) -> str:
        return self.op("TensorListStack", "y", of, self.place(-1), num_elements=-1, **FLOAT)

    def typed_graph(self, *outputs: str, rows: int | None = 3) -> Graph:
        graph = self.graph(*outputs)
        known = {"x": TensorType(dtype="float32", shape=(rows, 4)), "v": TensorType(dtype="float32", shape=(4,))}
        return replace(graph, types=known)


def after(graph: Graph) -> str:
    return show(with_lists_as_tensors(graph))


def test_all_rows_are_unpacked() -> None:
    draft = Lists()
    rows = draft.made_of(draft.input("x"))
    outputs = [draft.read(f"row{i}", rows, i) for i in (2, 0, 1)]
    unpacked = with_lists_as_tensors(draft.typed_graph(*outputs))
    assert show(unpacked) == "x = Placeholder()\nlist/rows = Unpack(x)\n-> list/rows:2, list/rows, list/rows:1"
    assert unpacked["list/rows"].attrs == {"T": DType("float32"), "axis": 0, "num": 3}


@pytest.mark.parametrize("rows", [3, None])
def test_one_row_is_cut_out(rows: int | None) -> None:
    draft = Lists()
    row = draft.read("row", draft.made_of(draft.input("x")), 1)
    cut = with_lists_as_tensors(draft.typed_graph(row, rows=rows))
    assert show(cut) == (
        "x = Placeholder()\nlist/row = StridedSlice(x, list/row/begin, list/row/end, list/row/step)\n-> list/row"
    )
    assert {name: constant.value.tolist() for name, constant in cut.constants.items()} == {
        "list/row/begin": [1],
        "list/row/end": [2],
        "list/row/step": [1],
    }
    assert cut["list/row"].attrs["shrink_axis_mask"] == 1


def test_what_was_written_is_read_and_stacked() -> None:
    draft = Lists()
    v = draft.input("v")
    first = draft.write("first", draft.reserve(2), 0, v)
    twice = draft.typed("AddV2", "twice", draft.read("read", first, 0), v)
    both = draft.write("both", draft.write("early", first, 1, v), 1, twice)
    assert after(draft.typed_graph(draft.stack(both))) == (
        "v = Placeholder()\ntwice = AddV2(v, v)\ny/all = Pack(v, twice)\n-> y/all"
    )


def test_what_was_written_over_a_tensors_rows() -> None:
    draft = Lists()
    changed = draft.write("changed", draft.made_of(draft.input("x")), 1, draft.input("v"))
    assert after(draft.typed_graph(draft.stack(changed))) == (
        "x = Placeholder()\nv = Placeholder()\n"
        "list/row = StridedSlice(x, list/row/begin, list/row/end, list/row/step)\n"
        "list/row_1 = StridedSlice(x, list/row/begin_1, list/row/end_1, list/row/step_1)\n"
        "y/all = Pack(list/row, v, list/row_1)\n-> y/all"
    )


def test_a_written_row_may_come_from_another_list() -> None:
    draft = Lists()
    rows = draft.made_of(draft.input("x"), "rows")
    written = draft.reserve(1)
    written = draft.write("written", written, 0, draft.read("last", rows, 2))
    assert after(draft.typed_graph(draft.read("again", written, 0))) == (
        "x = Placeholder()\nrows/row = StridedSlice(x, rows/row/begin, rows/row/end, rows/row/step)\n-> rows/row"
    )


class TestStays:
    def left(self, draft: Lists, *outputs: str) -> None:
        graph = draft.typed_graph(*outputs)
        assert with_lists_as_tensors(graph) is graph

    def test_a_place_that_the_run_tells(self) -> None:
        draft = Lists()
        place = draft.op("Placeholder", "i", dtype=DType("int32"))
        self.left(draft, draft.read("row", draft.made_of(draft.input("x")), place))

    def test_a_read_behind_a_write_at_a_place_that_the_run_tells(self) -> None:
        draft = Lists()
        place = draft.op("Placeholder", "i", dtype=DType("int32"))
        written = draft.write("written", draft.made_of(draft.input("x")), place, draft.input("v"))
        self.left(draft, draft.read("row", written, 0), draft.stack(written))

    @pytest.mark.parametrize(("size", "written"), [(2, [0]), (2, [0, 0]), (1, [0, 1]), ("n", [0])])
    def test_a_list_that_is_not_written_to_its_end_or_beyond_it(self, size: int | str, written: list[int]) -> None:
        draft = Lists()
        if size == "n":
            draft.op("Placeholder", "n", dtype=DType("int32"))
        v, made = draft.input("v"), draft.reserve(size)
        for i, place in enumerate(written):
            made = draft.write(f"written{i}", made, place, v)
        self.left(draft, draft.stack(made))

    def test_what_was_never_written(self) -> None:
        draft = Lists()
        written = draft.write("written", draft.reserve(2), 0, draft.input("v"))
        self.left(draft, draft.read("row", written, 1))

    def test_a_list_that_a_loop_writes(self) -> None:
        draft = Lists()
        x = draft.input("x", ())
        made = draft.reserve(2)

        def body(d: Draft, i: str, array: str, y: str) -> list[str]:
            return [counter(d, "next", i), d.op("TensorListSetItem", "set", array, i, y, **FLOAT), y]

        functions = loop(
            draft,
            [draft.const("begin", np.int32(0), sources=()), made, x],
            [("i", "int32"), ("array", "variant"), ("y", "float32")],
            cond=lambda d, i, array, y: below(d, i, 2),
            body=body,
        )
        graph = scalars(replace(draft.graph(draft.stack("loop:1")), functions=functions))
        assert with_lists_as_tensors(graph) is graph
