from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, ShapeAttr, dtype_name
from tfjsci.graph.tables import FIND, TABLE, contents_of
from tfjsci.rewrite.rules.mask_in_table import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)


def masked(
    keys: Any, values: Any, token: Any, value: Any, default: Any, *, other: bool = False, swapped: bool = False
) -> Graph:
    """Look-ups of ``x`` with ``value`` where it is the token; of ``other``, the look-up is of another tensor."""
    draft = Draft()
    key, kind = DType(dtype_name(keys)), DType(dtype_name(values))
    x, *more = (
        draft.op("Placeholder", name, dtype=key, shape=ShapeAttr((None, 2))) for name in ("x", "other")[: 1 + other]
    )
    sought = more[0] if more else x
    table = draft.op(
        TABLE, "table", draft.const("keys", keys), draft.const("values", values), key_dtype=key, value_dtype=kind
    )
    found = draft.op(FIND, "found", table, sought, draft.const("default", default), Tin=key, Tout=kind)
    mask = draft.const("token", token)
    is_token = draft.op("Equal", "masked", *((mask, x) if swapped else (x, mask)), T=key, incompatible_shape_error=True)
    return draft.graph(draft.op("SelectV2", "y", is_token, draft.const("value", value), found, T=kind))


KEYS, VALUES = np.int64([3, 5, 9]), np.int64([1, 2, 3])
GIVEN = np.int64([[3, 0], [9, 4]])
EXAMPLES = {
    "a token that is no key": masked(KEYS, VALUES, np.int64(0), np.int64(7), np.int64(-1)),
    "a token that is one": masked(KEYS, VALUES, np.int64(9), np.int64(7), np.int64(-1), swapped=True),
    "a table of weights": masked(KEYS, np.float32([0.5, 2, 3]), np.int64(0), np.float32(7), np.float32(-1)),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_tokens_entry_is_in_the_table(name: str) -> None:
    before = EXAMPLES[name]
    result = after(before)
    assert [node.op for node in result.nodes if node.op not in ("Const", "Placeholder")] == [TABLE, FIND]
    assert_same_numbers(before, result, x=GIVEN)


def test_the_largest_value_that_a_table_holds() -> None:
    before = masked(KEYS, VALUES, np.int64(0), np.int64(2**31 - 1), np.int64(-1))
    assert_same_numbers(before, after(before), x=GIVEN)


def test_texts_are_compared_by_the_table() -> None:
    def words(*texts: str) -> Any:
        return np.array([text.encode() for text in texts], dtype=object)

    before = masked(words("a", "b"), np.int64([1, 2]), words("")[0], np.int64(0), np.int64(-1))
    result = after(before)
    held = contents_of(result, result["y"].inputs[0])
    assert held is not None
    assert dict(zip(held.keys.tolist(), held.values.tolist(), strict=True)) == {b"a": 1, b"b": 2, b"": 0}


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (masked(KEYS, VALUES, np.int64([0, 1]), np.int64(7), np.int64(-1)), "more than one key is masked"),
        (masked(KEYS, VALUES, np.int64(0), np.int64([7, 8]), np.int64(-1)), "the mask isn't one value"),
        (masked(KEYS, VALUES, np.int64(0), np.int64(7), np.int64(-1), other=True), ""),
        (masked(KEYS, VALUES, np.int64(0), np.int64(2**31), np.int64(-1)), "beyond int32"),
    ],
)
def test_leaves_alone(graph: Graph, reason: str) -> None:
    assert reason in refused(graph)
