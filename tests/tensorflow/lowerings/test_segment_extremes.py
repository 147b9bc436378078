"""The largest, smallest and product of rows by number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, refused, shapes

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.graph import Array

NAME = "segment_extremes"
KINDS = ("Max", "Min", "Prod")


def values(shape: tuple[int, ...], dtype: str) -> Array:
    return floats(*shape) if dtype == "float32" else ints(*shape, low=-3, high=4).astype(dtype)


def unsorted(
    kind: str,
    of_ids: tuple[int, ...],
    inner: tuple[int, ...],
    count: int,
    dtype: str = "float32",
    *,
    unknown: tuple[int, ...] = (),
    fed: bool = False,
    backends: tuple[Backend, ...] = BACKENDS,
) -> Example:
    x, ids = values((*of_ids, *inner), dtype), ints(*of_ids, low=-1, high=count)
    open_ids = [axis for axis in unknown if axis < len(of_ids)]
    return one_op(
        f"UnsortedSegment{kind}",
        x,
        ids,
        np.int32(count),
        constant=[] if fed else [2],
        unknown={0: unknown, 1: open_ids},
        backends=backends,
    )


def ascending(
    kind: str,
    rows: int,
    inner: tuple[int, ...],
    dtype: str = "float32",
    *,
    unknown: tuple[int, ...] = (),
    constant: bool = False,
    seed: int = 0,
) -> Example:
    ids = np.sort(ints(rows, seed=seed, low=0, high=rows + 1))
    open_rows = [0] if 0 in unknown else []
    x = values((rows, *inner), dtype)
    return one_op(f"Segment{kind}", x, ids, constant=[1] if constant else [], unknown={0: unknown, 1: open_rows})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    kind, unknown = draw(st.sampled_from(KINDS)), draw(st.sampled_from([(), (), (0,)]))
    dtype = draw(st.sampled_from(["float32", "int32"]))
    if draw(st.booleans()):
        constant, seed = draw(st.booleans()), draw(st.integers(0, 99))
        rows = draw(st.integers(1, 5))
        return ascending(kind, rows, draw(shapes(0, 2)), dtype, unknown=unknown, constant=constant, seed=seed)
    if kind == "Min":
        dtype = "float32"
    of_ids, inner = draw(shapes(1, 2)), draw(shapes(0, 2))
    return unsorted(kind, of_ids, inner, draw(st.integers(1, 4)), dtype, unknown=unknown, fed=draw(st.booleans()))


EXAMPLES = examples()
CORNERS = (
    *(unsorted(kind, (5,), (2,), 4) for kind in KINDS),
    unsorted("Max", (2, 3), (2, 2), 4, "int32", unknown=(0,)),
    unsorted("Min", (5,), (), 4, unknown=(0,), fed=True),
    unsorted("Min", (5,), (2,), 4, "int32", backends=("webgpu", "wasm", "cpu")),
    *(ascending(kind, 5, (2,)) for kind in KINDS),
    ascending("Min", 5, (2,), "int32", unknown=(0,)),
    ascending("Max", 5, (2, 2), constant=True),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_declines_what_webgl_cannot_hold() -> None:
    assert "UnsortedSegmentMin" in refused(unsorted("Min", (5,), (2,), 4, "int32"))
