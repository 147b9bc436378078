"""Conversion time: ours and upstream's take turns, a process each, after the imports."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from .converting import Conversion, Who, convert, converted
from .results import Figures, measured

ROUNDS, QUICK_ROUNDS = 3, 1


def timed_conversion(net: str, *, quick: bool) -> Figures:
    """Medians in seconds; upstream's is null where it refuses."""
    ours, upstream = converted(net, "ours"), converted(net, "upstream")
    both: tuple[tuple[Who, Conversion], ...] = (("ours", ours), ("upstream", upstream))
    able = [who for who, conversion in both if not conversion.failure]

    def run() -> Figures:
        rounds = QUICK_ROUNDS if quick else ROUNDS
        seconds: dict[Who, list[float]] = {who: [] for who in able}
        for turn in range(rounds):
            for who in reversed(able) if turn % 2 else able:
                with tempfile.TemporaryDirectory() as folder:
                    seconds[who].append(convert(net, who, Path(folder) / "artifact")[0])
        return {
            "ours_s": median(seconds["ours"]) if "ours" in seconds else None,
            "upstream_s": median(seconds["upstream"]) if "upstream" in seconds else None,
            "rounds": rounds,
        }

    return measured("conversion", net, of=ours.made_by, quick=quick, run=run)
