"""What came of holding two against each other: plain data, for a table and for JSON."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.compare.comparison import OutputComparison
from tfjsci.dtypes import Backend
from tfjsci.inputs.summary import InputSummary
from tfjsci.localize.localization import Localization


@dataclass(frozen=True, kw_only=True)
class Held:
    """One limit held against one output; ``reason`` is a sentence. ``limit`` is None of an output that has no numbers at all.

    ``default``: nobody asked for this limit. ``unmeasured``: the output has no number for it, so nothing was held.
    """

    output: str
    metric: str
    value: float | None
    limit: float | None
    missed: bool
    reason: str
    default: bool = False
    unmeasured: bool = False


@dataclass(frozen=True, kw_only=True)
class PairOnBackend:
    """The outputs of one backend; ``backend`` and ``environment`` are None where both ran in TensorFlow.

    ``localization`` says where the two come apart, where that was asked for.
    """

    backend: Backend | None
    environment: BackendEnvironment | None
    outputs: tuple[OutputComparison, ...]
    held: tuple[Held, ...]
    localization: Localization | None = None

    @property
    def missed(self) -> bool:
        """Whether any limit was."""
        return any(each.missed for each in self.held)

    @property
    def held_by_none(self) -> tuple[Held, ...]:
        """Limits, one of each metric, that no output here has a number for: they must not look like kept ones."""
        measured = {each.metric for each in self.held if not each.unmeasured}
        return tuple({each.metric: each for each in self.held if each.metric not in measured}.values())


@dataclass(frozen=True, kw_only=True)
class ModelsCompared:
    """``b`` against ``a``, which is the reference, on the same inputs."""

    a: str
    b: str
    a_runs_in: Literal["TensorFlow", "browser"]
    b_runs_in: Literal["TensorFlow", "browser"]
    inputs: tuple[InputSummary, ...]
    random: bool
    pairs: tuple[PairOnBackend, ...]
    notes: tuple[str, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether any limit was, on any backend."""
        return any(pair.missed for pair in self.pairs)

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {**dataclasses.asdict(self), "missed": self.missed}


Direction = Literal["better", "worse", "same", "other"]
"""``other``: it changed, and neither way is better, or by no more than rounding may."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One number of two runs: ``what`` it is of (``digits uint8 on wasm, output probs``), None where a run hasn't got it."""

    what: str
    metric: str
    unit: str
    a: float | None
    b: float | None
    direction: Direction


@dataclass(frozen=True, kw_only=True)
class RunsCompared:
    """The results of ``b`` beside those of ``a``, number by number. ``only_a`` and ``only_b`` are what one alone has.

    Times are told and not judged: two runs at two times prove nothing about speed.
    """

    a: str
    b: str
    changes: tuple[Change, ...]
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()

    @property
    def worse(self) -> tuple[Change, ...]:
        """What got worse."""
        return tuple(each for each in self.changes if each.direction == "worse")

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {**dataclasses.asdict(self), "worse": len(self.worse)}
