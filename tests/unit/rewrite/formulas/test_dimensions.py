"""Merging held against numpy: what is done on merged dimensions is what would have been done on all of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.rewrite.formulas.dimensions import (
    ALONE,
    ANY,
    around,
    in_steps,
    merged,
    merged_permutation,
    permutation_steps,
    spread_kinds,
)

SIZES = st.lists(st.integers(1, 3), min_size=1, max_size=8)


class TestMerged:
    @pytest.mark.parametrize(
        ("kinds", "groups"),
        [
            ("aab", ((0, 1), (2,))),
            ("aba", ((0,), (1,), (2,))),
            ("a", ((0,),)),
            ("", ()),
        ],
    )
    def test_neighbours_of_one_kind_are_one(self, kinds: str, groups: tuple[tuple[int, ...], ...]) -> None:
        assert merged(kinds) == groups

    def test_what_is_alone_stays_alone_even_beside_another(self) -> None:
        assert merged(["a", ALONE, ALONE, "a", "a"]) == ((0,), (1,), (2,), (3, 4))

    def test_a_size_of_one_goes_along_with_its_neighbour_and_is_no_bridge(self) -> None:
        assert merged([ANY, "a", ANY, "a"]) == ((0, 1, 2, 3),)
        assert merged(["a", ANY, "b"]) == ((0, 1), (2,))
        assert merged([ALONE, ANY, ALONE]) == ((0, 1), (2,))
        assert merged([ANY, ANY]) == ((0, 1),)


class TestTouchedAxes:
    def test_untouched_neighbours_are_one(self) -> None:
        assert around([2, 3], (2, 3, 4, 5, 6)) == ((0, 1), (2,), (3,), (4,))

    @given(SIZES, st.integers(3, 6), st.data())
    def test_turns_keep_the_limit_and_leave_none_out(self, sizes: list[int], limit: int, data: st.DataObject) -> None:
        touched = sorted(data.draw(st.sets(st.integers(0, len(sizes) - 1))))
        turns = in_steps(touched, sizes, limit)
        assert [axis for turn in turns for axis in turn] == touched
        assert all(len(around(turn, sizes)) <= limit for turn in turns)

    def test_as_many_at_once_as_fit(self) -> None:
        assert in_steps([1, 2], (2,) * 5, 4) == ((1, 2),)
        assert in_steps([1, 3], (2,) * 5, 4) == ((1,), (3,))
        assert in_steps([0, 1, 2, 3, 4], (2,) * 5, 4) == ((0, 1, 2), (3, 4))
        assert in_steps([], (2,) * 5, 4) == ()


class TestSpreading:
    @given(st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.booleans()), min_size=1, max_size=7))
    def test_merged_operands_give_the_same(self, axes: list[tuple[int, bool, bool]]) -> None:
        shapes = ([1 if one else n for n, one, _ in axes], [1 if one else n for n, _, one in axes])
        x, y = (np.arange(np.prod(shape)).reshape(shape) + 1.5 for shape in shapes)
        groups = merged(spread_kinds(*shapes))
        flat = [
            v.reshape([np.prod([shape[axis] for axis in group]) for group in groups])
            for v, shape in zip((x, y), shapes, strict=True)
        ]
        np.testing.assert_array_equal((flat[0] * flat[1]).reshape((x * y).shape), x * y)

    def test_a_size_of_the_run_beside_another_size_is_alone(self) -> None:
        assert spread_kinds((None, 2, None, None), (None, 2, 3, 1)) == (
            ALONE,
            (False, False),
            ALONE,
            (False, True),
        )


class TestPermutations:
    @given(st.permutations(range(6)), st.data())
    def test_a_merged_one_moves_everything_to_the_same_place(self, order: list[int], data: st.DataObject) -> None:
        sizes = data.draw(st.lists(st.integers(1, 3), min_size=6, max_size=6))
        x = np.arange(np.prod(sizes)).reshape(sizes)
        groups, moved = merged_permutation(order, sizes)
        flat = x.reshape([np.prod([sizes[axis] for axis in group]) for group in groups])
        np.testing.assert_array_equal(flat.transpose(moved).reshape(x.transpose(order).shape), x.transpose(order))

    def test_what_stays_together_is_one(self) -> None:
        assert merged_permutation((2, 3, 0, 1), (4, 5, 6, 7)) == (((0, 1), (2, 3)), (1, 0))
        assert merged_permutation((2, 0, 1), (4, 1, 6)) == (((0,), (2,)), (1, 0))
        assert merged_permutation((0, 1), (1, 1)) == ((), ())

    @given(st.integers(5, 9).flatmap(lambda n: st.permutations(range(n))), st.sampled_from([4, 6]))
    def test_steps_come_to_the_same_and_keep_the_limit(self, order: list[int], limit: int) -> None:
        steps = permutation_steps(order, limit)
        axes = list(range(len(order)))
        for step in steps:
            assert len(merged_permutation(step, (2,) * len(order))[0]) <= limit
            axes = [axes[i] for i in step]
        assert axes == order

    def test_eight_dimensions_take_at_most_three_steps(self) -> None:
        most = max(
            len(permutation_steps(order, 6))
            for order in itertools.islice(itertools.permutations(range(8)), 0, None, 97)
        )
        assert most == 3
