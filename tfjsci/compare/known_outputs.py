"""The outputs that the manifest speaks of must be the model's: a limit on another one would never be missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tfjsci.errors import UnknownOutput
from tfjsci.manifest.resolved import CompareSpec
from tfjsci.nearest import did_you_mean


def require_known_outputs(compare: CompareSpec, names: Sequence[str]) -> None:
    """Raises ``UnknownOutput`` with every output that ``compare`` names and that isn't among the model's ``names``."""
    unknown = list(dict.fromkeys((where, name) for where, name in _named(compare) if name not in names))
    if unknown:
        told = "; ".join(f"{where} is about {name!r}{_meant(name, names)}" for where, name in unknown)
        raise UnknownOutput(
            f"the manifest speaks of outputs that the model hasn't: {told}",
            hint=f"Its outputs are {', '.join(map(repr, names))}.",
        )


def _meant(name: str, names: Sequence[str]) -> str:
    """``did_you_mean`` within a sentence."""
    asked = did_you_mean(name, names).strip()
    return f" ({asked[0].lower()}{asked[1:]})" if asked else ""


def _named(compare: CompareSpec) -> Iterator[tuple[str, str]]:
    for name in compare.conversion.outputs:
        yield "compare.conversion.outputs", name
    for variant, thresholds in compare.quantized.items():
        for name in thresholds.outputs:
            yield f"compare.quantized of {variant}", name
    if compare.backends is not None:
        for name in compare.backends.outputs:
            yield "compare.backends.outputs", name
    for metric in compare.metrics:
        if metric.output is not None:
            yield f"compare.metric.{metric.name}", metric.output
