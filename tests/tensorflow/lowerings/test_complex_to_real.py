from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from complex_cases import complex_op, complexes
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, one_op, refused

MAKERS: dict[str, Callable[[int], Example]] = {
    "Real": lambda s: complex_op("Real", complexes(2, 3, seed=s), Tout="float32"),
    "Imag": lambda s: complex_op("Imag", complexes(2, 3, seed=s), Tout="float32"),
    "ComplexAbs": lambda s: complex_op("ComplexAbs", complexes(2, 3, seed=s), Tout="float32"),
    "Angle": lambda s: complex_op("Angle", complexes(2, 3, seed=s), Tout="float32"),
    "Equal": lambda s: complex_op("Equal", complexes(2, 3, seed=s), complexes(2, 3, seed=s), constant=[1]),
    "NotEqual": lambda s: complex_op("NotEqual", complexes(2, 3, seed=s), complexes(3, seed=s), constant=[1]),
    "Cast": lambda s: complex_op("Cast", complexes(2, 3, seed=s), SrcT="complex64", DstT="float32"),
    "Shape": lambda s: complex_op("Shape", complexes(2, 3, seed=s), unknown={0: [0]}),
    "Size": lambda s: complex_op("Size", complexes(2, 3, seed=s), unknown={0: [0]}),
}
EXAMPLES = st.builds(lambda op, seed: MAKERS[op](seed), st.sampled_from(sorted(MAKERS)), st.integers(0, 99))
CORNERS = (
    complex_op("Angle", np.complex64([1, -1, 1j, -1j, 0])),
    complex_op("ComplexAbs", complexes(2, 3), unknown={0: [0]}),
    complex_op("Cast", complexes(2, 3), SrcT="complex64", DstT="int32"),
    complex_op("Angle", complexes(2, 3), backends=("webgl", "webgpu", "cpu")),
)


@FEW
@given(EXAMPLES)
def test_of_the_parts(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_to_real")


@pytest.mark.parametrize("op", sorted(MAKERS))
def test_every_op(op: str) -> None:
    assert_right_in_tensorflow(MAKERS[op](0), "complex_to_real")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_to_real")


def test_leaves_alone_what_works() -> None:
    assert lowered_by(one_op("ComplexAbs", complexes(2, 3), backends=("webgl", "webgpu", "cpu"))) == []


def test_a_complex_input_is_named() -> None:
    example = one_op("Real", complexes(2, 3), backends=("wasm",))
    assert refused(example) == "Real: throws: the backend has no kernel Real"
