from __future__ import annotations

import numpy as np
import pytest
from complex_cases import in_parts
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused, shapes


def cast(value: object, target: str = "complex64", **options: object) -> Example:
    dtype = np.asarray(value).dtype.name
    return in_parts(one_op("Cast", value, SrcT=dtype, DstT=target, **options))


EXAMPLES = st.builds(lambda shape, seed: cast(floats(*shape, seed=seed)), shapes(0, 4), st.integers(0, 99))
CORNERS = (
    cast(ints(2, 3)),
    cast(np.array([True, False])),
    cast(floats(2, 3), unknown={0: [0]}),
    cast(floats(2, 3).astype(np.float64), "complex128"),
)


@FEW
@given(EXAMPLES)
def test_the_imaginary_part_is_0(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_from_real")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_from_real")


def test_leaves_alone_what_works() -> None:
    example = one_op("Cast", floats(2), SrcT="float32", DstT="complex64", backends=("webgl", "webgpu", "cpu"))
    assert lowered_by(example) == []


def test_a_complex_output_stays() -> None:
    example = one_op("Complex", floats(2), floats(2), Tout="complex64", backends=("wasm",))
    assert refused(example) == "Complex: throws: the backend has no kernel Complex"
