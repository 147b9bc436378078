"""Size against error of the trained models as a picture for the docs: what a search finds, and upstream's schemes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..quantized.results import last
from ..trained.nets import NETS
from .upstreams import THEIR_CODES, THEIRS

WIDTH, HEIGHT, COLUMNS = 300, 230, 3
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 14, 26, 34
_HIGHEST_DB = 90.0
_STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#57606a}.title{font-weight:600;font-size:12px}"
    ".grid{stroke:#8c959f;stroke-opacity:.35}.found{fill:none;stroke:#2a7ab8;stroke-width:2}"
    ".dot{fill:#2a7ab8}.other{fill:none;stroke:#b35900;stroke-width:1.5}"
)


def write_picture(path: Path) -> None:
    """A panel for each net that was measured: blue what was searched for, at 15 to 50 dB; circles what upstream makes."""
    found = [(net, results) for net in NETS if (results := last(net, "searched")) and results.get("curve")]
    columns = max(1, min(COLUMNS, len(found)))
    rows = -(-len(found) // columns)
    svg = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH * columns} {HEIGHT * rows}",
            "width": f"{WIDTH * columns}",
            "role": "img",
            "aria-label": "Bytes with brotli against SQNR of each trained model, searched for and upstream's",
        },
    )
    ET.SubElement(svg, "style").text = _STYLE
    for n, (net, results) in enumerate(found):
        place = f"translate({n % columns * WIDTH} {n // columns * HEIGHT})"
        svg.append(_panel(net, results["curve"], results["rows"], place))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ET.tostring(svg, encoding="unicode") + "\n", encoding="utf-8")


def _panel(net: str, curve: Sequence[Sequence[float]], rows: Mapping[str, Any], place: str) -> ET.Element:
    others = {
        name.removeprefix(THEIRS).removeprefix(THEIR_CODES): row
        for name, row in rows.items()
        if name.startswith((THEIRS, THEIR_CODES)) and row.get("sqnr_db") is not None
    }
    widest = max(row["brotli_bytes"] for row in others.values()) * 1.12

    def x(count: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * count / widest

    def y(decibel: float) -> float:
        return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - min(decibel, _HIGHEST_DB) / _HIGHEST_DB)

    panel = ET.Element("g", {"transform": place})
    _text(panel, net, _LEFT, 14, classes="title")
    for decibel in (0, 30, 60, 90):
        ends = {"x1": f"{_LEFT}", "x2": f"{WIDTH - _RIGHT}", "y1": f"{y(decibel):.1f}", "y2": f"{y(decibel):.1f}"}
        ET.SubElement(panel, "line", {**ends, "class": "grid"})
        _text(panel, f"{decibel}", _LEFT - 5, y(decibel) + 4, anchor="end")
    _text(panel, "dB", _LEFT - 5, y(90) - 8, anchor="end")
    for share in (0, 0.5, 1):
        anchor = "middle" if share else "start"
        _text(
            panel,
            f"{share * widest / 1000:.0f} kB",
            x(share * widest),
            HEIGHT - 16,
            anchor="end" if share == 1 else anchor,
        )
    points = " ".join(f"{x(count):.1f},{y(decibel):.1f}" for count, decibel in curve)
    ET.SubElement(panel, "polyline", {"points": points, "class": "found"})
    for count, decibel in curve:
        ET.SubElement(panel, "circle", {"cx": f"{x(count):.1f}", "cy": f"{y(decibel):.1f}", "r": "2.5", "class": "dot"})
    for name, row in others.items():
        at = x(row["brotli_bytes"]), y(row["sqnr_db"])
        ET.SubElement(panel, "circle", {"cx": f"{at[0]:.1f}", "cy": f"{at[1]:.1f}", "r": "4", "class": "other"})
        _text(panel, name, at[0], at[1] + 16, anchor="middle")
    return panel


def _text(panel: ET.Element, content: str, x: float, y: float, *, anchor: str = "start", classes: str = "") -> None:
    element = ET.SubElement(panel, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor})
    if classes:
        element.set("class", classes)
    element.text = content
