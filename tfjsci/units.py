"""Numbers with units, read and written: ``2 MB``, ``4 MiB``, ``120 s``, ``35 ms``."""

from __future__ import annotations

import re

_BYTES = {
    "b": 1,
    "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000,
    "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30,
}  # fmt: skip
_SECONDS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}
_QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([A-Za-z]*)\s*")


def parse_bytes(text: str | float) -> int:
    """``"2 MB"`` -> 2000000; ``"4 MiB"`` -> 4194304; a bare number is bytes.

    Raises ``ValueError`` saying what is expected.
    """
    number, unit = _quantity(text)
    factor = _BYTES.get(unit.lower() or "b")
    if factor is None:
        raise ValueError(f"{text!r} is not a size: write bytes, or a number with B, kB, MB, GB, KiB, MiB or GiB")
    return round(number * factor)


def parse_seconds(text: str | float) -> float:
    """``"2 min"`` -> 120.0; ``"500 ms"`` -> 0.5; a bare number is seconds.

    Raises ``ValueError`` saying what is expected.
    """
    number, unit = _quantity(text)
    factor = _SECONDS.get(unit.lower() or "s")
    if factor is None:
        raise ValueError(f"{text!r} is not a duration: write seconds, or a number with ms, s, min or h")
    return number * factor


def parse_milliseconds(text: str | float) -> float:
    """``"4 s"`` -> 4000.0; a bare number is milliseconds.

    Raises ``ValueError`` saying what is expected.
    """
    number, unit = _quantity(text)
    return parse_seconds(f"{number} {unit or 'ms'}") * 1000


def show_bytes(count: float) -> str:
    """1234567 -> ``1.23 MB`` (decimal units, three significant digits)."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 999.5 or unit == "GB":
            return f"{count:.0f} B" if unit == "B" else f"{_three(count)} {unit}"
        count /= 1000
    raise AssertionError("unreachable")


def show_ms(milliseconds: float) -> str:
    """12.3456 -> ``12.3 ms``; 4321.0 -> ``4.32 s`` (three significant digits)."""
    return f"{_three(milliseconds)} ms" if abs(milliseconds) < 999.5 else show_seconds(milliseconds / 1000)


def show_seconds(seconds: float) -> str:
    """4.321 -> ``4.32 s``; 135 -> ``2 min 15 s``."""
    if seconds < 99.95:
        return f"{_three(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def _three(number: float) -> str:
    digits = 2 if abs(number) < 9.995 else 1 if abs(number) < 99.95 else 0
    return f"{number:.{digits}f}"


def _quantity(text: str | float) -> tuple[float, str]:
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise ValueError(f"{text!r} is not a number with a unit")
    found = _QUANTITY.fullmatch(str(text))
    if not found:
        raise ValueError(f"{text!r} is not a number with a unit")
    return float(found[1]), found[2]
