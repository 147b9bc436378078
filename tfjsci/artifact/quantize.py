"""Which weights a quantisation takes, in which scheme, and why the others stay float32."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.format.encoding import FLOAT16_MAX, FLOAT32_MAX
from tfjsci.graph.graph import Constant, dtype_name
from tfjsci.listed import listed
from tfjsci.manifest.resolved import MixedSpec, QuantizeSpec
from tfjsci.nearest import nearest_names
from tfjsci.quantize.scheme import Scheme, SmallWeights

SMALL_ELEMENTS = 64
"""Below this a weight saves a few bytes and costs accuracy where it counts: scales, thresholds, anchors."""

FLOAT16_NORMAL = 2.0**-14
"""Below it float16 loses bits, and at last all of them."""

SPOILT = 0.9
"""So many of a weight's values that aren't 0 come out as 0: of normal weights in 256 steps a hundredth does."""

_LOOKED_AT = 1 << 18
"""Values of a large weight that tell how most of them lie."""

_VARIANCE = re.compile(r"(^|[/_])(moving_|running_)?var(iance)?(_\d+)?(:\d+)?$")
"""What frameworks call batch norm's: the runtime takes a root of it, and a small one that comes out as 0 is a huge factor."""


@dataclass(frozen=True, kw_only=True)
class Quantization:
    """A scheme and the patterns (``fnmatch``) of the weights that get it.

    A pattern is tried on the weight's name in the artifact and on the path of each variable that it was made of.
    Without ``include``, all weights of two dimensions and more are taken; with it, whatever matches, but what suffers most
    from being quantised (:func:`stays_float`) only by a pattern that says more than ``*``.

    ``small_weights``: what :func:`tfjsci.artifact.small_weights.settled` is to make of the smallest ones. It names them in
    ``but_not`` and, of the quantisation that they get in its place, in ``only``: names in the artifact, as they are.
    """

    scheme: Scheme
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    small_weights: SmallWeights = "float16"
    but_not: frozenset[str] = frozenset()
    only: frozenset[str] | None = None


Quantizations = Quantization | tuple[Quantization, ...] | None
"""One for all weights, several that share them out, or none."""


def quantization_of(spec: QuantizeSpec) -> Quantizations:
    """What a manifest's variant asks for; None where that must be searched for first."""
    if spec.scheme is None:
        return tuple(_of_part(part) for part in spec.mixed) or None
    scheme = Scheme(
        name=spec.scheme,
        group=spec.group,
        levels=spec.levels,
        ranges=spec.ranges,
        rounding=spec.rounding,
        exact_upstream=spec.exact_upstream,
    )
    return Quantization(scheme=scheme, include=spec.include, exclude=spec.exclude, small_weights=spec.small_weights)


def _of_part(part: MixedSpec) -> Quantization:
    scheme = Scheme(name=part.scheme, group=part.group, levels=part.levels, ranges=part.ranges, rounding=part.rounding)
    return Quantization(scheme=scheme, include=part.include, exclude=part.exclude, small_weights="quantized")


def each_of(wanted: Quantizations) -> tuple[Quantization, ...]:
    """One or several, as several."""
    return (wanted,) if isinstance(wanted, Quantization) else wanted or ()


def scheme_of(name: str, constant: Constant, wanted: Quantizations) -> Scheme | None:
    """What the weight is stored as; None: as it is. Raises ``UsageError`` when two quantisations take it."""
    takers = [each for each in each_of(wanted) if stays_float(name, constant, each) is None]
    if len(takers) > 1:
        schemes = " and ".join(each.scheme.name for each in takers)
        raise UsageError(
            f"the weight {name} is to be {schemes}",
            hint="A weight is stored in one scheme: make the patterns narrower.",
        )
    return takers[0].scheme if takers else None


def stays_float(name: str, constant: Constant, quantization: Quantization) -> str | None:
    """Why this weight isn't quantised, or None if it is."""
    return _isnt_meant(name, constant, quantization) or _cant_be(name, constant, quantization)


def _isnt_meant(name: str, constant: Constant, quantization: Quantization) -> str | None:
    """Why nobody would expect it to be quantised."""
    value = constant.value
    names = (name, *constant.sources)
    dtype = dtype_name(value)
    if RUNTIME_DTYPE.get(dtype) != "float32":  # half and double are stored as float32, and so can be quantised
        return f"it is {dtype}"
    if quantization.only is not None:
        return None if name in quantization.only else "it isn't among the smallest"
    if name in quantization.but_not:
        return "it is among the smallest"
    if _any_match(names, quantization.exclude):
        return "it is excluded"
    if _sums(constant):
        return "it sums what it is multiplied with"
    if quantization.include:
        if not _any_match(names, quantization.include):
            return "no pattern includes it"
    elif max(value.shape[:-1], default=1) == 1:  # [1, 1, channels] too
        return "it is a vector: a bias or a scale"
    elif value.size < SMALL_ELEMENTS:
        return f"it has {value.size} elements"
    return None


def _sums(constant: Constant) -> bool:
    """Whether it is what rewriting makes of a mean: a column or a row of one number, which no variable stands behind.

    What it counts each number for must be so to the last bit: a norm divides by it.
    """
    value = constant.value
    if constant.sources or value.ndim != 2 or value.size != max(value.shape) or value.size < 2:
        return False
    low, high = constant.ends
    return low == high


