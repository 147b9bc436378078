"""The builder: dtypes and shapes go along, as far as they are known, and attributes are filled in."""

from __future__ import annotations

import numpy as np
import pytest

from tfjsci.graph.graph import DType
from tfjsci.rewrite import build as b
from tfjsci.rewrite.build import Tensor, UnknownShapeError, const
from tfjsci.rewrite.rule import NewConst, NewNode


def x(*shape: int | None, dtype: str = "float32") -> Tensor:
    return Tensor(source="x", dtype=dtype, shape=shape)


def node(tensor: Tensor) -> NewNode:
    assert isinstance(tensor.source, NewNode)
    return tensor.source


def value(source: object) -> list[object]:
    assert isinstance(source, NewConst)
    listed: list[object] = source.constant.value.tolist()
    return listed


def test_a_number_takes_the_other_operands_dtype() -> None:
    made = 1 - x(2, dtype="float16")
    assert (made.dtype, made.shape, node(made).op) == ("float16", (2,), "Sub")
    assert node(made).attrs["T"] == DType("float16")
    first = node(made).inputs[0]
    assert isinstance(first, NewConst)
    assert first.constant.value.dtype == np.float16


def test_two_dtypes_are_a_mistake() -> None:
    with pytest.raises(AssertionError, match="must cast"):
        x(2) + x(2, dtype="int32")


@pytest.mark.parametrize(
    ("shapes", "together"),
    [
        ([(2, 1), (3,)], (2, 3)),
        ([(None, 3), (1, 3)], (None, 3)),
        ([(None, 3), (4, 1)], (4, 3)),
        ([(), (2,)], (2,)),
        ([(0, 1), (1, 3)], (0, 3)),
        ([None, (2,)], None),
    ],
)
def test_shapes_are_spread_as_numpy_does(shapes: list[tuple[int, ...] | None], together: object) -> None:
    assert b.broadcast(*shapes) == together


def test_a_comparison_is_bool() -> None:
    assert (x(2) < 1.0).dtype == "bool"
    assert b.equal(x(2), 0.0).dtype == "bool"


def test_a_size_is_a_number_where_it_is_known_and_a_tensor_else() -> None:
    assert b.size(x(None, 3), 1) == 3
    unknown = b.size(x(None, 3), 0)
    assert isinstance(unknown, Tensor)
    assert (unknown.dtype, unknown.shape, node(unknown).op) == ("int32", (), "StridedSlice")
    with pytest.raises(UnknownShapeError, match="dimensions"):
        b.size(Tensor(source="x", dtype="float32", shape=None), 0)


def test_reshape_says_minus_one_for_the_only_size_that_is_not_known() -> None:
    made = b.reshape(x(None, 2, 3), [b.size(x(None, 2, 3), 0), 6])
    assert value(node(made).inputs[1]) == [-1, 6]
    assert made.shape == (None, 6)


def test_reshape_computes_two_unknown_sizes() -> None:
    both = x(None, None, 3)
    made = b.reshape(both, [b.size(both, 0), b.size(both, 1), 3, 1])
    assert isinstance(node(made).inputs[1], NewNode)
    assert made.shape == (None, None, 3, 1)


def test_reshape_does_not_say_minus_one_beside_a_zero() -> None:
    made = b.reshape(x(None, 0), [b.size(x(None, 0), 0), 0, 1])
    assert isinstance(node(made).inputs[1], NewNode)


def test_a_size_of_minus_one_is_worked_out() -> None:
    assert b.reshape(x(2, 6), [-1, 4]).shape == (3, 4)
    assert b.reshape(x(None, 6), [-1, 4]).shape == (None, 4)


def test_shapes_of_what_is_moved_cut_and_joined() -> None:
    t = x(None, 4, 6)
    assert b.transpose(t, [2, 0, 1]).shape == (6, None, 4)
    assert b.transpose(t, [0, 1, 2]) is t
    assert b.move(t, 2, 0).shape == (6, None, 4)
    assert b.concat([t, t], 1).shape == (None, 8, 6)
    assert b.stack([t, t], -1).shape == (None, 4, 6, 2)
    assert [part.shape for part in b.split(t, 2, 2)] == [(None, 4, 3)] * 2
    assert [part.shape for part in b.unstack(t, 1)] == [(None, 6)] * 4
    assert b.along(t, 1, 1, 2).shape == (None, 2, 6)
    assert b.along(t, 1, 1, -1).shape == (None, 3, 6)
    assert b.every(t, 2, 4, 1).shape == (None, 4, 2)
    assert b.pad(t, [(0, 0), (1, 2), (0, 0)]).shape == (None, 7, 6)
    assert b.expand(t, -1).shape == (None, 4, 6, 1)
    assert b.squeeze(x(None, 1, 3), 1).shape == (None, 3)
    assert b.gather(t, x(5, dtype="int32"), 1).shape == (None, 5, 6)
    assert b.one_hot(x(3, dtype="int32"), 7).shape == (3, 7)
    assert b.reduce("Sum", t, [1], keep=True).shape == (None, 1, 6)
    assert b.reduce("Sum", t, []) is t
    assert b.matmul(t, x(None, 6, 2)).shape == (None, 4, 2)
    assert b.matmul(x(3, 4), x(5, 4), adjoint_y=True).shape == (3, 5)


def test_what_must_be_known_is_asked_for() -> None:
    with pytest.raises(UnknownShapeError):
        b.unstack(x(None, 2), 0)
    with pytest.raises(UnknownShapeError):
        _ = x(None, 2).static_sizes


def test_a_small_fill_is_a_constant_and_a_large_one_is_not() -> None:
    assert isinstance(b.filled([2, 3], 1.0, "float32").source, NewConst)
    assert isinstance(b.filled([200, 300], 1.0, "float32").source, NewNode)


def test_plain_numbers_are_float32_and_int32() -> None:
    assert const(1.5).dtype == "float32"
    assert const([1, 2]).dtype == "int32"
    assert const(np.array([1], np.int64)).dtype == "int64"
    assert const(1, "bool").dtype == "bool"
