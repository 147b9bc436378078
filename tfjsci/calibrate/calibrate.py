"""Codes for weights, rounded with the activations that calibration samples give: layer by layer, from the inputs on.

Each layer sees the activations of the layers before it as they were quantised, so its rounding makes up for what theirs did.
Source: Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers" (2022).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tfjsci.calibrate.hessian import Hessian, hessian_bytes
from tfjsci.calibrate.layout import rows_of
from tfjsci.calibrate.loops import loop_readings, with_sums
from tfjsci.calibrate.order import in_turns
from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.calibrate.readings import Reading, readings_of
from tfjsci.calibrate.rounded import Rounding, in_float16, rounded
from tfjsci.graph.graph import Array, Graph
from tfjsci.graph.running import runnable
from tfjsci.quantize.channels import channel_axes
from tfjsci.quantize.error_feedback import round_with_feedback
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import BITS, Scheme
from tfjsci.quantize.simulated import with_values
from tfjsci.quantize.weight import Float16Weight, PreparedWeight, QuantizedWeight

Run = Callable[[Mapping[str, Array]], list[Array]]
Readings = tuple[Reading, ...]
Told = Callable[[int, int], None]

HESSIAN_BYTES = 512 << 20
"""Of the matrices that are summed up in one run: one weight of 5,792 inputs a channel; a 3 × 3 kernel over 512 has 4,608."""

LAYERS_AT_ONCE = 8
"""Activations that one run gives: each stays in memory until it is summed up."""


@dataclass(frozen=True, kw_only=True)
class Calibrated:
    """Weights by name, for :func:`tfjsci.converter.write_variant`.

    ``plain`` are the weights that samples tell nothing about, each with the reason: they are rounded as without them.
    """

    prepared: Mapping[str, PreparedWeight]
    plain: Mapping[str, str]


def calibrate(
    graph: Graph,
    schemes: Mapping[str, Scheme],
    calls: Sequence[Mapping[str, Array]],
    *,
    feedback: bool = True,
    make_up: bool = True,
    sequential: bool = True,
    whole_range: bool = True,
    rounding: Rounding = round_with_feedback,
    told: Told = lambda _done, _of: None,
    run: Callable[[Graph], Run] = runnable,
) -> Calibrated:
    """Round the weights of ``schemes`` (by name, each with its scheme), given ``calls``: values by the inputs' node names.

    A weight of ``float16`` is not rounded, but moved as the others are, to where it makes up for those before it.

    ``told`` hears how many weights are done, of how many; what ``run`` makes of a graph is called with each of ``calls``. Parts
    can be switched off, to see what each is worth: the ``feedback`` of rounding errors, the ``make_up`` for the layers before,
    that these are quantised at all then (``sequential``), and that the ``whole_range`` goes before the one with the least error:
    feedback can share out rounding errors, but not what is cut off. ``rounding`` is how the errors are fed back.
    Raises ``NotRunnable`` where the graph can't be run on them, ``NotComputable`` for a fused op that means nothing.
    """
    original = plain_ops(graph)
    readings: dict[str, Readings] = {}
    plain: dict[str, str] = {}
    for name in schemes:
        in_function = any(name in body.graph.constants for body in original.functions.values())
        found = loop_readings(original, name) if in_function else readings_of(original, name)
        if isinstance(found, str):
            plain[name] = found
        elif hessian_bytes(*_blocks_and_size(original, name, found[0])) > HESSIAN_BYTES:
            plain[name] = f"each of its channels reads {_blocks_and_size(original, name, found[0])[1]} values: too many"
        else:
            readings[name] = found
    nearest: dict[str, PreparedWeight] = {name: _plain(graph, name, schemes[name]) for name in plain}
    prepared: dict[str, PreparedWeight] = {}
    made_up = make_up and sequential
    for names in _batches(original, in_turns(original, readings), readings):
        now = with_values(original, {**nearest, **prepared}) if sequential else original
        hessians = {readings[name]: Hessian(*_blocks_and_size(original, name, readings[name][0])) for name in names}
        _sum_up(hessians, original, now, calls, run)
        for name in names:
            whole = hessians[readings[name]]
            if not whole.usable:
                plain[name], nearest[name] = "no finite activations come to it", _plain(graph, name, schemes[name])
                continue
            value = np.asarray(graph.all_constants[name].value, dtype=np.float32)
            layout = readings[name][0].layout
            if schemes[name].name not in BITS:
                prepared[name] = in_float16(value, schemes[name], whole, layout, make_up=made_up)
                continue
            candidates = [_nearest(graph, name, each) for each in _candidates(schemes[name], whole_range=whole_range)]
            prepared[name] = rounded(
                value,
                candidates,
                whole,
                layout,
                feedback=feedback,
                make_up=made_up,
                rounding=rounding,
            )
        told(len(prepared), len(readings))
    return Calibrated(prepared=prepared, plain=plain)


def _candidates(scheme: Scheme, *, whole_range: bool) -> list[Scheme]:
    both = whole_range and scheme.ranges != "min-max" and not scheme.exact_upstream
    return [replace(scheme, ranges="min-max"), replace(scheme, ranges="least-error")] if both else [scheme]


def _plain(graph: Graph, name: str, scheme: Scheme) -> PreparedWeight:
    """As without samples."""
    if scheme.name not in BITS:
        return Float16Weight.of(np.asarray(graph.all_constants[name].value, dtype=np.float32), scheme)
    return _nearest(graph, name, scheme)


def _nearest(graph: Graph, name: str, scheme: Scheme) -> QuantizedWeight:
    return quantize_weight(graph.all_constants[name].value, scheme, axes=channel_axes(graph, name) or ())


def _sum_up(
    hessians: Mapping[Readings, Hessian],
    original: Graph,
    now: Graph,
    calls: Sequence[Mapping[str, Array]],
    run: Callable[[Graph], Run],
) -> None:
    """Add all calls to the Hessian of each weight's readings. Weights that are read alike have one between them."""
    all_of = [(each, whole) for readings, whole in hessians.items() for each in readings]
    of_graph = [pair for pair in all_of if pair[0].loop is None]
    in_loops = [pair for pair in all_of if pair[0].loop is not None]
    tensors = tuple(dict.fromkeys(reading.activation for reading, _ in of_graph))
    summing, sums = with_sums(now, {reading: whole.matrix.shape[1] for reading, whole in in_loops})
    run_now = run(replace(summing, outputs=(*tensors, *sums.values())).pruned())
    run_before = run(replace(original, outputs=tensors).pruned()) if now is not original and tensors else None
    for call in calls:
        found = run_now(call)
        activations = dict(zip(tensors, found, strict=False))
        before = dict(zip(tensors, run_before(call), strict=True)) if run_before else activations
        for reading, whole in of_graph:
            whole.add(reading, activations[reading.activation], before[reading.activation])
        totals = dict(zip(sums, found[len(tensors) :], strict=True))
        for reading, whole in in_loops:
            whole.add_sum(totals[reading])


def _batches(
    graph: Graph, turns: Sequence[Sequence[str]], readings: Mapping[str, Readings]
) -> Iterator[tuple[str, ...]]:
    """The turns' weights, in parts that fit into memory together."""
    for turn in turns:
        batch: list[str] = []
        held: dict[Readings, int] = {}
        for name in turn:
            own = {readings[name]: hessian_bytes(*_blocks_and_size(graph, name, readings[name][0]))}
            both = {**held, **own}
            if batch and (sum(both.values()) > HESSIAN_BYTES or len(both) > LAYERS_AT_ONCE):
                yield tuple(batch)
                batch, both = [], own
            batch.append(name)
            held = both
        yield tuple(batch)


def _blocks_and_size(graph: Graph, name: str, reading: Reading) -> tuple[int, int]:
    blocks, size, _ = rows_of(graph.all_constants[name].value, reading.layout).shape
    return blocks, size
