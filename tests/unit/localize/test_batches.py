"""As many together as one question may hold: the same for whole nodes and for the tensors inside of a loop."""

from __future__ import annotations

from graph_draft import Draft

from tfjsci.graph.graph import Graph, TensorType
from tfjsci.localize.batches import MOST_TENSORS, portions


def chain(count: int, size: int | None = 4) -> tuple[Graph, list[str]]:
    """A chain of Relu, each of ``4 * size`` bytes a row; of a shape that isn't known, if ``size`` is None."""
    draft = Draft()
    names = [draft.input("x", (None, 4))]
    names += [draft.op("Relu", f"n{n}", names[-1]) for n in range(count)]
    shape = None if size is None else (None, size)
    types = {name: TensorType(dtype="float32", shape=shape) for name in names}
    graph = draft.graph(names[-1])
    return graph.with_types(types), names[1:]


def lengths(graph: Graph, names: list[str], **options: int) -> list[int]:
    return [len(each) for each in portions(((name, [name]) for name in names), graph, rows=2, **options)]


def test_what_fits_exactly_is_one_and_a_byte_less_makes_another() -> None:
    graph, names = chain(4)
    assert lengths(graph, names, limit=4 * 32) == [4]
    assert lengths(graph, names, limit=4 * 32 - 1) == [3, 1]


def test_one_that_is_too_large_is_alone() -> None:
    graph, names = chain(3)
    assert lengths(graph, names, limit=31) == [1, 1, 1]


def test_never_more_tensors_than_a_page_is_asked_for() -> None:
    graph, names = chain(MOST_TENSORS + 1)
    assert lengths(graph, names) == [MOST_TENSORS, 1]
    assert lengths(graph, names[:-1]) == [MOST_TENSORS]


def test_of_an_unknown_shape_a_sixteenth_is_assumed() -> None:
    graph, names = chain(17, size=None)
    assert lengths(graph, names) == [16, 1]


def test_what_is_asked_for_nothing_takes_no_room() -> None:
    graph, names = chain(4)
    asked = [(name, [] if name == names[1] else [name]) for name in names]
    assert [len(each) for each in portions(asked, graph, rows=2, limit=3 * 32)] == [4]
    assert list(portions([], graph, rows=2)) == []
