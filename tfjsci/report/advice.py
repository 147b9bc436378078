"""What to do about a miss: a table by the kind of gate, filled in with what was measured.

Steps are plain sentences with places for names; whoever shows them escapes the names.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tfjsci.dtypes import SCHEME_NAMES
from tfjsci.errors import RewriteBug
from tfjsci.localize.closeness import show
from tfjsci.localize.localization import WeightRanking
from tfjsci.metrics import METRICS, limit_text
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.units import show_bytes, show_ms
from tfjsci.verdict import PROBLEM, Judgement
from tfjsci.verdict.fidelity import OWN_METRIC

MANIFEST_DEFAULT = " (default)"
"""Ends the key of a limit that the manifest doesn't name."""

UNSUPPORTED_OPS = "unsupported-ops"
"""The code of the failure whose message the op check tells better."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One sentence: ``text`` with a ``{}`` for each of ``names``, which are shown as code."""

    text: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Misses of one kind (and of one variant, where that matters), failures first, and what to do about them."""

    title: str
    variant: str | None
    judgements: tuple[Judgement, ...]
    steps: tuple[Step, ...]


KINDS = {
    PROBLEM: "outputs",
    **dict.fromkeys((*METRICS, OWN_METRIC), "fidelity"),
    **dict.fromkeys(("download_bytes", "gzip_bytes", "brotli_bytes"), "size"),
    "steady_ms": "steady inference",
    "first_inference_ms": "first inference",
    "load_ms": "loading",
    "leak": "leak",
}
"""Gate -> what it is about, in the order in which a reader should care."""


def findings(model: ModelResult) -> list[Finding]:
    """All of a model's misses, failures before warnings, by what they are about and by variant."""
    groups: dict[tuple[str, str | None], list[Judgement]] = {}
    for judgement in model.judgements:
        if judgement.outcome != "pass":
            kind = KINDS.get(judgement.gate, judgement.gate)
            # Outputs go wrong by variant; what costs time or bytes mostly does so in all of them.
            variant = judgement.variant if kind in {"fidelity", "outputs"} else None
            groups.setdefault((kind, variant), []).append(judgement)
    order = list(dict.fromkeys(KINDS.values()))
    found = []
    for (kind, variant), misses in groups.items():
        misses.sort(key=lambda each: each.outcome != "fail")
        localized = tuple(_localized(model, variant)) if variant is not None else ()
        ranking = _ranking_of(model, variant)
        steps = (
            *localized,
            *_steps(model, kind, misses, listed=ranking is not None and bool(ranking.exclude) and ranking.meets),
        )
        found.append(Finding(title=kind, variant=variant, judgements=tuple(misses), steps=steps))
    return sorted(
        found,
        key=lambda each: (
            each.judgements[0].outcome != "fail",
            order.index(each.title) if each.title in order else len(order),
        ),
    )


def unmet(model: ModelResult) -> list[Step]:
    """Limits of fidelity that no quantised variant holds, of several: which one comes nearest, and how near."""
    steps = []
    of_gates: dict[tuple[str, str | None], list[Judgement]] = {}
    for each in model.judgements:
        if each.key.startswith("compare.quantized.") and each.value is not None and each.limit is not None:
            of_gates.setdefault((each.gate, each.metric), []).append(each)
    for judged in of_gates.values():
        # What a variant comes to is its farthest miss: it has to hold its limit everywhere.
        worst_of = {each.variant: _furthest_of([it for it in judged if it.variant == each.variant]) for each in judged}
        misses = [each for each in worst_of.values() if each is not None]
        if len(worst_of) > 1 and len(misses) == len(worst_of):
            nearest = min(misses, key=_distance)
            value, limit = _measure(nearest, nearest.value), _measure(nearest, nearest.limit)
            names = (nearest.metric or nearest.gate, nearest.variant or "", nearest.backend or "")
            text = f"No variant holds {{}}. The nearest is {{}} on {{}}: {value}, the limit is {limit}."
            steps.append(Step(text=text, names=names))
    return steps


def _furthest_of(judged: list[Judgement]) -> Judgement | None:
    return max((each for each in judged if each.outcome != "pass"), key=_distance, default=None)


def _measure(judgement: Judgement, value: float | None) -> str:
    metric = METRICS.get(judgement.gate)
    return metric.show(value or 0.0) if metric else f"{value or 0.0:.3g}"


def _distance(miss: Judgement) -> float:
    return abs((miss.value or 0.0) - (miss.limit or 0.0))


def reproduce(run: RunResult, model: ModelResult) -> str:
    """The command that does this model again, as a shell takes it."""
    return f"tfjsci run {shlex.quote(run.manifest)} --model {shlex.quote(model.name)}"


