"""SVG that is part of a page: a tree of elements, never text put together, so nothing in a name can become markup.

Horizontal positions are percentages and there is no viewBox: a chart is as wide as its place, and its text keeps its
size, so that it can be read on a phone. Colours are classes that the page's style sheet fills in, light and dark.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_STEPS = 5
_LARGEST = 1e300
"""What stands in a stranger's file may be anything; beyond this the arithmetic would overflow."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """``description`` tells a listener what is drawn; ``height`` is in pixels."""

    title: str
    description: str
    height: int
    elements: tuple[ET.Element, ...]

    def svg(self, chart_id: str) -> str:
        """The ``svg`` element. ``chart_id`` is unique in its page, and not from outside."""
        root = ET.Element("svg", {"width": "100%", "height": str(self.height), "role": "img"})
        root.set("aria-labelledby", f"{chart_id}-title")
        root.set("aria-describedby", f"{chart_id}-description")
        ET.SubElement(root, "title", {"id": f"{chart_id}-title"}).text = self.title
        ET.SubElement(root, "desc", {"id": f"{chart_id}-description"}).text = self.description
        root.extend(self.elements)
        return ET.tostring(root, encoding="unicode")


def percent(value: float, whole: float) -> float:
    """Where ``value`` is between zero (0) and ``whole`` (100); what is beyond them is at the edge."""
    return min(100.0, max(0.0, 100 * value / whole))


def ticks(largest: float) -> list[float]:
    """From zero up to or past ``largest`` in at most five round steps."""
    reach = min(max(largest, 1e-9), _LARGEST)
    rough = reach / _MOST_STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    # A hair of room, for what a division made a little larger than the round number that it is.
    step = next((factor * power for factor in (1, 2, 2.5, 5) if factor * power >= rough * (1 - 1e-9)), 10 * power)
    return [n * step for n in range(math.ceil(reach / step - 1e-9) + 1)]


def grid(marks: Sequence[float], *, bottom: int, unit: str) -> list[ET.Element]:
    """A line and a number for each of ``marks``, down to ``bottom``, where the numbers stand (in 18 pixels)."""
    drawn = []
    for n, mark in enumerate(marks):
        at, last = percent(mark, marks[-1]), n == len(marks) - 1
        drawn.append(upright(at, 0, bottom, "grid"))
        anchor = "start" if n == 0 else "end" if last else "middle"
        label = f"{mark:g} {unit}" if last else f"{mark:g}"
        drawn.append(text(label, x=at, y=bottom + 13, classes="tick", anchor=anchor))
    return drawn


def limit(at: float, y: int, height: int) -> ET.Element:
    """Where a limit is, across a bar at ``y``; the halo keeps it apart from the bar's own colour."""
    both = ET.Element("g")
    both.extend(upright(at, y - 3, y + height + 3, classes) for classes in ("halo", "limit"))
    return both


def upright(at: float, top: int, bottom: int, classes: str) -> ET.Element:
    """A vertical line."""
    x = f"{at:.2f}%"
    return ET.Element("line", {"x1": x, "x2": x, "y1": str(top), "y2": str(bottom), "class": classes})


def level(start: float, end: float, y: int, classes: str) -> ET.Element:
    """A horizontal line."""
    ends = {"x1": f"{start:.2f}%", "x2": f"{end:.2f}%", "y1": str(y), "y2": str(y)}
    return ET.Element("line", {**ends, "class": classes})


def rect(x: float, width: float, *, y: int, height: int, classes: str) -> ET.Element:
    """A bar or a box."""
    size = {"x": f"{x:.2f}%", "width": f"{width:.2f}%", "y": str(y), "height": str(height)}
    return ET.Element("rect", {**size, "class": classes})


def dot(x: float, y: int) -> ET.Element:
    """A sample."""
    return ET.Element("circle", {"cx": f"{x:.2f}%", "cy": str(y), "r": "2", "class": "dot"})


def text(content: str, *, x: float = 0, y: int, classes: str, dx: int = 0, anchor: str = "start") -> ET.Element:
    """Words whose base line is at ``y``; ``dx`` pixels beside ``x``."""
    element = ET.Element("text", {"x": f"{x:.2f}%", "y": str(y), "class": classes})
    if dx:
        element.set("dx", str(dx))
    if anchor != "start":
        element.set("text-anchor", anchor)
    element.text = content
    return element
