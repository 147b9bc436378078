from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.graph.graph import DType, Graph
from tfjsci.rewrite.rules.cancel_casts import _WIDER, RULES, keeps_all

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)


def casts(*dtypes: str, compared: float | None = None) -> Graph:
    """x, of the first dtype, through all of them."""
    draft = Draft(dtypes[0])
    last = draft.input("x", (None, 3))
    for i, (source, target) in enumerate(itertools.pairwise(dtypes)):
        last = draft.op("Cast", f"cast{i}", last, SrcT=DType(source), DstT=DType(target), Truncate=False)
    if compared is not None:
        zero = draft.const("zero", np.array(compared, dtypes[-1]))
        last = draft.op("NotEqual", "ne", last, zero, T=DType(dtypes[-1]), incompatible_shape_error=True)
    of_bools = compared is not None or dtypes[-1] == "bool"
    y = draft.op("LogicalNot", "y", last) if of_bools else draft.op("Neg", "y", last, T=DType(dtypes[-1]))
    return draft.graph(y)


EXAMPLES = {
    "bool and back": casts("bool", "float32", "bool"),
    "an integer and back": casts("int32", "int64", "int32"),
    "by a wider one": casts("bool", "int32", "float32"),
    "to its own dtype": casts("float32", "float32"),
    "a bool that is compared": casts("bool", "int32", compared=0),
}
LEFT = {"by a wider one": 1}


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_comes_back_is_what_it_was(name: str) -> None:
    before = EXAMPLES[name]
    result = after(before)
    assert [node.op for node in result].count("Cast") == LEFT.get(name, 0)
    dtype = str(getattr(before["x"].attrs["dtype"], "name", ""))
    assert_same_numbers(before, result, x=np.array([[0, 1, 3], [2, 0, 1]]).astype(dtype))


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (casts("float32", "int32", "float32"), "int32 doesn't hold every float32"),
        (casts("int32", "float32", "int32"), "float32 doesn't hold every int32"),
        (casts("float32", "float16", "float32"), "float16 doesn't hold every float32"),
        (casts("float32", "bool", "float32"), "bool doesn't hold every float32"),
        (
            casts("int32", "int64", "float32"),
            "float32 doesn't hold every int32: what is made of one may differ by the way",
        ),
        (casts("int32", "uint8", "int32"), "uint8 doesn't hold every int32"),
        (casts("float32", "int32", compared=0), "it is no bool that was cast"),
        (casts("bool", "int32", compared=1), "it isn't compared with 0"),
    ],
)
def test_leaves_alone_what_loses_values(graph: Graph, reason: str) -> None:
    assert reason in refused(graph)


@given(st.sampled_from(sorted(_WIDER)), st.data())
def test_what_is_said_to_hold_all_values_does(source: str, data: st.DataObject) -> None:
    """By numpy, of whole numbers at the edges and at random; bfloat16, which numpy lacks, has float32's range and 8 bits."""
    if source in ("bfloat16", "float16", "float32"):
        return
    low, high = (0, 1) if source == "bool" else (np.iinfo(source).min, np.iinfo(source).max)
    value = data.draw(st.integers(int(low), int(high)))
    for target in _WIDER[source] - {"bfloat16"}:
        made = np.array(value, source).astype(target)
        assert int(made) == value
        assert made.astype(source) == np.array(value, source)
    assert not {"bfloat16", "float16"} & _WIDER[source] or max(abs(int(low)), int(high)) <= 256
    assert keeps_all(source, source)
