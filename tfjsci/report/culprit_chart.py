"""The errors of a culprit as bars: how many elements are off by how much."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tfjsci.escape import one_line
from tfjsci.localize.localization import Localization
from tfjsci.report import svg
from tfjsci.report.culprit import error_rows, title_of
from tfjsci.report.svg import Chart, percent

_ROW = 20
_NAMES, _BARS = 32.0, 50.0
"""Percent of the width for the names, and for the longest bar; the numbers stand behind it."""


def error_chart(found: Localization) -> Chart | None:
    """None where there are no errors to show."""
    if found.errors is None:
        return None
    rows = error_rows(found.errors)
    most = max(1, *(count for _, count in rows))
    elements: list[ET.Element] = []
    for n, (name, count) in enumerate(rows):
        y, length = n * _ROW, _BARS / 100 * percent(count, most)
        kind = "pass" if name == "exact" else "fail"
        elements.append(svg.text(name, y=y + 12, classes="tick"))
        elements.append(svg.rect(_NAMES, length, y=y + 3, height=11, classes=f"bar {kind}"))
        elements.append(svg.text(str(count), x=_NAMES + length, dx=6, y=y + 12, classes="value"))
    told = "; ".join(f"{name}: {count}" for name, count in rows)
    return Chart(
        title=one_line(f"Errors of {found.op or 'the node'}, {title_of(found)}", 200),
        description=f"Elements by their error relative to the largest number. {told}.",
        height=len(rows) * _ROW,
        elements=tuple(elements),
    )
