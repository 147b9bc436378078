from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, rewritten

from tfjsci.graph.graph import Array, Constant, DType, Graph, Node, ShapeAttr


def band(x: Array, lower: int, upper: int, *, constant: bool = True, dtype: Any = np.int32, **rest: Any) -> Example:
    counts = (np.array(lower, dtype), np.array(upper, dtype))
    return one_op("MatrixBandPart", x, *counts, constant=[1, 2] if constant else [], **rest)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = tuple(draw(st.integers(1, 4)) for _ in range(draw(st.integers(2, 5))))
    lower = draw(st.integers(-1, shape[-2]))
    upper = draw(st.integers(-1, shape[-1]).filter(lambda n: n != lower))
    x = draw(st.sampled_from([floats(*shape), ints(*shape), floats(*shape) > 0]))
    unknown = {0: [i for i in range(len(shape)) if not draw(st.integers(0, 2))]}
    dtype = draw(st.sampled_from([np.int32, np.int64]))
    return band(x, lower, upper, constant=draw(st.booleans()), dtype=dtype, unknown=unknown)


def causal(height: int, width: int, *, known: bool) -> Example:
    """As Keras makes it: a part of Fill(Pack(T, S), true) of the sizes of the scores."""
    shape = (1, height, width) if known else (1, None, None)
    number = DType("int32")

    def picked(name: str, at: str) -> Node:
        masks = {f"{mask}_mask": 0 for mask in ("begin", "end", "ellipsis", "new_axis")}
        attrs = {"T": number, "Index": number, "shrink_axis_mask": 1, **masks}
        return Node(name=name, op="StridedSlice", inputs=("shape", at, f"{at}_end", "one"), attrs=attrs)

    values: dict[str, Any] = {
        "at1": [1],
        "at1_end": [2],
        "at2": [2],
        "at2_end": [3],
        "one": [1],
        "below": -1,
        "above": 0,
    }
    nodes = (
        *(Node(name=name, op="Const", attrs={"dtype": number}) for name in values),
        Node(name="true", op="Const", attrs={"dtype": DType("bool")}),
        Node(name="x", op="Placeholder", attrs={"dtype": DType("float32"), "shape": ShapeAttr(shape)}),
        Node(name="shape", op="Shape", inputs=("x",), attrs={"T": DType("float32"), "out_type": number}),
        picked("rows", "at1"),
        picked("columns", "at2"),
        Node(name="dims", op="Pack", inputs=("rows", "columns"), attrs={"T": number, "N": 2, "axis": 0}),
        Node(name="ones", op="Fill", inputs=("dims", "true"), attrs={"T": DType("bool"), "index_type": number}),
        Node(
            name="op",
            op="MatrixBandPart",
            inputs=("ones", "below", "above"),
            attrs={"T": DType("bool"), "Tindex": number},
        ),
    )
    constants = {name: Constant(value=np.array(value, np.int32)) for name, value in values.items()}
    graph = Graph(nodes=nodes, outputs=("op",), constants={**constants, "true": Constant(value=np.array(True))})
    return Example(graph=graph, inputs={"x": floats(1, height, width)}, text=f"causal {known}")


WITH_INF = np.where(np.arange(12).reshape(3, 4) % 3 == 0, np.inf, np.nan).astype(np.float32)
EXAMPLES = examples()
CORNERS = (
    band(floats(4, 3), -1, 0),
    band(floats(2, 3, 4), 0, -1, unknown={0: [0]}),
    band(floats(2, 3, 3), 1, 0, unknown={0: [0, 1, 2]}),
    band(WITH_INF, 0, 1),
    band(floats(2, 1, 2, 3, 4), 0, 1, unknown={0: [0]}),
    band(floats(3, 4) > 0, 1, 1),  # on wasm
    band(ints(3, 3), 2, -1, constant=False, dtype=np.int64),
    causal(3, 5, known=True),
    causal(3, 5, known=False),
)


@FEW
@given(EXAMPLES)
def test_it_selects_by_a_comparison(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_band_part")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "matrix_band_part")


def test_a_causal_mask_is_one_comparison() -> None:
    known = rewritten(causal(3, 5, known=True)).graph
    assert {node.op for node in known.nodes} - {"Placeholder"} == {
        "Const",
        "Identity",
    }  # an output has a node of its own
    of_the_run = [node.op for node in rewritten(causal(3, 5, known=False)).graph.nodes]
    assert of_the_run.count("LessEqual") == 1
    assert "Fill" not in of_the_run
    assert "SelectV2" not in of_the_run


def test_leaves_alone_what_the_runtime_reads_rightly() -> None:
    assert lowered_by(band(floats(3, 4), 1, 1)) == []
