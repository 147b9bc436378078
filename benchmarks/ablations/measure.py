"""All bases and ideas on one net, kept until the net or the converter changes."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..quantized import ours
from ..quantized.results import Results, kept
from ..trained.models import samples
from ..trained.nets import NETS
from .ideas import BASES, IDEAS
from .measured import Bench

WHAT = "ablations"
"""Under which the results are kept."""


def measure(net: str, told: Callable[[str], None] = lambda _: None) -> Results:
    """``rows``: figures by the name of the base or the idea, with the ``seconds`` that it took."""

    def run() -> Results:
        bench = Bench(net=NETS[net], samples=samples(net), converted=ours.converted(net))
        rows = {}
        for name, take in {**BASES, **{name: idea.measure for name, idea in IDEAS.items()}}.items():
            start = time.monotonic()
            rows[name] = {**take(bench), "seconds": time.monotonic() - start}
            told(f"{net}, {name}: {rows[name]}")
        return {"rows": rows}

    return kept(net, WHAT, run)
