"""How weights and schemes are called in a manifest and in a report."""

from __future__ import annotations

import re

from tfjsci.quantize.scheme import Scheme


def pattern(name: str) -> str:
    """The name with what patterns take for more than itself in brackets: ``w[0]`` is ``w[[]0]``.

    Control characters, which a manifest can't have, are any one character.
    """
    return re.sub(r"[\x00-\x1f\x7f]", "?", re.sub(r"[*?[]", lambda found: f"[{found[0]}]", name))


def label(scheme: Scheme | None) -> str:
    """``float32`` (None), ``uint8``, ``uint8 in 32 levels``, ``int4 in groups of 64``."""
    if scheme is None:
        return "float32"
    groups = f" in groups of {scheme.group}" if scheme.group else ""
    levels = f" in {scheme.levels} levels" if scheme.levels else ""
    return f"{scheme.name}{groups}{levels}"
