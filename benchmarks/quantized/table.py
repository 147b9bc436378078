"""The tables of ``benchmarks/README.md``, made of the results, between markers. Nothing in there is written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from tfjsci.manifest.resolved import FLOAT

from ..tables import put_between, table
from ..trained.nets import NETS
from .ablation import CALIBRATED
from .claims import Claim, claims
from .results import last
from .variants import UPSTREAM, VARIANTS

BEGIN, END = "<!-- quantized: begin (python -m benchmarks.quantized) -->", "<!-- quantized: end -->"
_NONE = "–"
_FAILED = "✗"

Rows = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Figures by net and variant."""


def write_tables(readme: Path) -> None:
    """Put the tables between the markers. Raises ``ValueError`` when there are none."""
    put_between(BEGIN, END, tables(), readme)


def tables() -> str:
    """All of them, of the nets that were measured."""
    compared = {net: _known(found["rows"]) for net in NETS if (found := last(net, "comparison"))}
    plain = {net: found["rows"] for net in NETS if (found := last(net, "plain"))}
    ablated = {net: _of(CALIBRATED, found["rows"]) for net in NETS if (found := last(net, "ablation"))}
    parts: list[str] = []
    if compared:
        parts += [
            _claimed(claims(compared)),
            "### SQNR\n\nOf the outputs on what was held out, wasm, in dB; ✗ is an artifact that doesn't run.\n\n"
            f"{_by_net(compared, _sqnr, average=_mean_db)}",
            "### Top-1 agreement and accuracy\n\n"
            "The share of held-out samples whose best class is the original's / the right one; "
            f"of the autoencoder, the mean squared error against what went in.\n\n{_by_net(compared, _classes)}",
            f"### Bytes\n\n`model.json` and all shards in brotli, kB.\n\n{_by_net(compared, _kilobytes)}",
        ]
    if plain:
        parts.append(
            "### What ranges and rounding are worth\n\nWithout samples: SQNR in dB, simulated in TensorFlow with the weights "
            f"that the browser would have.\n\n{_by_net(plain, _sqnr, average=_mean_db)}"
        )
    if ablated:
        parts.append(
            f"### What each part of calibration is worth\n\nThe same.\n\n{_by_net(ablated, _sqnr, average=_mean_db)}"
        )
    return "\n\n".join(parts)


def _known(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The variants that there are now, in their order."""
    names = [f"ours, {name}" for name in (FLOAT, *VARIANTS)] + [f"upstream, {name}" for name in UPSTREAM]
    return {name: rows[name] for name in names if name in rows}


def _of(names: Iterable[str], rows: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rows[name] for name in names if name in rows}


def _claimed(found: Sequence[Claim]) -> str:
    rows = [
        [
            claim.name,
            f"{'≤' if claim.most else '≥'} {claim.limit:g}",
            _range([*claim.measured.values()]),
            "yes"
            if not claim.missed
            else f"**no**: {', '.join(f'{net} {value:.4g}' for net, value in claim.missed.items())}",
        ]
        for claim in found
        if claim.measured
    ]
    return f"### What is claimed\n\n{table(['claim', 'limit', 'measured', 'met'], rows)}"


def _range(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:.4g}" if len(values) == 1 else f"{low:.4g} to {high:.4g}, mean {mean(values):.4g}"


def _by_net(
    rows: Rows,
    cell: Callable[[Mapping[str, Any]], str],
    *,
    average: Callable[[list[Mapping[str, Any]]], str] | None = None,
) -> str:
    """A row for each variant, a column for each net, and their mean."""
    variants = dict.fromkeys(variant for of_net in rows.values() for variant in of_net)
    lines = []
    for variant in variants:
        there = [of_net.get(variant) for of_net in rows.values()]
        known = [each for each in there if each is not None and "failure" not in each]
        lines.append(
            [
                variant,
                *(_NONE if each is None else _FAILED if "failure" in each else cell(each) for each in there),
                *([average(known)] if average and len(known) == len(rows) else [_NONE] if average else []),
            ]
        )
    return table(["", *rows, *(["mean"] if average else [])], lines)


def _sqnr(figures: Mapping[str, Any]) -> str:
    return "exact" if figures["sqnr_db"] is None else f"{figures['sqnr_db']:.1f}"


def _mean_db(figures: list[Mapping[str, Any]]) -> str:
    measured = [each["sqnr_db"] for each in figures]
    return _NONE if None in measured else f"{mean(measured):.1f}"


def _classes(figures: Mapping[str, Any]) -> str:
    if "mse" in figures:
        return f"{figures['mse']:.5f}"
    return f"{figures['top1']:.3f} / {figures['accuracy']:.3f}"


def _kilobytes(figures: Mapping[str, Any]) -> str:
    return f"{figures['brotli_bytes'] / 1000:.1f}"
