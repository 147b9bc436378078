"""What ``quantize: auto`` found: the entry to paste, and the curve of size against error."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from tfjsci.escape import code, code_block, one_line
from tfjsci.listed import plural
from tfjsci.metrics import METRICS
from tfjsci.report import svg
from tfjsci.report.files import bar
from tfjsci.report.svg import Chart, percent
from tfjsci.report.variants import ranked
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.search.found import Point, SearchFound
from tfjsci.units import show_bytes

_MOST_POINTS = 12
_REACH = 2.5
"""Combinations of so many times the chosen one's bytes are left out: most are single weights, run to learn about them."""

_ENTRY_LIMIT = 60_000
_HEIGHT, _AXIS = 180, 18


def searched(run: RunResult) -> list[str]:
    """The markdown section: of each search the limits, the entry, and the best combinations by size."""
    lines: list[str] = []
    for model in ranked(run):
        for found in model.searches:
            lines += [f"**{code(model.name)}**, {code(found.variant)}: {told(found)}", ""]
            lines += ["To have the same without searching, paste this under `quantize:`", ""]
            lines += [code_block(found.entry, _ENTRY_LIMIT), ""]
            lines += ["Size with brotli against error, the best of each size:", "", *_bars(found), ""]
    return lines[:-1]


def told(found: SearchFound) -> str:
    """The search in a sentence or three, plain text."""
    limits = ", ".join(
        f"{METRICS[name].title} {_bound(name)} {METRICS[name].limit(value)}" for name, value in found.limits.items()
    )
    point = found.points[found.chosen]
    text = (
        f"asked for {limits}; about {show_bytes(point.brotli_bytes)} with brotli get {_value(found, point)} in TensorFlow "
        f"({found.evaluations} combinations run)."
    )
    if found.steps_back:
        text += f" The browser missed it with less: {plural(found.steps_back, 'step')} back."
    if found.stopped:
        text += f" The limit of {found.stopped} ended the search."
    if found.stopped == "minutes":
        text += " A faster machine may find something else."
    return text


def search_chart(found: SearchFound) -> Chart | None:
    """A dot for each combination that was run, smaller ones to the left, better ones up, the chosen one marked."""
    points = [each for each in _near(found) if each.value is not None]
    if len(points) < 2:
        return None
    values = [each.value for each in points if each.value is not None]
    limit = found.limits[found.metric]
    low, high = min(*values, limit), max(*values, limit)
    marks = svg.ticks(max(each.brotli_bytes for each in points) / 1000)
    elements = svg.grid(marks, bottom=_HEIGHT, unit="kB")
    at = _height(limit, low, high)
    elements += [
        svg.level(0, 100, at, "limit"),
        svg.text(f"limit {METRICS[found.metric].limit(limit)}", x=0, y=at - 4, classes="tick"),
    ]
    for point in points:
        elements.append(_dot(found, point, marks[-1], low, high))
    chosen = found.points[found.chosen]
    x = percent(chosen.brotli_bytes / 1000, marks[-1])
    label = f"{_value(found, chosen)}, {show_bytes(chosen.brotli_bytes)}"
    anchor, dx = ("end", -8) if x > 60 else ("start", 8)
    elements.append(
        svg.text(label, x=x, dx=dx, y=_height(chosen.value or limit, low, high) + 14, classes="name", anchor=anchor)
    )
    title = f"{one_line(found.variant, 20)}: size against {METRICS[found.metric].title}"
    description = f"Each dot is a combination of schemes, filled if it meets the limits. Chosen: {label}."
    return Chart(title=title, description=description, height=_HEIGHT + _AXIS, elements=tuple(elements))


def figures(model: ModelResult) -> list[Chart]:
    """The charts of a model's searches."""
    return [chart for found in model.searches if (chart := search_chart(found)) is not None]


def frontier(found: SearchFound) -> list[Point]:
    """The combinations than which no smaller one is better, the smallest first, a dozen of them and the chosen one."""
    floor = METRICS[found.metric].floor
    best: list[Point] = []
    for point in sorted(_near(found), key=lambda each: each.brotli_bytes):
        if point.value is not None and (not best or _better(point, best[-1], floor=floor)):
            best.append(point)
    chosen = found.points[found.chosen]
    step = max(1, -(-len(best) // _MOST_POINTS))
    return [point for n, point in enumerate(best) if n % step == 0 or point == chosen]


def _near(found: SearchFound) -> Sequence[Point]:
    most = _REACH * found.points[found.chosen].brotli_bytes
    return [each for each in found.points if each.brotli_bytes <= most]


def _better(point: Point, other: Point, *, floor: bool) -> bool:
    assert point.value is not None
    assert other.value is not None
    return point.value > other.value if floor else point.value < other.value


def _bars(found: SearchFound) -> list[str]:
    points = frontier(found)
    if not points:
        return ["No combination has a number."]
    sizes = [show_bytes(each.brotli_bytes) for each in points]
    values = [_value(found, each) for each in points]
    largest = max(each.brotli_bytes for each in points)
    chosen = found.points[found.chosen]
    lines = []
    for point, size, value in zip(points, sizes, values, strict=True):
        mark = "  chosen" if point == chosen else "" if point.met else "  missed"
        drawn = bar(point.brotli_bytes / largest)
        lines.append(f"{value:>{max(map(len, values))}} {size:>{max(map(len, sizes))}} {drawn}{mark}")
    return code_block("\n".join(lines), 4_000).splitlines()


def _value(found: SearchFound, point: Point) -> str:
    return "no difference" if point.value is None else METRICS[found.metric].show(point.value)


def _bound(name: str) -> str:
    return "of at least" if METRICS[name].floor else "of at most"


def _height(value: float, low: float, high: float) -> int:
    """Pixels from the top: the largest value is up, whichever way is better, with room for a label."""
    return 20 + round((_HEIGHT - 40) * (1 - (value - low) / (high - low))) if high > low else _HEIGHT // 2


def _dot(found: SearchFound, point: Point, whole: float, low: float, high: float) -> ET.Element:
    assert point.value is not None
    is_chosen = point == found.points[found.chosen]
    classes = "chosen" if is_chosen else "met" if point.met else "missed"
    place = {"cx": f"{percent(point.brotli_bytes / 1000, whole):.2f}%", "cy": str(_height(point.value, low, high))}
    return ET.Element("circle", {**place, "r": "5" if is_chosen else "3", "class": classes})