def _cant_be(name: str, constant: Constant, quantization: Quantization) -> str | None:
    """Why what the patterns take stays float32 all the same."""
    names = (name, *constant.sources)
    if constant.value.size == 0:
        return "it is empty"
    low, high = constant.ends  # NaN comes through both
    if not (math.isfinite(low) and math.isfinite(high)):
        return "it has values that aren't finite"
    if quantization.scheme.needs_initializer and high - low > FLOAT32_MAX:
        return "its values span more than float32 can count steps in"
    asked_by_name = _any_match(names, [each for each in quantization.include if each.strip("*")])
    return None if asked_by_name else _suffers(name, constant, max(-low, high), quantization.scheme)


def selection_notes(constants: Iterable[tuple[str, Constant]], wanted: Quantizations) -> tuple[str, ...]:
    """Weights that the patterns take, and that stay float32 all the same, with the reason; and those that an outlier spoils."""
    left: dict[str, list[str]] = {}
    spoilt: list[str] = []
    for name, constant in constants:
        meant = [each for each in each_of(wanted) if _isnt_meant(name, constant, each) is None]
        reasons = [_cant_be(name, constant, each) for each in meant]
        if reasons and None not in reasons:
            left.setdefault(str(reasons[0]), []).append(name)
        spoilt += [
            f"{one_line(name)} as {each.scheme.name}: {told}"
            for each, reason in zip(meant, reasons, strict=True)
            if reason is None and (told := _spoilt(constant, each.scheme))
        ]
    return (
        *(f"not quantised: {listed(map(one_line, names), 5)} ({reason})" for reason, names in left.items()),
        *spoilt,
    )


def _spoilt(constant: Constant, scheme: Scheme) -> str | None:
    """What a scheme that is asked for by name makes of values that it can't hold; or one scale of a few that are far larger."""
    low, high = constant.ends
    if scheme.name == "float16":
        told = None if scheme.exact_upstream else _beyond_float16(max(-low, high))
        return told and f"{told}; exclude: would keep it"
    if scheme.name not in ("uint8", "uint16") or scheme.levels or scheme.chosen_ranges != "min-max":
        return None
    half_a_step = (max(high, 0.0) - min(low, 0.0)) / scheme.steps / 2
    few = np.abs(constant.value.reshape(-1)[:: 1 + constant.value.size // _LOOKED_AT])
    there = np.count_nonzero(few)
    if not there or np.count_nonzero((few > 0) & (few < half_a_step)) < SPOILT * there:
        return None
    return (
        f"it reaches from {low:.3g} to {high:.3g}, and next to all of its other values come out as 0; "
        "ranges: least-error, a scheme per channel or exclude: would keep them"
    )


def quantized_weights(constants: Mapping[str, Constant], wanted: Quantizations) -> tuple[str, ...]:
    """The names of the weights that are quantised."""
    return tuple(name for name, constant in constants.items() if scheme_of(name, constant, wanted) is not None)


def names_of(constants: Mapping[str, Constant]) -> list[tuple[str, ...]]:
    """Of each weight, the names that patterns are tried on."""
    return [(name, *constant.sources) for name, constant in constants.items()]


def require_matched(every: Sequence[tuple[str, ...]], wanted: Iterable[Quantization]) -> None:
    """Raise ``UsageError`` for a pattern that matches no weight at all: a slip of the pen. ``every`` has the names of each."""
    for each in wanted:
        for kind, patterns in (("include", each.include), ("exclude", each.exclude)):
            for pattern in patterns:
                if any(_any_match(names, (pattern,)) for names in every):
                    continue
                raise UsageError(
                    f"the pattern {one_line(pattern)!r} that {each.scheme.name} is to {kind} matches no weight",
                    hint=_nearest_hint(pattern, every),
                )


def _nearest_hint(pattern: str, every: Sequence[tuple[str, ...]]) -> str:
    names = list(dict.fromkeys(name for names in every for name in names))
    if not names:
        return "The model has no weights."
    near = nearest_names(pattern, names)
    listed = ", ".join(one_line(name) for name in (near or names)[:4])
    return f"The nearest names are {listed}." if near else f"Weights are named {listed}."


def _suffers(name: str, constant: Constant, largest: float, scheme: Scheme) -> str | None:
    """Why a weight is left alone that its quantisation would break, though the scheme could hold it."""
    # a folded kernel is made of the variance, too, but isn't one
    vector = constant.value.size == max(constant.value.shape, default=1)
    if vector and all(_VARIANCE.search(source) for source in constant.sources or (name,)):
        return "it is a variance"
    return _beyond_float16(largest) if scheme.name == "float16" else None


def _beyond_float16(largest: float) -> str | None:
    """Why float16 holds a weight badly, or None."""
    if largest > FLOAT16_MAX:
        return f"it reaches {largest:.3g}, beyond float16"
    if 0 < largest < FLOAT16_NORMAL:
        return f"it reaches {largest:.3g}, too little for float16"
    return None


def _any_match(names: Iterable[str], patterns: Iterable[str]) -> bool:
    patterns = tuple(patterns)
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
