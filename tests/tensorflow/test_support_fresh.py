"""What ``tfjsci ops`` and docs/ops.md say of each example is what a conversion makes of it today."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tfjsci.rewrite.support import SUPPORT_FILE

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "script"))
sys.path.insert(0, str(ROOT / "tests" / "browser"))

import make_support  # noqa: E402


def test_each_example_fares_as_the_file_says() -> None:
    recorded = json.loads(SUPPORT_FILE.read_text(encoding="utf-8"))
    assert json.loads(make_support.support()) == recorded, (
        "run script/make_support.py and script/make_catalog.py --docs"
    )
