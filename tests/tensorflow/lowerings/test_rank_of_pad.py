from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import high_shapes, unknowns, values

from tfjsci.graph.graph import Array

NAME = "rank_of_pad"


def padded(
    op: str, x: Array, pairs: Sequence[Sequence[int]], *, unknown: Sequence[int] = (), mode: str = "", **attrs: object
) -> Example:
    around = np.array(pairs, np.int32)
    rest = [np.array(3, x.dtype)] if op == "PadV2" else []
    more = {"mode": mode} if mode else {}
    return one_op(op, x, around, *rest, constant=[1, 2][: 1 + len(rest)], unknown={0: unknown}, **more, **attrs)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    op, mode = draw(st.sampled_from([("Pad", ""), ("PadV2", ""), ("MirrorPad", "REFLECT"), ("MirrorPad", "SYMMETRIC")]))
    shape = draw(high_shapes(5, 5 if mode else 6, numbers=48))  # TensorFlow itself mirrors no more
    rank = len(shape)
    most = [1 if not mode else n - (mode == "REFLECT") for n in shape]
    touched = draw(st.sets(st.integers(0, rank - 1), min_size=1, max_size=4))
    pairs = [
        [draw(st.integers(0, min(2, m))), draw(st.integers(0, min(1, m)))] if axis in touched else [0, 0]
        for axis, m in enumerate(most)
    ]
    return padded(
        op, values(shape, draw(st.sampled_from(["float32", "int32"]))), pairs, mode=mode, unknown=draw(unknowns(rank))
    )


EXAMPLES = examples()
NONE = [0, 0]
CORNERS = (
    padded("Pad", floats(1, 2, 2, 2, 3), [NONE, [1, 1], [1, 1], [1, 1], NONE], unknown=[0]),  # ZeroPadding3D
    padded("Pad", floats(1, 2, 2, 1, 3), [[1, 0], [0, 1], [1, 1], [2, 0], [0, 1]]),
    padded("PadV2", floats(2, 1, 2, 2, 2, 2), [NONE, [1, 0], NONE, [0, 1], NONE, [1, 1]], unknown=[0, 2]),
    padded("PadV2", values((1, 2, 2, 1, 3), "int32"), [NONE, NONE, [1, 0], NONE, [0, 2]]),
    padded("MirrorPad", floats(1, 2, 3, 3, 2), [NONE, [1, 0], [1, 1], [2, 0], NONE], mode="REFLECT"),
    padded("MirrorPad", floats(2, 2, 2, 2, 2), [[1, 0], [1, 1], [0, 1], [2, 1], [1, 1]], mode="SYMMETRIC"),
    padded("Pad", values((1, 2, 2, 1, 3), "bool"), [NONE, NONE, [1, 0], NONE, [0, 2]]),
    padded("Pad", floats(1, 2, 2, 1, 3), [NONE] * 5),
    one_op("Pad", floats(2, 2, 2, 1, 3), np.array([NONE, NONE, [1, 0], NONE, [0, 2]], np.int64), constant=[1]),
)


@FEW
@given(EXAMPLES)
def test_what_is_not_padded_is_merged(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_four_dimensions_alone() -> None:
    assert lowered_by(padded("Pad", floats(1, 2, 2, 3), [NONE, [1, 1], [1, 1], NONE])) == []
    assert lowered_by(one_op("Pad", floats(1, 2, 2, 2, 3), np.ones((5, 2), np.int32), backends=("wasm", "cpu"))) == []


def test_declines_paddings_of_the_run() -> None:
    assert "pads at most 4" in refused(one_op("Pad", floats(1, 2, 2, 2, 3), np.ones((5, 2), np.int32)))
