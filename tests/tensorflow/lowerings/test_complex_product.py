from __future__ import annotations

from collections.abc import Callable

import pytest
from complex_cases import complex_op, complexes
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op

MAKERS: dict[str, Callable[[int], Example]] = {
    "Mul": lambda s: complex_op("Mul", complexes(2, 3, seed=s), complexes(3, seed=s + 1)),
    "MatMul": lambda s: complex_op(
        "MatMul", complexes(3, 2, seed=s), complexes(4, 3, seed=s + 1), transpose_a=True, transpose_b=True
    ),
    "BatchMatMulV2": lambda s: complex_op("BatchMatMulV2", complexes(2, 2, 3, seed=s), complexes(3, 4, seed=s + 1)),
    "BatchMatMulV2/adj": lambda s: complex_op(
        "BatchMatMulV2", complexes(2, 3, 2, seed=s), complexes(2, 4, 3, seed=s + 1), adj_x=True, adj_y=True
    ),
    "BatchMatMul": lambda s: complex_op("BatchMatMul", complexes(2, 2, 3, seed=s), complexes(2, 3, 4, seed=s + 1)),
    "Einsum": lambda s: complex_op("Einsum", complexes(2, 3, seed=s), complexes(3, 4, seed=s + 1), equation="ij,jk->ki"),
}  # fmt: skip
EXAMPLES = st.builds(lambda op, seed: MAKERS[op](seed), st.sampled_from(sorted(MAKERS)), st.integers(0, 99))
CORNERS = (
    complex_op("Mul", complexes(2, 3), complexes(2, 3), constant=[1], unknown={0: [0]}),
    complex_op("Mul", complexes(2, 3), floats(3).astype("complex64"), constant=[1]),
    MAKERS["BatchMatMulV2/adj"](1),
)


@FEW
@given(EXAMPLES)
def test_four_products(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_product")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_product")


def test_a_real_factor_takes_two() -> None:
    from lowering_cases import rewritten

    after = rewritten(CORNERS[1]).graph
    assert [node.op for node in after].count("Mul") == 2


def test_leaves_alone_what_works() -> None:
    assert lowered_by(one_op("Mul", floats(2), floats(2))) == []
    assert lowered_by(one_op("Mul", complexes(2), complexes(2), backends=("webgl", "webgpu", "cpu"))) == []
