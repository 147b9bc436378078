"""First inference on webgl: shaders compiled, weights uploaded, in a fresh browser each time, which has no shader cache."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median

from tfjsci.benchmark.race import ratio_interval
from tfjsci.browser.protocol import CustomScript
from tfjsci.browser.session import BrowserSession

from .converting import Who, converted
from .models import reference
from .places import artifact_of
from .results import Figures, measured

DEADLINE_SECONDS = 900
PAIRS, QUICK_PAIRS = 6, 6
"""Three blocks are the fewest that an interval can be made of."""

_SAID = re.compile(r"console info: distinct shaders: (\d+)$", re.MULTILINE)
"""As the session's log has what the page said."""


def first_inference(session: BrowserSession, net: str, *, quick: bool) -> Figures:
    """``ratio`` is our time over upstream's, with its 95 % interval; medians in ms."""
    of = f"{converted(net, 'ours').digest} {converted(net, 'upstream').digest}"

    def once(who: Who) -> float:
        timing = session.time(
            artifact_of(net, who),
            "webgl",
            reference(net).inputs,
            warmup=0,
            runs=0,
            deadline_seconds=DEADLINE_SECONDS,
        )
        return timing.first_inference_ms

    def run() -> Figures:
        samples: dict[Who, list[float]] = {"ours": [], "upstream": []}
        pairs = QUICK_PAIRS if quick else PAIRS
        for turn in range(pairs):
            order: tuple[Who, Who] = ("upstream", "ours") if turn % 2 else ("ours", "upstream")
            for who in order:
                samples[who].append(once(who))
        interval = ratio_interval(samples["upstream"], samples["ours"])
        return {
            "ratio": interval.ratio,
            "low": interval.low,
            "high": interval.high,
            "pairs": pairs,
            "ours_ms": median(samples["ours"]),
            "upstream_ms": median(samples["upstream"]),
            "samples": samples,
        }

    return measured("first", net, of=of, quick=quick, run=run)


def shaders(net: str, who: Who, log_folder: Path) -> Figures:
    """``shaders``: how many distinct fragment shaders one inference compiles on webgl."""
    conversion = converted(net, who)

    def run() -> Figures:
        log = log_folder / f"{conversion.digest}.log"
        counter = CustomScript(path=Path(__file__).parent / "page" / "shaders.js", name="shaders.js", ops=())
        with BrowserSession(log_file=log) as session:
            session.predict(
                artifact_of(net, who),
                "webgl",
                [reference(net).inputs],
                deadline_seconds=DEADLINE_SECONDS,
                scripts=[counter],
            )
        told = [int(count) for count in _SAID.findall(log.read_text())]
        return {"shaders": max(told)}

    return measured("shaders", net, who, of=conversion.digest, quick=False, run=run)
