"""Where the sweep reads its cases and keeps what it measured (below ``.benchmarks``, or ``TFJSCI_BENCHMARK_CACHE``)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("TFJSCI_BENCHMARK_CACHE", ROOT / ".benchmarks"))
COVERAGE = CACHE / "coverage"
RESULTS = COVERAGE / "results.jsonl"
DOCS = ROOT / "docs" / "coverage.md"

for folder in (ROOT / "script" / "survey", ROOT / "tests"):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
