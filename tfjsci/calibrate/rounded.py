"""One weight rounded with its Hessian, on the scales of its whole range unless others come out much better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from tfjsci.calibrate.hessian import Hessian
from tfjsci.calibrate.layout import Layout, rows_of, value_of
from tfjsci.calibrate.target import made_up_for
from tfjsci.quantize.error_feedback import round_with_feedback
from tfjsci.quantize.quantizer import with_codes
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.weight import Codes, Float16Weight, Floats, QuantizedWeight

Wide = npt.NDArray[np.float64]


class Rounding(Protocol):
    """Codes of a block of rows by its Hessian: :func:`tfjsci.quantize.error_feedback.round_with_feedback`, or another way."""

    def __call__(
        self,
        rows: npt.NDArray[np.floating],
        hessian: Wide,
        *,
        scale: npt.NDArray[np.floating],
        offset: npt.NDArray[np.floating],
        steps: int,
    ) -> Codes:
        """As there."""
        ...


MUCH = 2.0
"""How many times less another range has to lose: what is rounded in the whole one is smaller to download, by 2 to 6 % in
``int4``, since its ends are rare."""


def rounded(
    value: Floats,
    candidates: Sequence[QuantizedWeight],
    hessian: Hessian,
    layout: Layout,
    *,
    feedback: bool = True,
    make_up: bool = True,
    rounding: Rounding = round_with_feedback,
) -> QuantizedWeight:
    """``value`` with the codes that lose least at the layer's output, on the scales of the first of ``candidates``, or of another
    one with which that loses much less: of a scheme per channel, channel by channel.

    The candidates are ``value`` in one scheme, rounded to the nearest. ``make_up``: also for what the layers before have lost.
    Without ``feedback`` each value is rounded by itself; with it, as ``rounding`` does it.
    """
    target = rows_of(value.astype(np.float64), layout)
    if make_up:
        target = made_up_for(target, hessian)
    # A column is rounded without regard to the others: those of all candidates go side by side, under one Hessian.
    many = np.concatenate([target] * len(candidates), axis=2)
    grids = [_grid_rows(each, layout) for each in candidates]
    scale, offset = (np.concatenate(parts, axis=2) for parts in zip(*grids, strict=True))
    codes = _codes(many, hessian, scale, offset, candidates[0].scheme.steps, rounding if feedback else None)
    off = codes * scale + offset - many
    losses = np.split(np.sum(off * (hessian.matrix @ off), axis=1), len(candidates), axis=1)
    by_candidate = [
        with_codes(each, _as_codes(part, each, layout))
        for each, part in zip(candidates, np.split(codes, len(candidates), axis=2), strict=True)
    ]
    return _best(by_candidate, [losses[0], *(MUCH * each for each in losses[1:])], layout)


def in_float16(value: Floats, scheme: Scheme, hessian: Hessian, layout: Layout, *, make_up: bool) -> Float16Weight:
    """``value`` as float16; with ``make_up`` moved for what the layers before it have lost, as float16 loses next to nothing."""
    if not make_up:
        return Float16Weight.of(value, scheme)
    rows = made_up_for(rows_of(value.astype(np.float64), layout), hessian)
    return Float16Weight.of(value_of(rows, layout, value.shape), scheme)


def _codes(rows: Wide, hessian: Hessian, scale: Wide, offset: Wide, steps: int, rounding: Rounding | None) -> Wide:
    if rounding is None:
        return np.asarray(np.clip(np.rint((rows - offset) / scale), 0, steps))
    return np.stack(
        [
            rounding(block, matrix, scale=scales, offset=offsets, steps=steps).astype(np.float64)
            for block, matrix, scales, offsets in zip(rows, hessian.matrix, scale, offset, strict=True)
        ]
    )


def _as_codes(rows: Wide, weight: QuantizedWeight, layout: Layout) -> Codes:
    codes = value_of(rows, layout, weight.shape)
    return codes.astype(np.uint8) if weight.codes.dtype == np.uint8 else codes.astype(np.uint16)


def _grid_rows(weight: QuantizedWeight, layout: Layout) -> tuple[Wide, Wide]:
    """The scale and the offset of each value, as rows."""
    scale, offset = (
        rows_of(np.broadcast_to(each, weight.grouped).reshape(weight.shape).astype(np.float64), layout)
        for each in (weight.scale, weight.offset)
    )
    return scale, offset


def _best(candidates: Sequence[QuantizedWeight], losses: Sequence[Wide], layout: Layout) -> QuantizedWeight:
    """The candidate that loses least; where each output has scales of its own, output by output ([blocks, outputs] each)."""
    first = candidates[0]
    if first.scale.size < losses[0].size:
        return min(zip(candidates, losses, strict=True), key=lambda pair: float(pair[1].sum()))[0]
    best = np.argmin(losses, axis=0)[:, np.newaxis, :]
    taps = first.codes.size // best.size
    chosen = value_of(np.repeat(best, taps, axis=1), layout, first.shape).reshape(first.grouped)
    of_scales = chosen[tuple(slice(None) if size > 1 else slice(0, 1) for size in first.scale.shape)]
    return replace(
        first,
        codes=_picked(chosen, [each.codes for each in candidates]),
        scale=_picked(of_scales, [each.scale for each in candidates]),
        offset=_picked(of_scales, [each.offset for each in candidates]),
    )


def _picked(chosen: npt.NDArray[np.intp], arrays: Sequence[Any]) -> Any:
    out = np.array(arrays[0])
    for i, array in enumerate(arrays[1:], start=1):
        out[chosen == i] = array[chosen == i]
    return out
