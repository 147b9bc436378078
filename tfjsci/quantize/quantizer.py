"""A weight -> its codes, with what turns them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from tfjsci.format.encoding import clipped_to_float16
from tfjsci.graph.graph import Array
from tfjsci.quantize.balanced import STRETCH, Balance
from tfjsci.quantize.blocks import BLOCK, WHOLE, Band, Layout, RowView, layout_of
from tfjsci.quantize.grid import Grid, grid_between
from tfjsci.quantize.ranges import LONG, ends_of, least_error
from tfjsci.quantize.scheme import BITS, Scheme
from tfjsci.quantize.upstream import upstreams_codes
from tfjsci.quantize.weight import Codes, Floats, QuantizedWeight


def quantize_weight(value: Array, scheme: Scheme, *, axes: Sequence[int]) -> QuantizedWeight:
    """A float weight of finite values in an integer scheme, rounded without knowing what comes to it.

    ``axes`` are the dimensions along which its channels lie: in the schemes per channel and in ``int4`` and ``int6`` each
    has a scale of its own (without any: one for all), and in all schemes the errors of each are balanced (without any, there
    is nothing to balance). What is worked on at once is small; beside the codes little memory is needed. Raises
    ``ValueError`` for values that aren't finite and for ``float16``, which has no codes.
    """
    if scheme.name not in BITS:
        raise ValueError(f"{scheme.name} has no codes with a scale")
    value = np.ascontiguousarray(value, np.float32).reshape(np.shape(value))  # contiguous, but of rank 0 where it was
    steps = scheme.steps
    single = scheme.needs_initializer
    layout = layout_of(value.shape, axes if single else (), scheme.group)
    codes: Codes = np.empty(value.shape, np.uint8 if steps < 256 else np.uint16)
    scale, offset = np.ones(layout.scale_shape), np.zeros(layout.scale_shape)
    if value.size:
        if scheme.exact_upstream:
            ends_of(partial(iter, (value.reshape(1, -1),)))
            codes, scale[...], offset[...] = upstreams_codes(value, steps)
        else:
            _choose_grids(value, layout, scale, offset, scheme)
            rows = layout if single else layout_of(value.shape, axes, None)
            balanced = scheme.rounding == "balanced" and any(rows.own)
            _round(value, rows if balanced else layout, codes, scale, offset, scheme, balanced=balanced)
    precision = np.float32 if single else np.float64
    return QuantizedWeight(
        scheme=scheme,
        shape=value.shape,
        grouped=layout.grouped,
        codes=codes.reshape(layout.grouped),
        scale=scale.astype(precision),
        offset=offset.astype(precision),
    )


def stored_values(value: Array, scheme: Scheme, *, axes: Sequence[int]) -> Floats:
    """What the browser has of a weight after loading, float32; of ``float16``, too."""
    if scheme.name == "float16":
        exact = np.asarray(value, np.float32)
        with np.errstate(over="ignore"):
            return (exact if scheme.exact_upstream else clipped_to_float16(exact)).astype(np.float16).astype(np.float32)
    return quantize_weight(value, scheme, axes=axes).values()


def with_codes(weight: QuantizedWeight, codes: Codes) -> QuantizedWeight:
    """The same scales with other codes of the weight's own shape: rounded with more knowledge than the nearest."""
    if codes.shape != weight.shape or codes.dtype != weight.codes.dtype:
        raise ValueError(
            f"codes of {weight.codes.dtype} and {weight.shape} are wanted, not {codes.dtype} {codes.shape}"
        )
    regrouped: Codes = codes.reshape(weight.grouped)
    return replace(weight, codes=regrouped)


def _choose_grids(value: Array, layout: Layout, scale: Array, offset: Array, scheme: Scheme) -> None:
    """Into ``scale`` and ``offset``, of ``layout.scale_shape``."""
    source = RowView(value, layout)
    parameters = Layout(grouped=layout.scale_shape, own=layout.own)
    scales, offsets = RowView(scale, parameters), RowView(offset, parameters)
    searched = scheme.chosen_ranges == "least-error"
    for band in source.bands(wide=not searched):
        grid = (_least_error if searched else _whole)(source, band, scheme.steps, single=scheme.needs_initializer)
        scales.write(band, WHOLE, grid.scale)
        offsets.write(band, WHOLE, grid.offset)


def _round(
    value: Array, rows: Layout, codes: Codes, scale: Array, offset: Array, scheme: Scheme, *, balanced: bool
) -> None:
    """Into ``codes``, of ``value``'s shape. ``scale`` and ``offset`` broadcast to the scales of ``rows``."""
    source, target = RowView(value, rows), RowView(codes, rows)
    parameters = Layout(grouped=rows.scale_shape, own=rows.own)
    scales, offsets = (RowView(np.broadcast_to(each, rows.scale_shape), parameters) for each in (scale, offset))
    balance = Balance() if balanced else None
    for band in source.bands(wide=not balanced):  # wide: as they lie in memory, wherever rows do side by side
        grid = Grid(
            scale=scales.read(band, WHOLE),
            offset=offsets.read(band, WHOLE),
            steps=scheme.steps,
            single=scheme.needs_initializer,
        )
        if balance is not None:
            balance.begin(grid)
        codes_of = balance.codes if balance is not None else grid.codes
        for part in source.parts(band, STRETCH if balanced else None):
            target.write(band, part, codes_of(source.read(band, part)))


def _whole(source: RowView, band: Band, steps: int, *, single: bool) -> Grid:
    ends = ends_of(partial(source.chunks, band))
    return grid_between(ends.low, ends.high, steps, single=single)


def _least_error(source: RowView, band: Band, steps: int, *, single: bool) -> Grid:
    if source.values >= LONG:
        return least_error(partial(source.chunks, band), source.values, steps, single=single)
    rows = np.ascontiguousarray(source.read(band, WHOLE))
    at_once = max(1, BLOCK // source.values)
    grids = [
        least_error(partial(iter, (rows[start : start + at_once],)), source.values, steps, single=single)
        for start in range(0, len(rows), at_once)
    ]
    return Grid.of_all(grids)
