"""The smallest weights of a coarse variant stay in float16.

What a net's first and last kernel, or a few channels' depthwise ones, are off by is averaged out by nothing, and they have next
to none of the bytes: as float16 they bring the outputs 2 to 3 dB nearer, at the same bytes (benchmarks/README.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tfjsci.artifact.quantize import Quantization, Quantizations, each_of, stays_float
from tfjsci.escape import one_line
from tfjsci.graph.graph import Constant
from tfjsci.listed import listed
from tfjsci.quantize.scheme import BITS, Scheme

SHARE = 0.01
"""Of the values of all weights that are quantised: what the smallest have together at most."""

_FLOAT16 = Scheme(name="float16")
_WILD = frozenset("*?[")

Named = tuple[str, Constant]
"""A weight by its name in the artifact."""


def settled(constants: Iterable[Named], wanted: Quantizations) -> Quantizations:
    """``wanted`` with the smallest of the weights that it takes as float16, where it is one scheme of eight bits and fewer.

    Several that share the weights out are as they are, and so is what has been settled before. Of ``constants`` one is looked at
    after the other, so that they can be read as they come; not at all, where there is nothing to settle.
    """
    small = _small(constants, wanted)
    if not small:
        return wanted
    (most,) = each_of(wanted)
    rest = Quantization(scheme=_FLOAT16, small_weights="quantized", only=small)
    return replace(most, small_weights="quantized", but_not=small), rest


def small_notes(found: Quantizations) -> tuple[str, ...]:
    """Which weights are float16 though another scheme was asked for, of what was ``settled``."""
    small = {name for each in each_of(found) for name in each.only or ()}
    if not small:
        return ()
    named = listed(map(one_line, sorted(small)), 3)
    return (f"the smallest weights are float16: {named} (small_weights: quantized stores them as the others)",)


def _small(constants: Iterable[Named], wanted: Quantizations) -> frozenset[str]:
    """The names of the smallest weights, while all of them together have no more than their share of the values."""
    alone = each_of(wanted)
    if len(alone) != 1 or alone[0].small_weights != "float16" or not _coarse(alone[0].scheme):
        return frozenset()
    taken = [_Taken.of(*each, alone[0]) for each in constants if stays_float(*each, alone[0]) is None]
    left = SHARE * sum(each.values for each in taken)
    found: set[str] = set()
    for each in sorted(taken, key=lambda each: each.values):
        left -= each.values
        if left < 0:
            break
        if each.fits:
            found.add(each.name)
    return frozenset(found)


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """A weight that is quantised: how many values it has, and whether float16 may have it."""

    name: str
    values: int
    fits: bool

    @classmethod
    def of(cls, name: str, constant: Constant, quantization: Quantization) -> _Taken:
        as_float16 = stays_float(name, constant, replace(quantization, scheme=_FLOAT16)) is None
        return cls(name=name, values=constant.value.size, fits=as_float16 and not _named(name, constant, quantization))


def _coarse(scheme: Scheme) -> bool:
    return not scheme.exact_upstream and BITS.get(scheme.name, 16) <= 8


def _named(name: str, constant: Constant, quantization: Quantization) -> bool:
    """Whether a pattern says just this name: then it is to be what it says."""
    literal = {pattern for pattern in quantization.include if _WILD.isdisjoint(pattern)}
    return not literal.isdisjoint((name, *constant.sources))
