from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, ShapeAttr
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.select_anded import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)
INT = DType("int32")
N, H = 3, 2


def masked(
    *,
    batch: int | None = None,
    ones: str = "Fill",
    value: Any = True,
    flipped: bool = False,
    scores: tuple[int | None, ...] = (None, H, N, N),
    more: tuple[str, ...] = (),
) -> Graph:
    """Scores [batch, heads, n, n] by a mask [batch, 1, 1, n] that is spread over ones."""
    draft = Draft()
    x = draft.input("x", (batch, *scores[1:]))
    m = draft.op("Placeholder", "m", dtype=DType("bool"), shape=ShapeAttr((batch, 1, 1, N)))
    if ones == "Const":
        wide = draft.const("wide", np.full((1, H, N, N), value), sources=())
    else:
        like = draft.input("like", (batch, H, N, N))
        shape = draft.op("Shape", "shape", like, T=DType("float32"), out_type=INT)
        value = draft.const("value", np.array(value), sources=())
        wide = draft.op("Fill", "wide", shape, value, T=DType("bool"), index_type=INT)
    both = draft.op("LogicalAnd", "both", *((m, wide) if flipped else (wide, m)))
    out = draft.const("out", np.float32(-1e9))
    return inferred(draft.graph(draft.typed("SelectV2", "y", both, x, out), *more))


def fed(**shapes: tuple[int, ...]) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    given: dict[str, Any] = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return {**given, "m": rng.random((2, 1, 1, N)) > 0.5}


EXAMPLES = {"ones of the scores' shape": masked(batch=2), "constant ones": masked(batch=2, ones="Const")}


@pytest.mark.parametrize("flipped", [False, True])
def test_select_spreads_the_mask_itself(flipped: bool) -> None:
    before = masked(batch=2, flipped=flipped)
    result = after(before)
    assert show(result).splitlines()[-2:] == ["y = SelectV2(m, x, out)", "-> y"]
    x = (2, H, N, N)
    assert_same_numbers(before, result, **fed(x=x, like=x))


def test_constant_ones() -> None:
    before = masked(batch=2, ones="Const")
    assert_same_numbers(before, after(before), **fed(x=(2, H, N, N)))


class TestLeavesAlone:
    def test_what_is_false_somewhere(self) -> None:
        causal = np.tril(np.ones((1, H, N, N), bool))
        assert "neither" in refused(masked(batch=2, value=False))
        assert "neither" in refused(masked(batch=2, ones="Const", value=causal))

    def test_ones_that_the_result_has_its_shape_from(self) -> None:
        assert "the same shape" in refused(masked(batch=2, scores=(None, 1, N, N)))
        assert after(masked(batch=2, scores=(None, H, N, N)))
