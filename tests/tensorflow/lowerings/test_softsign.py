from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, shapes

from tfjsci.graph.graph import DType

EXAMPLES = st.builds(
    lambda shape, seed: one_op("Softsign", floats(*shape, seed=seed, low=-1e3, high=1e3)),
    shapes(0, 5),
    st.integers(0, 99),
)
CORNERS = (
    one_op("Softsign", floats(2, 3), unknown={0: [0]}),
    one_op("Softsign", floats(0, 3)),
)


@FEW
@given(EXAMPLES)
def test_it_is_x_over_one_plus_its_size(example: Example) -> None:
    assert_right_in_tensorflow(example, "softsign")


def test_leaves_alone_what_every_backend_has() -> None:
    assert lowered_by(one_op("Relu", floats(2, 3))) == []
    assert lowered_by(one_op("Cast", floats(2, 3), DstT=DType("int32"))) == []
