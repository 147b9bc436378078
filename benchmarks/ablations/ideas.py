"""The ideas, each with what it is held against: a row of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from tfjsci.calibrate.calibrate import calibrate
from tfjsci.graph.graph import Array
from tfjsci.quantize.error_feedback import round_with_feedback
from tfjsci.quantize.scheme import Scheme

from ..quantized.measured import Figures
from .bias_correction import by_samples, by_statistics
from .codebook import palette
from .descent import feedback_and_descent
from .equalisation import equalised, ranges_moved, root_mean_square
from .measured import Bench, Weights, measured, nearest, schemes, small_apart
from .pruning import pruned

UINT8, INT4 = Scheme(name="uint8"), Scheme(name="int4")
TO_THE_NEAREST = Scheme(name="uint8", rounding="nearest")

Measure = Callable[[Bench], Figures]


@dataclass(frozen=True, kw_only=True)
class Idea:
    """``without`` is the name of the base that ``measure`` is the same as, but for the idea."""

    without: str
    measure: Measure


def plainly(bench: Bench, *, scheme: Scheme) -> Figures:
    """Rounded without samples."""
    return measured(bench, scheme, nearest(bench, scheme))


def calibrated(bench: Bench, *, scheme: Scheme, descends: bool = False) -> Figures:
    """Rounded with samples."""
    return measured(bench, scheme, _calibrated(bench, scheme, descends=descends))


def _calibrated(bench: Bench, scheme: Scheme, *, descends: bool = False) -> Weights:
    rounding = feedback_and_descent if descends else round_with_feedback
    done = calibrate(bench.graph, schemes(bench, scheme), bench.calls, rounding=rounding)
    return {**nearest(bench, scheme), **done.prepared}


def _equalised(bench: Bench, then: Measure, **options: object) -> Figures:
    return then(bench.with_graph(equalised(bench.graph, **options)))  # type: ignore[arg-type]


def _moved(bench: Bench, then: Measure) -> Figures:
    return then(bench.with_graph(ranges_moved(bench.graph)))


def _bias(bench: Bench, *, scheme: Scheme, weights: Callable[[Bench, Scheme], Weights]) -> Figures:
    found = weights(bench, scheme)
    biases = by_samples(bench.graph, _values(found), bench.calls)
    return measured(bench.with_constants(biases), scheme, found)


def _bias_by_statistics(bench: Bench, *, scheme: Scheme) -> Figures:
    found = nearest(bench, scheme)
    return measured(bench.with_constants(by_statistics(bench.converted, _values(found))), scheme, found)


def _pruned(bench: Bench, *, scheme: Scheme, share: float) -> Figures:
    changed = bench.with_constants(pruned(bench.graph, schemes(bench, scheme), share))
    return measured(changed, scheme, nearest(changed, scheme))


def _codebook(bench: Bench, *, scheme: Scheme) -> Figures:
    """The file is the scheme's with indices for codes; a table takes no more than its scales."""
    found = nearest(bench, scheme)
    values: dict[str, Array] = {}
    for name, weight in found.items():
        indices, table = palette(bench.graph.all_constants[name].value, weight.scheme.steps + 1)
        found[name] = replace(weight, codes=indices.reshape(weight.grouped))
        values[name] = table[indices]
    return measured(bench, scheme, found, values=values)


def _values(weights: Weights) -> dict[str, Array]:
    return {name: weight.values() for name, weight in weights.items()}


BASES: dict[str, Measure] = {
    "uint8": partial(plainly, scheme=UINT8),
    "uint8, to the nearest": partial(plainly, scheme=TO_THE_NEAREST),
    "int4": partial(plainly, scheme=INT4),
    "uint8, calibrated": partial(calibrated, scheme=UINT8),
    "int4, calibrated": partial(calibrated, scheme=INT4),
}

IDEAS: dict[str, Idea] = {
    "equalisation": Idea(without="uint8", measure=partial(_equalised, then=BASES["uint8"])),
    "equalisation by root mean squares": Idea(
        without="uint8", measure=partial(_equalised, then=BASES["uint8"], size=root_mean_square)
    ),
    "equalisation by powers of two": Idea(
        without="uint8", measure=partial(_equalised, then=BASES["uint8"], powers_of_two=True)
    ),
    "equalisation, through Relu6, too": Idea(
        without="uint8", measure=partial(_equalised, then=BASES["uint8"], through_relu6=True)
    ),
    "ranges by channel, moved into the next layer": Idea(without="uint8", measure=partial(_moved, then=BASES["uint8"])),
    "bias correction by batch norm's statistics": Idea(
        without="uint8", measure=partial(_bias_by_statistics, scheme=UINT8)
    ),
    "bias correction by samples": Idea(without="uint8", measure=partial(_bias, scheme=UINT8, weights=nearest)),
    "float16 for the smallest weights, 1 % of all": Idea(without="uint8", measure=partial(small_apart, scheme=UINT8)),
    "float16 for the smallest weights, 1 % of all, int4": Idea(
        without="int4", measure=partial(small_apart, scheme=INT4)
    ),
    "the smallest 10 % pruned": Idea(without="uint8", measure=partial(_pruned, scheme=UINT8, share=0.1)),
    "the smallest 30 % pruned": Idea(without="uint8", measure=partial(_pruned, scheme=UINT8, share=0.3)),
    "codebook of 256": Idea(without="uint8", measure=partial(_codebook, scheme=UINT8)),
    "bias correction by batch norm's statistics, to the nearest": Idea(
        without="uint8, to the nearest", measure=partial(_bias_by_statistics, scheme=TO_THE_NEAREST)
    ),
    "bias correction by samples, to the nearest": Idea(
        without="uint8, to the nearest", measure=partial(_bias, scheme=TO_THE_NEAREST, weights=nearest)
    ),
    "equalisation, int4": Idea(without="int4", measure=partial(_equalised, then=BASES["int4"])),
    "bias correction by batch norm's statistics, int4": Idea(
        without="int4", measure=partial(_bias_by_statistics, scheme=INT4)
    ),
    "bias correction by samples, int4": Idea(without="int4", measure=partial(_bias, scheme=INT4, weights=nearest)),
    "the smallest 30 % pruned, int4": Idea(without="int4", measure=partial(_pruned, scheme=INT4, share=0.3)),
    "codebook of 16": Idea(without="int4", measure=partial(_codebook, scheme=INT4)),
    "equalisation, uint8 calibrated": Idea(
        without="uint8, calibrated", measure=partial(_equalised, then=BASES["uint8, calibrated"])
    ),
    "AdaRound's error, descended, uint8 calibrated": Idea(
        without="uint8, calibrated", measure=partial(calibrated, scheme=UINT8, descends=True)
    ),
    "equalisation, int4 calibrated": Idea(
        without="int4, calibrated", measure=partial(_equalised, then=BASES["int4, calibrated"])
    ),
    "bias correction by samples, int4 calibrated": Idea(
        without="int4, calibrated", measure=partial(_bias, scheme=INT4, weights=_calibrated)
    ),
    "AdaRound's error, descended, int4 calibrated": Idea(
        without="int4, calibrated", measure=partial(calibrated, scheme=INT4, descends=True)
    ),
}
"""By the name in the table."""
