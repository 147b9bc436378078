"""What a search found, as numbers and text: what the report draws, and the manifest entry to paste."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stopped = Literal["evaluations", "minutes"]


@dataclass(frozen=True, kw_only=True)
class Point:
    """One combination that was run in TensorFlow: ``brotli_bytes`` of the artifact, about; ``value`` of the metric, worst output.

    ``value`` None: no difference at all, or no number. ``label``: the scheme that all weights had; None where each has its own.
    """

    brotli_bytes: int
    value: float | None
    met: bool
    label: str | None = None


@dataclass(frozen=True, kw_only=True)
class SearchFound:
    """One ``auto`` variant: what was asked, what was run, and what came of it.

    ``points`` go from the smallest to the largest; ``chosen`` is the place of the one that was written. ``entry`` is YAML for
    the manifest's ``quantize:``. ``evaluations`` are the combinations that TensorFlow ran, each on all inputs. ``stopped``: the
    limit that ended the search before it was done. ``steps_back``: how often the browser missed what TensorFlow had reached.
    """

    variant: str
    limits: dict[str, float]
    metric: str
    points: tuple[Point, ...]
    chosen: int
    entry: str
    evaluations: int
    stopped: Stopped | None = None
    steps_back: int = 0
