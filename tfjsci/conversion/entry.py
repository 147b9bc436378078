"""How a variant is quantised, given in Python as an entry of a manifest's ``quantize``: a scheme with its options, or several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tfjsci.artifact.quantize import Quantizations, quantization_of
from tfjsci.errors import UsageError
from tfjsci.escape import one_line

KINDS = frozenset({"scheme", "mixed"})
"""What tells such an entry from patterns by scheme."""


def is_entry(quantize: Mapping[str, Any]) -> bool:
    """Whether it is an entry, and not patterns by scheme."""
    return not KINDS.isdisjoint(quantize)


def quantizations_of_entry(entry: Mapping[str, Any]) -> Quantizations:
    """As in a manifest, with the same checks; a ``name`` says nothing here. Raises ``UsageError`` for all that is wrong."""
    from pydantic import ValidationError  # late: reading manifests takes pydantic

    from tfjsci.manifest.quantize_types import Quantize
    from tfjsci.manifest.resolve import quantize_spec_of

    try:
        item = Quantize.model_validate(dict(entry))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    else:
        wrong = list(_mistakes(entry))
    if wrong:
        raise UsageError(
            f"quantize can't be so: {one_line('; '.join(wrong), 600)}",
            hint="It is an entry of a manifest's quantize: docs/manifest.md has its keys.",
        )
    return quantization_of(quantize_spec_of(item))


def _mistakes(entry: Mapping[str, Any]) -> Iterator[str]:
    """What the types can't say."""
    from tfjsci.manifest.quantize_checks import OPTIONS, mistakes_of

    if entry.keys() >= KINDS:
        yield "scheme and mixed: one of the two belongs here"
    for key, instead in (("auto", "auto"), ("calibrate", "calibrate")):
        if key in entry:
            yield f"{key}: here it is an argument of its own, {instead}="
    if "mixed" in entry:
        yield from (
            f"{key}: it belongs to one scheme, and each part has its own"
            for key in (*OPTIONS, "include", "exclude")
            if key in entry and key != "calibrate"
        )
    for where, part in (("", entry), *((f"mixed.{n}.", part) for n, part in enumerate(entry.get("mixed") or ()))):
        if "scheme" in part:
            yield from (f"{where}{option}: {message}" for option, message in mistakes_of(part["scheme"], part))
