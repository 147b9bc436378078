from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.size import Dimension, Element, Number, of

BATCH, HEIGHT = of(Dimension("x", 0)), of(Dimension("x", 1))
HELD = of(Element("n", 0))


def test_what_is_equal_is_written_alike() -> None:
    assert size.multiply(BATCH, HEIGHT) == size.multiply(HEIGHT, BATCH)
    assert size.subtract(size.add(BATCH, HEIGHT), HEIGHT) == BATCH
    assert size.subtract(BATCH, BATCH) == 0
    assert str(size.add(size.multiply(2, BATCH), 3)) == "3 + 2·x[0]"


def test_a_quotient_is_taken_apart() -> None:
    whole = size.multiply(size.multiply(BATCH, HEIGHT), 16)
    assert size.quotient(whole, size.multiply(HEIGHT, 4)) == size.multiply(BATCH, 4)
    assert size.floor_divide(size.add(size.multiply(2, HEIGHT), 3), 2) == size.add(HEIGHT, 1)
    assert size.modulo(size.multiply(4, HEIGHT), 2) == 0
    assert str(size.floor_divide(size.add(HEIGHT, 1), 2)) == "floordiv(1 + x[1], 2)"


@pytest.mark.parametrize(
    ("number", "other"), [(BATCH, HEIGHT), (size.add(BATCH, 1), BATCH), (size.multiply(BATCH, 6), 4)]
)
def test_a_quotient_that_need_not_be_whole_is_not_told(number: Number, other: Number) -> None:
    assert size.quotient(number, other) is None


def test_a_size_is_never_negative() -> None:
    assert size.larger(BATCH, 0) == BATCH
    assert size.smaller(BATCH, 0) == 0
    assert size.is_less(BATCH, 0) is False
    assert size.is_less(BATCH, size.add(BATCH, 1)) is True
    assert size.is_less(BATCH, 1) is None
    assert size.is_less(BATCH, HEIGHT) is None


def test_what_a_tensor_holds_may_be_negative_and_may_wrap() -> None:
    assert size.at_least(HELD) is None
    assert str(size.larger(HELD, 0)) == "max(0, n{0})"
    assert size.is_less(HELD, size.add(HELD, 1)) is None
    assert str(size.floor_divide(size.multiply(HELD, 2), 2)) == "floordiv(2·n{0}, 2)"
    assert size.subtract(size.add(HELD, 1), 1) == HELD


def test_nothing_is_divided_by_0() -> None:
    assert size.floor_divide(BATCH, 0) is None
    assert size.modulo(3, 0) is None
    assert size.quotient(BATCH, 0) is None


NAMES = ("a", "b", "c")
OPERATIONS: dict[str, tuple[Callable[[Number, Number], Number | None], Callable[[int, int], int]]] = {
    "add": (size.add, lambda x, y: x + y),
    "subtract": (size.subtract, lambda x, y: x - y),
    "multiply": (size.multiply, lambda x, y: x * y),
    "larger": (size.larger, max),
    "smaller": (size.smaller, min),
    "floor_divide": (size.floor_divide, lambda x, y: x // y),
    "modulo": (size.modulo, lambda x, y: x % y),
}


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(0, 9), min_size=3, max_size=3),
    steps=st.lists(
        st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=8
    ),
    numbers=st.lists(st.integers(-4, 7), min_size=1, max_size=3),
)
def test_what_is_reckoned_is_what_comes_of_it(
    sizes: list[int], steps: list[tuple[str, int, int]], numbers: list[int]
) -> None:
    """Random expressions, at random sizes: the expression's value, its lower bound and its comparisons hold."""
    values: dict[size.Atom, int] = {Dimension(name, 0): n for name, n in zip(NAMES, sizes, strict=True)}
    told: list[tuple[Number, int]] = [*((of(Dimension(name, 0)), n) for name, n in zip(NAMES, sizes, strict=True))]
    told += [(n, n) for n in numbers]
    for name, i, j in steps:
        (a, x), (b, y) = told[i % len(told)], told[j % len(told)]
        symbolic, plain = OPERATIONS[name]
        if name in ("floor_divide", "modulo") and y == 0:
            continue
        result = symbolic(a, b)
        assert result is not None
        told.append((result, plain(x, y)))
        less = size.is_less(a, b)
        assert less is None or less == (x < y)
    for number, wanted in told:
        assert size.at(number, values) == wanted
        least = size.at_least(number)
        assert least is None or least <= wanted