def tighter_budgets(model: ModelResult) -> list[Step]:
    """Budgets that are at least twice what was measured, with one that would still hold. Software times don't count."""
    software = {
        (each.variant, each.timing.environment.backend) for each in model.benchmarks if each.timing.environment.software
    }
    largest: dict[str, Judgement] = {}
    for judgement in model.judgements:
        if not judgement.key.startswith("budget.") or judgement.value is None or not judgement.limit:
            continue
        before = largest.get(judgement.key)
        if before is None or judgement.value > (before.value or 0):
            largest[judgement.key] = judgement
    return [
        Step(
            text="{} of {} is "
            + f"{_shown(each, each.limit or 0)}, measured was at most {_shown(each, each.value or 0)}: "
            f"{_shown(each, _round_up((each.value or 0) * 1.25))} would do.",
            names=(each.key, model.name),
        )
        for each in largest.values()
        if (each.value or 0) * 2 <= (each.limit or 0) and (each.variant, each.backend) not in software
    ]


def _localized(model: ModelResult, variant: str) -> Iterator[Step]:
    """What the searches for a variant's culprit say: the weights to leave as they are, and the node."""
    searches = [each for each in model.localizations if each.variant == variant]
    if ranking := _list_of(model, variant):
        more = f" and {len(ranking.exclude) - _MOST_NAMED} more" if len(ranking.exclude) > _MOST_NAMED else ""
        reached = "float's own outputs" if ranking.excluded.exact else show(ranking.excluded)
        gives = f"{reached}, for {show_bytes(ranking.more_bytes)} more"
        enough = ", which may not be enough for this limit" if ranking.stands_in else ""
        text = (
            "Leave {}" + f"{more} as float: that gives {gives}{enough}. A list to paste is under “Where it goes wrong”."
        )
        yield Step(text=text, names=(", ".join(ranking.exclude[:_MOST_NAMED]),))
    if named := next((each for each in searches if each.found in ("node", "weight")), None):
        inside = named.inside
        at = inside or named
        loop = f", in turn {inside.turn} of the loop {{}}" if inside else ""
        within = (named.node or "",) if inside else ()
        names = (at.op or "", at.node or "", ", ".join(at.layers) or "no layer", *within)
        yield Step(text=f"Look at {{}} {{}} ({{}}){loop}: its inputs agree and its output doesn't.", names=names)


_MOST_NAMED = 4


def _list_of(model: ModelResult, variant: str | None) -> WeightRanking | None:
    """Weights of a variant that, left as they are, bring it to its limit; None also where it would have to be all of them."""
    ranking = _ranking_of(model, variant)
    return ranking if ranking is not None and ranking.exclude and ranking.meets and not ranking.needs_all else None


def _ranking_of(model: ModelResult, variant: str | None) -> WeightRanking | None:
    rankings = (each.ranking for each in model.localizations if each.variant == variant and each.ranking is not None)
    return next(rankings, None)


TWO_BYTES = frozenset({"float16", "uint16", "uint16-per-channel"})
"""As wide as it gets."""


def _steps(model: ModelResult, kind: str, misses: list[Judgement], *, listed: bool) -> tuple[Step, ...]:
    first = misses[0]
    if kind != "fidelity":
        return (*_STEPS.get(kind, ()), *_accept(misses))
    if all(each.value is None and each.limit is None for each in misses):
        return ()  # nothing was held against anything, and the reasons say what for
    if _conversion(first) and any(failure.code == RewriteBug.code for failure in model.failures):
        return ()  # what was found, and what to do now, is said there: no limit is to hide it
    if _conversion(first) or first.between_backends:
        return (*_STEPS["conversion"], *_accept(misses))
    guess = () if listed else _STEPS["quantized"]
    return (*guess, *_wider(model, first.variant), *_accept(misses))


def _wider(model: ModelResult, variant: str | None) -> tuple[Step, ...]:
    """More bits than its coarsest weights have."""
    artifact = next((each for each in model.artifacts if each.variant == variant), None)
    stored = {each.dtype for each in artifact.weights} if artifact else set()
    for scheme, more in (("int4", ("int6", "uint8-per-channel")), ("int6", ("uint8-per-channel", "uint8"))):
        if scheme in stored:
            text = "Or choose its codes with samples ({}), let fewer share a scale ({}), or give its weights more bits: {} or {}."
            return (Step(text=text, names=("calibrate: true", "group: 32", *more)),)
    eight_bits = not stored.isdisjoint(("uint8", "uint8-per-channel"))  # beside them, the smallest are float16
    widest = not eight_bits and (variant in TWO_BYTES or not stored.isdisjoint(TWO_BYTES))
    return () if widest else _STEPS["wider"]


