"""Neighbouring dimensions that an op treats alike can be one: what the lowerings for high ranks compute with.

An op's effect on an axis is its *kind*. Neighbours of one kind merge (a padded image batch [N, F, H, W, C], padded along H
and W, is [N·F, H, W, C] to a pad), and where that leaves too many, the work is done in several steps. Pure: no tensors.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise

Groups = tuple[tuple[int, ...], ...]
"""Axes in order, those in one group taken together."""

ALONE = None
"""The kind of an axis that merges with no other."""

ANY = "any"
"""The kind of an axis of size 1 that the op doesn't change: it merges with whatever is beside it."""


def merged(kinds: Sequence[Hashable]) -> Groups:
    """Neighbours of one kind in one group; every axis is in a group."""
    groups: list[list[int]] = []
    last: Hashable = ALONE
    for axis, kind in enumerate(kinds):
        if groups and (ANY in (kind, last) or (kind is not ALONE and kind == last)):
            groups[-1].append(axis)
            last = last if kind == ANY else kind
        else:
            groups.append([axis])
            last = kind
    return tuple(map(tuple, groups))


def around(touched: Sequence[int], sizes: Sequence[int | None]) -> Groups:
    """The groups of an op that works on each of the ``touched`` axes by itself and leaves the others as they are."""
    return merged([ALONE if axis in touched else ANY if size == 1 else "left" for axis, size in enumerate(sizes)])


def in_steps(touched: Sequence[int], sizes: Sequence[int | None], limit: int) -> tuple[tuple[int, ...], ...]:
    """The touched axes in turns, as many at once as leave ``limit`` (at least 3) groups."""
    turns: list[list[int]] = []
    for axis in touched:
        if turns and len(around([*turns[-1], axis], sizes)) <= limit:
            turns[-1].append(axis)
        else:
            turns.append([axis])
    return tuple(map(tuple, turns))


def spread_kinds(*shapes: Sequence[int | None]) -> tuple[Hashable, ...]:
    """The kinds of an elementwise op's axes, by which operands are spread along them; ``shapes`` have one length.

    Where a size isn't known and another operand isn't 1 there, it may turn out as 1 or not: such an axis is alone.
    """
    kinds: list[Hashable] = []
    for sizes in zip(*shapes, strict=True):
        ones = tuple(size == 1 for size in sizes)
        others = [size for size in sizes if size != 1]
        if not others:
            kinds.append(ANY)
        else:
            kinds.append(ALONE if None in others and len(others) > 1 else ones)
    return tuple(kinds)


def merged_permutation(permutation: Sequence[int], sizes: Sequence[int | None]) -> tuple[Groups, tuple[int, ...]]:
    """A transposition of fewer, larger axes: the groups, and their permutation.

    Axes that stay neighbours are one; those of size 1 go along with any: they are in no group.
    """
    real = [axis for axis in permutation if sizes[axis] != 1]
    place = {axis: i for i, axis in enumerate(sorted(real))}
    blocks: list[list[int]] = []
    for axis in real:
        if blocks and place[axis] == place[blocks[-1][-1]] + 1:
            blocks[-1].append(axis)
        else:
            blocks.append([axis])
    groups = sorted(blocks)
    return tuple(map(tuple, groups)), tuple(groups.index(block) for block in blocks)


def permutation_steps(permutation: Sequence[int], limit: int) -> tuple[tuple[int, ...], ...]:
    """A permutation as several, one after another, each of which moves at most ``limit`` (at least 4) blocks.

    A step before the last brings an axis behind the one that it follows in the end, so that the two are a block from then on.
    """
    left = tuple(permutation)
    rank = len(left)
    steps: list[tuple[int, ...]] = []
    while len(merged_permutation(left, (2,) * rank)[0]) > limit:
        first, second = next((a, b) for a, b in pairwise(left) if b != a + 1)
        moved = _behind(rank, first, _run(left, second))
        steps.append(moved)
        at = {axis: i for i, axis in enumerate(moved)}
        left = tuple(at[axis] for axis in left)
    return (*steps, left)


def _run(permutation: Sequence[int], start: int) -> list[int]:
    """The block of axes, neighbours before and after, that begins with ``start``."""
    block = [start]
    for axis in permutation[permutation.index(start) + 1 :]:
        if axis != block[-1] + 1:
            break
        block.append(axis)
    return block


def _behind(rank: int, first: int, block: Sequence[int]) -> tuple[int, ...]:
    """The order of axes with ``block`` put behind axis ``first``."""
    rest = [axis for axis in range(rank) if axis not in block]
    at = rest.index(first) + 1
    return (*rest[:at], *block, *rest[at:])
