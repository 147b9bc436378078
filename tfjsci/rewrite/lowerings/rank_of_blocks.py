"""SpaceToBatchND(x, block, paddings)  ->  the same for one or two spatial dimensions after another;   BatchToSpaceND alike

above four dimensions, or with more than two of them spatial. The last spatial dimension is put into the batch first; the first
is taken out of it first. Those before it are one dimension with a block of 1, those behind it one with the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tfjsci.rewrite.build import Dim, Tensor, const, dims, floor_div, product, reshape
from tfjsci.rewrite.formulas.fewer_dimensions import INT, again
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 4


def lower(node: Subject) -> Tensor | Declined:
    """The op of four dimensions, once or more often, between Reshapes."""
    x, block, around = node.inputs
    if x.rank <= LIMIT and block.sizes[0] in (0, 1, 2):
        return Declined(reason=f"two spatial dimensions in {LIMIT} aren't too many")
    if block.value is None or around.value is None:
        return Declined(reason="the block's sizes or the paddings aren't constant")
    blocks = [int(n) for n in block.value]
    pairs = [(int(before), int(after)) for before, after in around.value]
    into_batch = node.op == "SpaceToBatchND"
    paddings_dtype: dict[str, Any] = {"Tpaddings" if into_batch else "Tcrops": INT}
    sizes = dims(x)
    for turn in _turns(len(blocks), last_first=into_batch):
        if all(blocks[i] == 1 and not any(pairs[i]) for i in turn):
            continue
        first = turn[0]
        flat: list[Dim] = [sizes[0], *sizes[1 + first : 2 + turn[-1]], product(sizes[2 + turn[-1] :])]
        alone = first == 0
        if not alone:
            flat.insert(1, product(sizes[1 : 1 + first]))
        x = again(
            node,
            [
                reshape(x, flat),
                const(np.array([*([] if alone else [1]), *(blocks[i] for i in turn)], np.int32)),
                const(np.array([*([] if alone else [(0, 0)]), *(pairs[i] for i in turn)], np.int32)),
            ],
            Tblock_shape=INT,
            **paddings_dtype,
        )
        _resize(sizes, [(i, blocks[i], pairs[i]) for i in turn], into_batch=into_batch)
    return reshape(x, sizes)


def _turns(count: int, *, last_first: bool) -> list[tuple[int, ...]]:
    """The first two spatial dimensions at once, the others one by one."""
    turns = [tuple(range(min(2, count))), *((i,) for i in range(2, count))]
    return turns[::-1] if last_first else turns


def _resize(sizes: list[Dim], done: Sequence[tuple[int, int, tuple[int, int]]], *, into_batch: bool) -> None:
    for i, block, pair in done:
        if into_batch:
            sizes[0] = sizes[0] * block
            sizes[1 + i] = _part(sizes[1 + i] + sum(pair), block)
        else:
            sizes[0] = _part(sizes[0], block)
            sizes[1 + i] = sizes[1 + i] * block - sum(pair)


def _part(n: Dim, of: int) -> Dim:
    return n // of if isinstance(n, int) else floor_div(n, of)


LOWERING = Lowering(
    name="rank_of_blocks",
    ops=("BatchToSpaceND", "SpaceToBatchND"),
    equation="SpaceToBatchND(x) of more than 4 dimensions → SpaceToBatchND of one or two of them after another",
    lower=lower,
)
