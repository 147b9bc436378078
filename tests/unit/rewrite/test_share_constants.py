from __future__ import annotations

import numpy as np
from graph_draft import Draft

from tfjsci.graph.graph import Constant, Graph
from tfjsci.rewrite.share_constants import with_shared_constants


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