_STEPS = {
    "quantized": (
        Step(text="Keep the sensitive weights as they are: list them under {} of this variant's entry in {}. The first "
             "and the last layer, and depthwise kernels, are the usual ones.", names=("exclude", "quantize")),
    ),
    "wider": (
        Step(text="Or give its weights more bits: {} loses the least, {} little more, both at twice the size of {}.",
             names=("uint16", "float16", "uint8")),
    ),
    "conversion": (
        Step(
            text="See in the fidelity table whether one backend is off or all are: "
            "one points at that backend's kernels, all at the conversion."
        ),
        Step(text="Look for randomness at inference (dropout left on, sampling): both sides must compute the same."),
    ),
    "outputs": (
        Step(
            text="See in the fidelity table which output it is and on which backends. NaN or infinity on one side is "
            "mostly a value beyond what 16 bits hold, or a division by a weight that became zero; an input that has such values "
            "itself is named among the notes."
        ),
        Step(text="Leave the weights that lead to it out of the variant ({} in {}), or give inputs in a real range.",
             names=("exclude", "quantize")),
    ),
    "size": (
        Step(text="Gate a quantised variant instead ({} halves the weights' bytes, {} quarters them), or quantise more of its "
             "weights.", names=("float16", "uint8")),
    ),
    "steady inference": (
        Step(text="See in the timings how wide the samples spread (MAD, p90): on a busy machine, run it again first."),
        Step(text="Use a backend that is faster for this model, a smaller input, or a smaller model; "
             "quantised weights don't make inference faster."),
    ),
    "first inference": (
        Step(text="It compiles shaders and uploads weights: fewer different shapes and layers make it shorter, "
             "and a warm-up call while the page loads hides it."),
    ),
    "loading": (
        Step(text="It fetches and decodes the weights: a smaller variant loads faster."),
    ),
    "leak": (
        Step(text="See whether the model has loops (While, If): there the runtime itself keeps two tensors a run; "
             "where their length is known, {} unrolls them.", names=("unroll_loops",)),
        Step(text="If it is known and harmless, set {} to {}.", names=("level.leak", "off")),
    ),
}  # fmt: skip


def _accept(misses: list[Judgement]) -> tuple[Step, ...]:
    """The limits that what was measured would hold, for whoever finds it acceptable."""
    limits = {_own_key(each): _limit_for(each) for each in _furthest(misses)}
    if not limits:
        return ()
    places = ["{} to {}"] * len(limits)
    text = " and ".join(filter(None, (", ".join(places[:-1]), places[-1])))
    return (Step(text=f"Or accept it: set {text}.", names=tuple(name for pair in limits.items() for name in pair)),)


def _own_key(judgement: Judgement) -> str:
    """Where the limit goes that this variant alone would be held to, also when the one it missed stands under ``default``."""
    key = judgement.key.removesuffix(MANIFEST_DEFAULT)
    section, _, rest = key.removeprefix(_QUANTIZED).partition(".")
    shared = key.startswith(_QUANTIZED) and section in _SHARED and judgement.variant is not None
    return f"{_QUANTIZED}{judgement.variant}.{rest}" if shared else key


_QUANTIZED = "compare.quantized."
_SHARED = frozenset({"default", *SCHEME_NAMES})
"""Sections that other variants may be held to as well."""


def _furthest(misses: list[Judgement]) -> list[Judgement]:
    """Of several misses of one limit the one that a new limit would have to hold."""
    furthest: dict[str, tuple[float, Judgement]] = {}
    for each in misses:
        if each.value is None or each.limit is None or each.gate in {PROBLEM, "leak"}:
            continue
        distance = abs(each.value - each.limit)
        if each.key not in furthest or distance > furthest[each.key][0]:
            furthest[each.key] = distance, each
    return [each for _, each in furthest.values()]


def _limit_for(judgement: Judgement) -> str:
    """A limit with a little room, in the manifest's own spelling."""
    value, limit = judgement.value or 0.0, judgement.limit or 0.0
    if value > limit:
        return _shown(judgement, _round_up(value * (1.1 if judgement.unit else 2.0)))
    return f"{math.floor(value)}" if judgement.unit == "dB" else f"{math.floor(value * 1000) / 1000:g}"


def _conversion(judgement: Judgement) -> bool:
    return judgement.key.startswith("compare.conversion")


def _shown(judgement: Judgement, value: float) -> str:
    """As the manifest could have it: one number, one unit."""
    if judgement.unit == "B":
        return limit_text(show_bytes(value))
    if judgement.unit != "ms":
        return f"{value:.3g}"
    if value < 1:
        return f"{value:.3g} ms"
    return limit_text(show_ms(value)) if value < 60_000 else f"{value:.0f} ms"


def _round_up(value: float) -> float:
    """To two significant digits, away from zero."""
    if value <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / step - 1e-9) * step
