"""The tables of ``benchmarks/README.md``, made of the results, between markers. Nothing in there is written by hand."""

from __future__ import annotations

from pathlib import Path

from tfjsci.dtypes import BACKENDS

from ..tables import put_between, table
from .converting import ALONE, said_by_converter
from .growth import SIZES
from .nets import NETS
from .results import Figures, known
from .steady import TIMED
from .summary import geometric_mean

BEGIN, END = "<!-- zoo: begin (python -m benchmarks.zoo) -->", "<!-- zoo: end -->"
_NONE = "–"
_FAILED = "✗"


def write_tables(readme: Path) -> None:
    """Put the tables between the markers. Raises ``ValueError`` when there are none."""
    put_between(BEGIN, END, tables(), readme)


def tables() -> str:
    """All of them."""
    parts = (_rightness(), *(_steady(backend) for backend in TIMED), _without_rules(), _first(), _sizes(), _growth())
    return "\n\n".join(part for part in parts if part)


# ---- right or not


def _rightness() -> str:
    messages: dict[str, list[str]] = {}

    def cell(net: str, who: str, backend: str) -> str:
        if refused := said_by_converter(net, who):
            return _said(refused, f"{net}, {who}", messages)
        figures = known("rightness", net, who, backend)
        if figures is None:
            return _NONE
        if failure := figures.get("failure"):
            return _said(failure, f"{net}, {who} on {backend}", messages)
        return "exact" if figures["sqnr_db"] is None else f"{figures['sqnr_db']:.0f}"

    rows = [
        [net, spec.size, *(cell(net, who, backend) for who in ("ours", "upstream") for backend in BACKENDS)]
        for net, spec in NETS.items()
    ]
    head = ["net", "input", *(f"{who}, {backend}" for who in ("ours", "upstream") for backend in BACKENDS)]
    return (
        "### Right or not\n\nSQNR of the logits against TensorFlow, in dB, one input; "
        f"{_FAILED} is an artifact that there isn't or that doesn't run.\n\n{table(head, rows)}{_listed(messages)}"
    )


def _said(message: str, where: str, messages: dict[str, list[str]]) -> str:
    places = messages.setdefault(message, [])
    if where not in places:
        places.append(where)
    return _FAILED


def _listed(messages: dict[str, list[str]]) -> str:
    if not messages:
        return ""
    told = [f"- {'; '.join(where)}: `{message.replace('`', chr(39))}`" for message, where in messages.items()]
    return "\n\nWhat was said instead:\n\n" + "\n".join(told)


# ---- times


def _steady(backend: str) -> str:
    rows = _timed_rows("steady", ("upstream", backend), ("theirs_ms", "ours_ms"), "speedup")
    if not rows:
        return ""
    head = ["net", "upstream", "ours", "times as fast", "95 % interval", "pairs of runs"]
    return (
        f"### Steady inference on {backend}\n\nThe nets that upstream's artifact runs there, both in one page, taking turns; "
        f"milliseconds are medians.{_hurried('steady', 'upstream', backend)}\n\n{table(head, rows)}"
    )


def _without_rules() -> str:
    rows = [
        [", ".join((row[0], backend, *who)), *row[1:]]
        for backend in TIMED
        for who in ((), (ALONE[backend],))
        for row in _timed_rows(
            "steady", ("without rules", backend, *who), ("theirs_ms", "ours_ms"), "speedup", mean=False
        )
    ]
    if not rows:
        return ""
    head = ["net, backend", "all rules left out", "ours", "times as fast", "95 % interval", "pairs of runs"]
    return (
        "### With and without the rewriting rules\n\nOurs against ours with all rules left out (the lowerings stay): for all "
        "four backends, and for that backend alone, where more rules apply."
        f"\n\n{table(head, rows)}"
    )


def _first() -> str:
    rows = _timed_rows("first", (), ("upstream_ms", "ours_ms"), "ratio")
    if not rows:
        return ""
    for row in rows:
        counts = [known("shaders", row[0], who) for who in ("upstream", "ours")]
        row += [_number(each, "shaders", "{}") for each in counts]
    head = [
        "net",
        "upstream",
        "ours",
        "ours / upstream",
        "95 % interval",
        "pairs",
        "shaders, upstream",
        "shaders, ours",
    ]
    return (
        "### First inference on webgl\n\nIn a fresh browser each time, which has no shader cache, the order alternating; "
        f"milliseconds are medians.{_hurried('first')}\n\n{table(head, rows)}"
    )


def _timed_rows(
    measure: str, what: tuple[str, ...], times: tuple[str, str], ratio: str, *, mean: bool = True
) -> list[list[str]]:
    found = {net: figures for net in NETS if (figures := known(measure, net, *what))}
    rows = [
        [
            net,
            *(f"{_three(figures[key])} ms" for key in times),
            f"{figures[ratio]:.3f}",
            f"{figures['low']:.3f} to {figures['high']:.3f}",
            str(figures["pairs"]),
        ]
        for net, figures in found.items()
    ]
    if rows and mean:
        mean_of = geometric_mean(found.values(), ratio)
        name, interval = f"**geometric mean of {len(rows)}**", f"{mean_of.low:.3f} to {mean_of.high:.3f}"
        rows.append([name, "", "", f"**{mean_of.middle:.3f}**", interval, ""])
    return rows


def _hurried(measure: str, *what: str) -> str:
    found = [figures for net in NETS if (figures := known(measure, net, *what))]
    return " **From a quick run, on a busy machine: for a look only.**" if any(each["quick"] for each in found) else ""


# ---- nodes, bytes, conversion


def _sizes() -> str:
    rows = []
    for net in NETS:
        ours, upstream = (
            None if said_by_converter(net, who) else known("sizes", net, who) for who in ("ours", "upstream")
        )
        conversion = known("conversion", net)
        rows.append(
            [
                net,
                _number(upstream, "nodes", "{}"),
                _number(ours, "nodes", "{}"),
                _megabytes(upstream),
                _megabytes(ours),
                _number(conversion, "upstream_s", "{:.1f} s"),
                _number(conversion, "ours_s", "{:.1f} s"),
            ]
        )
    head = ["net", "nodes, upstream", "ours", "download, upstream", "ours", "conversion, upstream", "ours"]
    return (
        "### Nodes, download, conversion\n\nNodes other than constants and inputs; the download as brotli sends it; conversion "
        f"after the imports, medians of processes that took turns.\n\n{table(head, rows)}"
    )


def _growth() -> str:
    found = [figures for nodes in SIZES if (figures := known("growth", str(nodes)))]
    if not found:
        return ""
    rows = [
        [
            f"{figures['nodes_before']} nodes ({figures['all_nodes_before']} with constants)",
            str(figures["nodes_after"]),
            f"{figures['seconds']:.1f} s",
            f"{1000 * figures['seconds'] / figures['nodes_before']:.2f} ms",
        ]
        for figures in found
    ]
    return (
        "### Rewriting as a graph grows\n\nA chain of convolutional and transformer blocks, all stages."
        f"\n\n{table(['before', 'nodes after', 'time', 'a node'], rows)}"
    )


def _number(figures: Figures | None, key: str, form: str) -> str:
    return _NONE if figures is None or figures.get(key) is None else form.format(figures[key])


def _megabytes(figures: Figures | None) -> str:
    return _NONE if figures is None else f"{figures['brotli_bytes'] / 1e6:.2f} MB"


def _three(number: float) -> str:
    """Three digits, without an exponent."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"
