"""``python -m benchmarks.zoo.kernels NET BACKEND [upstream|"without rules"]``: both artifacts' time, kernel by kernel.

Finds what is slower and why. Every kernel is waited for on webgl, so that the sum is more than an inference takes.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import cast

from tfjsci.browser.protocol import CustomScript
from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import Backend

from .converting import Who, converted
from .models import reference
from .places import ZOO, artifact_of

RUNS = 5
_SAID = "console debug: kernel {"
"""As the session's log has what the page said."""


def kernels(net: str, who: Who, backend: Backend) -> dict[str, tuple[int, float]]:
    """Kernel and shapes -> how often in one inference, and milliseconds in all (the fastest runs)."""
    converted(net, who)
    log = ZOO / "logs" / "kernels.log"
    log.unlink(missing_ok=True)
    timer = CustomScript(path=Path(__file__).parent / "page" / "kernels.js", name="kernels.js", ops=())
    with BrowserSession(log_file=log) as session:
        session.predict(
            artifact_of(net, who),
            backend,
            [reference(net).inputs] * (RUNS + 2),
            deadline_seconds=900,
            scripts=[timer],
        )
    said = [line.partition(_SAID)[2] for line in log.read_text().splitlines() if _SAID in line]
    calls = [json.loads("{" + each) for each in said]
    calls = [call for call in calls if call["depth"] == 0]
    per_run = len(calls) // (RUNS + 2)
    calls = calls[2 * per_run :]
    found: dict[str, list[float]] = defaultdict(list)
    for position in range(per_run):
        same = calls[position::per_run]
        what = f"{same[0]['name']} {' '.join(same[0]['shapes'])} -> {' '.join(same[0]['made'])}"
        found[what].append(min(call["milliseconds"] for call in same))
    return {what: (len(times), sum(times)) for what, times in found.items()}


def main(net: str, backend: Backend, against: Who) -> None:
    """Print the two, the largest difference first."""
    ours, theirs = (kernels(net, who, backend) for who in ("ours", against))
    nothing = (0, 0.0)
    every = sorted(
        ours.keys() | theirs.keys(), key=lambda what: theirs.get(what, nothing)[1] - ours.get(what, nothing)[1]
    )
    for name in sorted({what.split()[0] for what in every}):
        sums = [sum(ms for what, (_, ms) in side.items() if what.split()[0] == name) for side in (ours, theirs)]
        counts = [sum(n for what, (n, _) in side.items() if what.split()[0] == name) for side in (ours, theirs)]
        print(f"{name:28} ours {counts[0]:4} × {sums[0]:8.2f} ms   {against} {counts[1]:4} × {sums[1]:8.2f} ms")
    print(
        f"all: ours {sum(ms for _, ms in ours.values()):.1f} ms, {against} {sum(ms for _, ms in theirs.values()):.1f} ms"
    )
    for what in (*every[:20], *every[-12:]):
        (n, ms), (m, their_ms) = ours.get(what, nothing), theirs.get(what, nothing)
        print(f"{ms - their_ms:+8.2f}  ours {n} × {ms:.2f}  {against} {m} × {their_ms:.2f}  {what}")


if __name__ == "__main__":
    main(sys.argv[1], cast(Backend, sys.argv[2]), cast(Who, sys.argv[3] if len(sys.argv) > 3 else "upstream"))
