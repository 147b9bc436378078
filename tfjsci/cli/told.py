"""What ``tfjsci convert`` says of a conversion: what was done, what came of it, and whether it was run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tfjsci.conversion.conversion import Conversion
from tfjsci.escape import one_line
from tfjsci.listed import listed, plural
from tfjsci.units import show_bytes

_MOST_RULES = 12
"""Rules that are named in the text; --json has all."""

_RUN_BY_TENSORFLOW_JS = frozenset({"graph", "layers"})


def as_lines(conversion: Conversion) -> Iterator[str]:
    """For people; the last line is what was written, and whether it is verified."""
    source = f"{one_line(conversion.source)} ({one_line(conversion.input_format)})"
    if conversion.nodes is not None:
        if conversion.nodes_before is None:
            yield f"{source}: {conversion.nodes} nodes, not rewritten"
        else:
            yield f"{source}: {conversion.nodes_before} nodes before rewriting, {conversion.nodes} after"
        if conversion.rules:
            yield f"  rules: {_counted(conversion.rules)}"
        if conversion.lowerings:
            yield f"  lowered: {_counted(conversion.lowerings)}"
    elif conversion.layers is not None:
        yield f"{source}: {conversion.layers} layers"
    if conversion.weights:
        weights = ", ".join(
            f"{each.count} {each.dtype} ({show_bytes(each.stored_bytes)})" for each in conversion.weights
        )
        yield f"  weights: {weights}; {conversion.parameters} parameters"
    if conversion.quantize_entry is not None:
        yield "  quantize:  # what was chosen, for a manifest"
        yield from (f"    {one_line(line, 1000)}" for line in conversion.quantize_entry.splitlines())
    for run in conversion.runs:
        told = "exact" if run.exact else f"{run.sqnr_db:.1f} dB" if run.sqnr_db is not None else "zero, as the original"
        yield f"  {run.backend}: {one_line(run.output)}: {told}"
    yield summary(conversion)


def summary(conversion: Conversion) -> str:
    """One line: where it is, what it is, how large, and whether it was run."""
    place = conversion.path / "model.json" if "model.json" in conversion.files else conversion.path
    if conversion.output_format not in _RUN_BY_TENSORFLOW_JS:
        return (
            f"{place}: {one_line(conversion.output_format)}, {show_bytes(conversion.size_bytes)} in all, not verified"
        )
    kind = "layers model, " if conversion.output_format == "layers" else ""
    shards = sum(name.endswith(".bin") for name in conversion.files)
    backends = ", ".join(dict.fromkeys(run.backend for run in conversion.runs))
    verified = f"verified on {backends}" if conversion.verified else "not verified"
    return f"{place}: {kind}{plural(shards, 'shard')}, {show_bytes(conversion.size_bytes)} in all, {verified}"


def _counted(counts: Mapping[str, int]) -> str:
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return listed((f"{one_line(name)} × {count}" for name, count in most), _MOST_RULES)
