"""What came of looking for the culprit, as the results hold it: names and numbers, no arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tfjsci.dtypes import Backend

Found = Literal["node", "weight", "accumulated", "nothing", "unfinished"]
"""``node``: it computes something else, also alone on the reference's inputs. ``weight``: so it does, and a weight that it
reads isn't the reference's. ``accumulated``: no node is off by itself. ``nothing``: everything agrees. ``unfinished``: see
``reason``."""


@dataclass(frozen=True, kw_only=True)
class Closeness:
    """How near one tensor comes to the reference's: the same, a ratio of signal to noise, or why there is no number.

    ``sqnr_db`` is None where nothing differs (``exact``), where the reference is zero all over, and of whole numbers.
    """

    exact: bool = False
    sqnr_db: float | None = None
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class PathStep:
    """A node on the way to the culprit and on from it: how near its inputs are (the worst), and what it makes of them."""

    node: str
    op: str
    layers: tuple[str, ...]
    into: Closeness
    out: Closeness


@dataclass(frozen=True, kw_only=True)
class ErrorHistogram:
    """How many elements are off by how much, relative to the reference's largest number.

    ``counts`` has one more than ``below``: elements that are off by less than ``below[i]``, and not by less than the one
    before; the last is the rest. ``exact`` are the same.
    """

    exact: int
    below: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class InsideLoop:
    """In a loop that is the culprit: the first turn, counted from 1, in which both sides come apart, and where in its body.

    ``node`` is the first whose inputs agree and whose output doesn't; ``path`` leads to it from what the turn was given.
    """

    turn: int
    node: str
    op: str
    layers: tuple[str, ...]
    into: Closeness
    out: Closeness
    path: tuple[PathStep, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RestoredWeight:
    """One quantised weight as float again, all others as they are: the outputs' SQNR (the worst) and what that gains.

    ``more_bytes`` is what storing it as float costs. ``gain_db`` is None where one of the two has no number, or is exact.
    """

    name: str
    sources: tuple[str, ...]
    after: Closeness
    gain_db: float | None
    more_bytes: int


@dataclass(frozen=True, kw_only=True)
class WeightRanking:
    """The quantised weights, most gain first, computed in TensorFlow on the inputs of one call.

    ``quantized`` is how near the outputs come with all of them quantised. ``exclude`` are the weights that, as float, bring them
    to ``limit_db``: found greedily, then thinned out; ``excluded`` is what that gives, which falls short of the limit where
    all of them do. ``tried`` of ``total`` weights were; time ran out for the others. ``stands_in``: it is another limit than the
    SQNR's that was missed, and ``limit_db`` is only a little more than the outputs come to.
    """

    quantized: Closeness
    limit_db: float
    weights: tuple[RestoredWeight, ...]
    exclude: tuple[str, ...]
    excluded: Closeness
    more_bytes: int
    meets: bool
    tried: int
    total: int
    stands_in: bool = False

    @property
    def needs_all(self) -> bool:
        """Whether nothing short of the float model meets the limit: then leaving weights out is no advice."""
        return self.total > 1 and len(self.exclude) == self.total


@dataclass(frozen=True, kw_only=True)
class Localization:
    """Where ``candidate`` leaves ``reference``; ``reason`` is one sentence with the numbers in it.

    ``node``, ``op`` and ``layers`` are the culprit's, or where most is lost of an accumulated error; ``alone`` is what it makes
    of the reference's inputs. ``weight`` is the one that differs. ``inside`` is where in it, of a loop that could be looked into.
    ``compared`` of ``total`` nodes were held against each other.
    """

    variant: str
    backend: Backend | None
    reference: str
    candidate: str
    found: Found
    reason: str
    limit_db: float
    node: str | None = None
    op: str | None = None
    layers: tuple[str, ...] = ()
    weight: str | None = None
    alone: Closeness | None = None
    path: tuple[PathStep, ...] = ()
    errors: ErrorHistogram | None = None
    inside: InsideLoop | None = None
    ranking: WeightRanking | None = None
    compared: int = 0
    total: int = 0
