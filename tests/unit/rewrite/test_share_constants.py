from __future__ import annotations

import numpy as np
from graph_draft import Draft

from tfjsci.graph.graph import Constant, Graph
from tfjsci.rewrite.share_constants import WORTH_BYTES, with_shared_constants, with_weights_stored_once


def two(first: Constant, second: Constant) -> Graph:
    draft = Draft()
    x = draft.input("x", (2,))
    a = draft.const("a", first.value)
    b = draft.const("b", second.value)
    graph = draft.graph(draft.op("AddV2", "y", draft.op("Mul", "m", x, a), b))
    return Graph(nodes=graph.nodes, outputs=graph.outputs, constants={"a": first, "b": second}, types=graph.types)


def made(values: list[float], *sources: str, dtype: str = "float32") -> Constant:
    return Constant(value=np.array(values, dtype=dtype), sources=sources)


def test_equal_constants_of_one_variable_become_one() -> None:
    result = with_shared_constants(two(made([1, 2], "w"), made([1, 2], "w")))
    assert set(result.constants) == {"a"}
    assert result["y"].inputs == ("m", "a")


def test_two_variables_that_happen_to_be_equal_stay_two() -> None:
    graph = two(made([0, 0], "first/bias"), made([0, 0], "second/bias"))
    assert with_shared_constants(graph) is graph


def test_another_value_dtype_or_shape_stays() -> None:
    for other in (made([1, 3]), made([1, 2], dtype="float64"), Constant(value=np.array([[1, 2]], np.float32))):
        assert set(with_shared_constants(two(made([1, 2]), other)).constants) == {"a", "b"}


def saved_twice(elements: int = WORTH_BYTES // 4, **changed: float) -> Graph:
    """A tower and its copy; ``changed`` is what one of the copy's numbers is."""
    values = np.random.default_rng(0).normal(0, 1, (1, elements)).astype(np.float32)
    other = values.copy()
    if changed:
        other[0, 0] = changed["first"]
    return two(Constant(value=values, sources=("tower/kernel",)), Constant(value=other, sources=("copy/kernel",)))


def test_a_weight_that_was_saved_twice_is_stored_once_and_goes_by_both_names() -> None:
    result = with_weights_stored_once(saved_twice())
    assert {name: each.sources for name, each in result.constants.items()} == {"a": ("tower/kernel", "copy/kernel")}
    assert (result["m"].inputs, result["y"].inputs) == (("x", "a"), ("m", "a"))


def test_a_small_one_another_and_one_of_one_number_stay_two() -> None:
    flat = np.zeros((1, WORTH_BYTES), np.float32)
    zeros = two(Constant(value=flat, sources=("a/bias",)), Constant(value=flat.copy(), sources=("b/bias",)))
    for graph in (saved_twice(WORTH_BYTES // 4 - 1), saved_twice(first=0.5), zeros):
        assert with_weights_stored_once(graph) is graph
