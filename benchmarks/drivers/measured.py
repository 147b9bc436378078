"""What both drivers share: time and peak memory of one call, after the imports."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path


def _kilobytes(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise LookupError(field)


def measure(call: Callable[[], object]) -> None:
    """Print seconds, and the peak of resident memory above what the imports hold (MB), as one line of JSON."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _kilobytes("VmRSS:")
    start = time.perf_counter()
    call()
    seconds = time.perf_counter() - start
    peak = _kilobytes("VmHWM:")
    print("\n" + json.dumps({"seconds": seconds, "peak_mb": (peak - before) / 1000, "imports_mb": before / 1000}))
