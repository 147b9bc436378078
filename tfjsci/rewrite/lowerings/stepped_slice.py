"""StridedSlice(x) with steps  ->  GatherV2(StridedSlice(x) without steps, [begin, begin + step, …]), a stepped axis at a time

wasm calls the result of steps float32 whatever it was; beside an index (x[3, ::2]) every backend steps wrongly; the GPU backends
step in at most 4 dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Dim, Tensor, binary, const, filled, gather, make, scalar, size
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

INT = DType("int32")


@dataclass(frozen=True, kw_only=True)
class Stepped:
    """An axis of ``x`` that is walked through with a step; ``out`` is its place in the result. An open bound is None."""

    axis: int
    out: int
    begin: int | None
    end: int | None
    step: int


def lower(node: Subject) -> Tensor | Declined:
    """A StridedSlice for what has no steps, and a GatherV2 an axis that has."""
    x = node.inputs[0]
    bounds = [node.value(i) for i in (1, 2, 3)]
    if bounds[2] is None or (bounds[2] == 1).all():
        return Declined(reason="it has no steps that are constant")
    if bounds[0] is None or bounds[1] is None:
        return Declined(reason="its bounds aren't constant")
    if x.dtype == "string":
        return Declined(reason="it is of strings")
    begin, end, step = (bound.reshape(-1).tolist() for bound in bounds if bound is not None)
    made = node.output()
    if made is not None and made.shape is not None and 0 in made.shape and None not in made.shape:
        return filled([n for n in made.shape if n is not None], 0, x.dtype)
    stepped = list(_stepped(node, x.rank, begin, end, step))
    result = _without_steps(node, x, begin, end, step)
    for each in stepped:
        result = gather(result, _places(each, size(x, each.axis)), each.out)
    return result


def _bit(node: Subject, mask: str, index: int) -> bool:
    return bool(node.number(mask, 0) >> index & 1)


def _stepped(node: Subject, rank: int, begin: list[int], end: list[int], step: list[int]) -> Iterator[Stepped]:
    own = [i for i in range(len(step)) if not _bit(node, "ellipsis_mask", i) and not _bit(node, "new_axis_mask", i)]
    axis = out = 0
    for i, by in enumerate(step):
        if _bit(node, "ellipsis_mask", i):
            axis, out = axis + rank - len(own), out + rank - len(own)
        elif _bit(node, "new_axis_mask", i):
            out += 1
        else:
            shrunk = _bit(node, "shrink_axis_mask", i)
            if by != 1 and not shrunk:
                first = None if _bit(node, "begin_mask", i) else begin[i]
                last = None if _bit(node, "end_mask", i) else end[i]
                yield Stepped(axis=axis, out=out, begin=first, end=last, step=by)
            axis, out = axis + 1, out + (not shrunk)


def _without_steps(node: Subject, x: Tensor, begin: list[int], end: list[int], step: list[int]) -> Tensor:
    whole = sum(
        1 << i
        for i, by in enumerate(step)
        if by != 1 and not any(_bit(node, mask, i) for mask in ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask"))
    )
    masks = {f"{name}_mask": node.number(f"{name}_mask", 0) for name in ("ellipsis", "new_axis", "shrink_axis")}
    masks |= {"begin_mask": node.number("begin_mask", 0) | whole, "end_mask": node.number("end_mask", 0) | whole}
    if not masks["new_axis_mask"] and not masks["shrink_axis_mask"] and _all(masks, len(step)):
        return x
    given = [const(np.array(bound, np.int32)) for bound in (begin, end, [1] * len(step))]
    # Which sizes come out, TensorFlow infers; only the rank matters for the gathers behind.
    rank = (
        x.rank
        + bin(masks["new_axis_mask"]).count("1")
        - bin(masks["shrink_axis_mask"] & ~masks["new_axis_mask"]).count("1")
    )
    return make("StridedSlice", [x, *given], dtype=x.dtype, shape=(None,) * rank, T=DType(x.dtype), Index=INT, **masks)


def _all(masks: dict[str, int], count: int) -> bool:
    """Whether each entry takes all of its dimension."""
    return all((masks["begin_mask"] & masks["end_mask"] | masks["ellipsis_mask"]) >> i & 1 for i in range(count))


def _places(each: Stepped, count: Dim) -> Tensor:
    if isinstance(count, int):
        return const(np.arange(count, dtype=np.int32)[each.begin : each.end : each.step])
    low, high = (scalar(0), count) if each.step > 0 else (scalar(-1), count - 1)
    first, last = (low, high) if each.step > 0 else (high, low)
    start = _bound(each.begin, first, count, low, high)
    stop = binary("Maximum" if each.step > 0 else "Minimum", _bound(each.end, last, count, low, high), start)
    return make("Range", [start, stop, scalar(each.step)], dtype="int32", shape=(None,), Tidx=INT)


def _bound(given: int | None, open_end: Tensor, count: Tensor, low: Tensor, high: Tensor) -> Tensor:
    if given is None:
        return open_end
    return binary("Minimum", high, given) if given >= 0 else binary("Maximum", count + given, low)


LOWERING = Lowering(
    name="stepped_slice",
    ops=("StridedSlice",),
    equation="StridedSlice(x) with steps → GatherV2(StridedSlice(x), [begin, begin + step, …])",
    lower=lower,
    limits="The bounds and steps must be constant; no strings.",
)
