from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from complex_cases import complex_op, complexes, in_parts
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, one_op, refused

I = np.int32  # noqa: E741
MAKERS: dict[str, Callable[[int], Example]] = {
    "Add": lambda s: complex_op("Add", complexes(2, 3, seed=s), complexes(3, seed=s + 1)),
    "AddN": lambda s: complex_op("AddN", complexes(2, 3, seed=s), complexes(2, 3, seed=s + 1), N=2),
    "AddV2": lambda s: complex_op("AddV2", complexes(2, 3, seed=s), complexes(seed=s + 1), constant=[1]),
    "BiasAdd": lambda s: complex_op("BiasAdd", complexes(2, 3, seed=s), complexes(3, seed=s + 1)),
    "BroadcastTo": lambda s: complex_op("BroadcastTo", complexes(1, 3, seed=s), I([2, 3]), constant=[1]),
    "ConcatV2": lambda s: complex_op("ConcatV2", complexes(2, 3, seed=s), complexes(1, 3, seed=s + 1), I(0), constant=[2], N=2),
    "Cumsum": lambda s: complex_op("Cumsum", complexes(2, 3, seed=s), I(1), constant=[1]),
    "ExpandDims": lambda s: complex_op("ExpandDims", complexes(2, 3, seed=s), I(1), constant=[1]),
    "Fill": lambda s: complex_op("Fill", I([2, 3]), complexes(seed=s), constant=[0]),
    "GatherNd": lambda s: complex_op("GatherNd", complexes(2, 3, seed=s), I([[1, 0], [0, 2]]), constant=[1]),
    "GatherV2": lambda s: complex_op("GatherV2", complexes(2, 3, seed=s), I([1, 0, 1]), I(0), constant=[1, 2]),
    "Mean": lambda s: complex_op("Mean", complexes(2, 3, seed=s), I([1]), constant=[1], keep_dims=True),
    "Neg": lambda s: complex_op("Neg", complexes(2, 3, seed=s)),
    "Pack": lambda s: complex_op("Pack", complexes(2, 3, seed=s), complexes(2, 3, seed=s + 1), N=2, axis=1),
    "Pad": lambda s: complex_op("Pad", complexes(2, 3, seed=s), I([[1, 0], [0, 2]]), constant=[1]),
    "PadV2": lambda s: complex_op("PadV2", complexes(2, 3, seed=s), I([[1, 0], [0, 2]]), np.complex64(1 + 2j), constant=[1, 2]),
    "Reshape": lambda s: complex_op("Reshape", complexes(2, 3, seed=s), I([3, 2]), constant=[1]),
    "ReverseV2": lambda s: complex_op("ReverseV2", complexes(2, 3, seed=s), I([1]), constant=[1]),
    "ScatterNd": lambda s: complex_op("ScatterNd", I([[1], [0]]), complexes(2, 3, seed=s), I([4, 3]), constant=[0, 2]),
    "SelectV2": lambda s: complex_op("SelectV2", np.array([True, False, True]), complexes(2, 3, seed=s), complexes(3, seed=s)),
    "Slice": lambda s: complex_op("Slice", complexes(2, 3, seed=s), I([0, 1]), I([2, -1]), constant=[1, 2]),
    "Split": lambda s: complex_op("Split", I(1), complexes(2, 4, seed=s), constant=[0], num_split=2, outputs=2),
    "SplitV": lambda s: complex_op("SplitV", complexes(2, 4, seed=s), I([1, 3]), I(1), constant=[1, 2], num_split=2, outputs=2),
    "Squeeze": lambda s: complex_op("Squeeze", complexes(2, 1, 3, seed=s), squeeze_dims=[1]),
    "StridedSlice": lambda s: complex_op(
        "StridedSlice", complexes(3, 4, seed=s), I([0, 3]), I([2, 0]), I([1, -2]), constant=[1, 2, 3], begin_mask=1
    ),
    "Sub": lambda s: complex_op("Sub", complexes(2, 3, seed=s), complexes(2, 1, seed=s + 1)),
    "Sum": lambda s: complex_op("Sum", complexes(2, 3, seed=s), I([0]), constant=[1]),
    "TensorScatterUpdate": lambda s: complex_op("TensorScatterUpdate", complexes(2, 3, seed=s), I([[1]]), complexes(1, 3)),
    "Tile": lambda s: complex_op("Tile", complexes(2, 3, seed=s), I([2, 1]), constant=[1]),
    "Transpose": lambda s: complex_op("Transpose", complexes(2, 3, seed=s), I([1, 0]), constant=[1]),
    "Unpack": lambda s: complex_op("Unpack", complexes(2, 3, seed=s), num=2, axis=0, outputs=2),
    "ZerosLike": lambda s: complex_op("ZerosLike", complexes(2, 3, seed=s)),
}  # fmt: skip
EXAMPLES = st.builds(lambda op, seed: MAKERS[op](seed), st.sampled_from(sorted(MAKERS)), st.integers(0, 99))
CORNERS = (
    complex_op("AddV2", complexes(2, 3), complexes(3), unknown={0: [0]}),
    complex_op("Pack", complexes(2, 3), complexes(2, 3), N=2, axis=0),
    complex_op("Unpack", complexes(2, 3), num=2, axis=0, outputs=2),
    complex_op("SelectV2", np.array([True, False, True]), complexes(2, 3), complexes(3), unknown={1: [0]}),
)


@FEW
@given(EXAMPLES)
def test_each_part_alone(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_partwise")


@pytest.mark.parametrize("op", sorted(MAKERS))
def test_every_op(op: str) -> None:
    assert_right_in_tensorflow(MAKERS[op](0), "complex_partwise")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "complex_partwise")


def test_nothing_complex_is_left() -> None:
    from lowering_cases import rewritten

    after = rewritten(MAKERS["ConcatV2"](0)).graph
    assert not [node.op for node in after if node.op in ("Complex", "Real", "Imag")]


def test_leaves_alone_what_works() -> None:
    others = ("webgl", "webgpu", "cpu")
    same = one_op("AddV2", complexes(2, 3), complexes(2, 3), backends=others)
    assert lowered_by(same) == []
    assert lowered_by(in_parts(same)) == []
    assert lowered_by(one_op("Transpose", complexes(2, 3), np.int32([1, 0]), constant=[1], backends=others)) == []


def test_a_complex_input_or_output_stays() -> None:
    assert "no kernel Real" in refused(one_op("Neg", complexes(2, 3), backends=("wasm",)))
    assert "no kernel Complex" in refused(one_op("Neg", complexes(2, 3), backends=("wasm",)))
