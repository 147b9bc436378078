from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused

NOTHING = np.zeros(0, np.float32)


def norm(
    shape: tuple[int, ...],
    *,
    op: str = "FusedBatchNormV3",
    seed: int = 0,
    outputs: int = 1,
    share: float = 1.0,
    **more: Any,
) -> Example:
    channels = shape[-1]
    gamma, beta = floats(channels, seed=seed), floats(channels, seed=seed + 1)
    old = (
        (NOTHING, NOTHING)
        if share == 1
        else (floats(channels, seed=seed + 2), floats(channels, seed=seed + 3, low=0.1))
    )
    return one_op(
        op, floats(*shape, seed=seed), gamma, beta, *old, outputs=outputs, is_training=True, exponential_avg_factor=share, **more
    )  # fmt: skip


EXAMPLES = st.builds(
    norm,
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(2, 4), st.integers(1, 5)),
    op=st.sampled_from(["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]),
    seed=st.integers(0, 99),
    outputs=st.sampled_from([1, 3]),
    share=st.sampled_from([1.0, 0.25]),
    epsilon=st.sampled_from([1e-3, 0.1]),
    constant=st.sampled_from([(1, 2), ()]),
)
CORNERS = (
    norm((2, 3, 4, 5), outputs=3, unknown={0: [0]}),
    norm((2, 3, 4, 5), outputs=3, unknown={0: [0, 1, 2]}, share=0.5),
    norm((2, 2, 3, 2, 5), data_format="NDHWC"),
    norm((1, 1, 1, 3), outputs=3),  # one value a channel: its variance is 0, and nothing is divided by 0
    norm((2, 3, 4, 5), constant=(1, 2)),
)


@FEW
@given(EXAMPLES)
def test_the_statistics_are_the_batchs_own(example: Example) -> None:
    assert_right_in_tensorflow(example, "batch_norm_training")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_the_statistics_themselves_and_volumes(example: Example) -> None:
    assert_right_in_tensorflow(example, "batch_norm_training")


def test_leaves_inference_alone() -> None:
    four = tuple(floats(5, seed=i, low=0.1) for i in range(4))
    assert (
        lowered_by(one_op("FusedBatchNormV3", floats(2, 3, 4, 5), *four, constant=(1, 2, 3, 4), is_training=False))
        == []
    )


def test_what_only_a_gradient_reads_is_not_made() -> None:
    assert "normalises with the given" in refused(norm((2, 3, 4, 5), outputs=4))
