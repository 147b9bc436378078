"""The numbers: fidelity by output, times by backend, sizes by variant. One table a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.compare.comparison import Comparison, OutputComparison
from tfjsci.compare.wilson import wilson_interval
from tfjsci.escape import code
from tfjsci.listed import plural
from tfjsci.report.advice import KINDS, tighter_budgets
from tfjsci.report.files import bars
from tfjsci.report.markup import step_text
from tfjsci.report.tables import NOTHING, VERDICT, Column, bare_ms, markdown_table, number
from tfjsci.report.variants import SEVERITY, Variant, place, ranked, variants, worst_sqnr
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.units import show_bytes
from tfjsci.verdict import PROBLEM, Judgement, Outcome, worst

_OPTIONAL = frozenset({"top1", "top5", "KL", "Accuracy", "Note"})
_WHERE_JUDGED = {"PSNR (dB)": "psnr_db", "Mismatch": "mismatch"}
"""Columns that are there only when something is held to a limit there: they say in another way what the others say."""
_LEAKED = "Leaked tensors"
_OUTPUT = "Output"
"""Columns that are there only when they say something."""

_FIDELITY_GATES = frozenset(gate for gate, kind in KINDS.items() if kind == "fidelity") | {PROBLEM}


@dataclass(frozen=True, kw_only=True)
class OutputRow:
    """One output of one comparison, and what was judged of it."""

    model: ModelResult
    comparison: Comparison
    output: OutputComparison

    @property
    def judged(self) -> list[Judgement]:
        """What was held against it."""
        where = (self.comparison.variant, self.comparison.environment.backend, self.output.output)
        return [
            each
            for each in self.model.judgements
            if each.gate in _FIDELITY_GATES
            and (each.variant, each.backend, each.output) == where
            and each.between_backends == (self.comparison.kind == "backends")
        ]

    @property
    def outcome(self) -> Outcome | None:
        """The worst that was found, or None: nothing was held against it."""
        judged = self.judged
        return worst(each.outcome for each in judged) if judged else None

    @property
    def rank(self) -> tuple[int, float]:
        """Worst first: by verdict, then by SQNR, where low is bad."""
        sqnr = self.output.sqnr_db
        return SEVERITY.index(self.outcome or "pass"), float("inf") if sqnr is None else sqnr

    @property
    def note(self) -> str:
        """What the numbers don't say."""
        output = self.output
        same = "no number on either side" if output.nothing_finite else "identical"
        told = [output.problem] if output.problem else [same] if output.exact else []
        told += [f"{count} {what}" for count, what in ((output.nan, "NaN"), (output.inf, "infinite")) if count]
        return ", ".join(told) or NOTHING


def fidelity(run: RunResult) -> list[str]:
    """Each output of each comparison, the worst first."""

    def table(model: ModelResult) -> list[str]:
        rows = output_rows(model)
        return markdown_table(fidelity_columns(rows), rows) if rows else []

    def only_output(model: ModelResult) -> str:
        outputs = {output.output for comparison in model.comparisons for output in comparison.outputs}
        output = f", output {code(outputs.pop())}" if len(outputs) == 1 else ""
        return output + rests_on(model)

    return _by_model(run, table, only_output)


def output_rows(model: ModelResult) -> list[OutputRow]:
    """A model's rows of the table of fidelity, the worst first."""
    rows = [
        OutputRow(model=model, comparison=comparison, output=output)
        for comparison in (*model.comparisons, *model.backend_pairs)
        for output in comparison.outputs
    ]
    return sorted(rows, key=lambda row: row.rank)


def fidelity_columns(rows: Sequence[OutputRow], *, every: bool = False) -> list[Column[OutputRow]]:
    """Those columns that say something about these rows; ``every``: also those that say it in another way."""
    outputs = {row.output.output for row in rows}
    judged = {each.gate for row in rows for each in row.judged}

    def tells(column: Column[OutputRow]) -> bool:
        if column.title == _OUTPUT:
            return len(outputs) > 1
        if column.title in _WHERE_JUDGED:
            return every or _WHERE_JUDGED[column.title] in judged
        return column.title not in _OPTIONAL or any(column.cell(row) != NOTHING for row in rows)

    own = dict.fromkeys(metric.name for row in rows for metric in row.output.metrics)
    *columns, note = FIDELITY
    return [each for each in (*columns, *map(_own_column, own), note) if tells(each)]


def rests_on(model: ModelResult) -> str:
    """How many samples the numbers rest on, after a comma: ``, 64 real samples in 2 calls``; nothing of older results."""
    return f", {model.basis}" if model.basis else ""


def timing_columns(model: ModelResult) -> list[Column[tuple[ModelResult, Benchmark]]]:
    """Those columns that say something about this model's times."""
    leaks = any(benchmark.leaked_tensors for benchmark in model.benchmarks)
    return [column for column in TIMINGS if leaks or column.title != _LEAKED]


def timings(run: RunResult) -> list[str]:
    """Load, first inference, warm-up and steady runs of each variant on each backend."""

    def table(model: ModelResult) -> list[str]:
        rows = [(model, benchmark) for benchmark in model.benchmarks]
        return markdown_table(timing_columns(model), rows) if rows else []

    def runs(model: ModelResult) -> str:
        first = model.benchmarks[0]
        return f", {plural(len(first.timing.warmup_ms), 'warm-up run')}, {plural(first.steady.runs, 'steady run')}"

    return _by_model(run, table, runs)


def sizes(run: RunResult) -> list[str]:
    """Bytes of model.json and all shards of each variant, and what it saves against float."""

    def table(model: ModelResult) -> list[str]:
        rows = [row for row in variants(model) if row.artifact]
        if not rows:
            return []
        drawn = bars(model)
        return [*markdown_table(SIZES, rows), *(["", "With brotli:", "", *drawn] if drawn else [])]

    return _by_model(run, table)


def tighter(run: RunResult) -> list[str]:
    """Budgets with so much room that they would let a model double."""
    return [f"- {step_text(step)}" for model in ranked(run) for step in tighter_budgets(model)]


def _by_model(
    run: RunResult, table: Callable[[ModelResult], list[str]], more: Callable[[ModelResult], str] = lambda _: ""
) -> list[str]:
    lines: list[str] = []
    for model in ranked(run):
        made = table(model)
        if made:
            lines += [f"**{code(model.name)}**{more(model)}", "", *made, ""]
    return lines[:-1]


def _verdict(outcome: Outcome | None) -> str:
    return VERDICT[outcome] if outcome else NOTHING


def _compared(row: OutputRow) -> str:
    if row.comparison.kind == "backends":
        return f"float on {row.comparison.against} → the same"
    return "TensorFlow → float" if row.comparison.kind == "conversion" else f"float → {row.comparison.variant}"


def _cosine(row: OutputRow) -> str:
    return NOTHING if row.output.cosine is None else f"{row.output.cosine:.6f}"


def _share(value: float | None, samples: int) -> str:
    """A share with its 95 % interval: of a few samples it says little."""
    if value is None:
        return NOTHING
    low, high = wilson_interval(value, samples)
    return f"{value:.3g} ({low:.3g}–{high:.3g})"


def _accuracy(row: OutputRow) -> str:
    output = row.output
    if output.accuracy is None or output.reference_accuracy is None:
        return NOTHING
    return f"{output.reference_accuracy:.3g} → {_share(output.accuracy, output.labels)}"


def _own_column(name: str) -> Column[OutputRow]:
    def cell(row: OutputRow) -> str:
        return number(next((each.value for each in row.output.metrics if each.name == name), None))

    return Column(title=name, cell=cell, align="right")


FIDELITY: list[Column[OutputRow]] = [
    Column(title="Verdict", cell=lambda row: _verdict(row.outcome), verdict=True),
    Column(title="Compared", cell=_compared),
    Column(title="Backend", cell=lambda row: row.comparison.environment.backend),
    Column(title=_OUTPUT, cell=lambda row: row.output.output, name=True),
    Column(title="SQNR (dB)", cell=lambda row: number(row.output.sqnr_db), align="right"),
    Column(title="Max abs", cell=lambda row: number(row.output.max_abs), align="right"),
    Column(title="Max rel", cell=lambda row: number(row.output.max_relative), align="right"),
    Column(title="RMSE", cell=lambda row: number(row.output.rmse), align="right"),
    Column(title="Cosine", cell=_cosine, align="right"),
    Column(title="PSNR (dB)", cell=lambda row: number(row.output.psnr_db), align="right"),
    Column(title="Mismatch", cell=lambda row: number(row.output.mismatch), align="right"),
    Column(title="KL", cell=lambda row: number(row.output.kl), align="right"),
    Column(title="top1", cell=lambda row: _share(row.output.top1, row.output.samples), align="right"),
    Column(title="top5", cell=lambda row: _share(row.output.top5, row.output.samples), align="right"),
    Column(title="Accuracy", cell=_accuracy, align="right"),
    Column(title="Note", cell=lambda row: row.note),
]


def _warmup(row: tuple[ModelResult, Benchmark]) -> str:
    runs = row[1].timing.warmup_ms
    if not runs:
        return NOTHING
    return bare_ms(runs[0]) if len(runs) == 1 else f"{bare_ms(runs[0])} → {bare_ms(runs[-1])}"


def _timed(row: tuple[ModelResult, Benchmark]) -> Outcome | None:
    model, benchmark = row
    where = (benchmark.variant, benchmark.timing.environment.backend)
    judged = [
        each.outcome
        for each in model.judgements
        if (each.variant, each.backend) == where and each.gate not in _FIDELITY_GATES
    ]
    return worst(judged) if judged else None


TIMINGS: list[Column[tuple[ModelResult, Benchmark]]] = [
    Column(title="Verdict", cell=lambda row: _verdict(_timed(row)), verdict=True),
    Column(title="Variant", cell=lambda row: row[1].variant, name=True),
    Column(title="Backend", cell=lambda row: place(row[1].timing.environment)),
    Column(title="Load (ms)", cell=lambda row: bare_ms(row[1].timing.load_ms), align="right"),
    Column(title="First (ms)", cell=lambda row: bare_ms(row[1].timing.first_inference_ms), align="right"),
    Column(title="Warm-up (ms)", cell=_warmup, align="right"),
    Column(
        title="Median ± MAD (ms)",
        cell=lambda row: f"{bare_ms(row[1].steady.median_ms)} ± {bare_ms(row[1].steady.mad_ms)}",
        align="right",
    ),
    Column(title="p90 (ms)", cell=lambda row: bare_ms(row[1].steady.p90_ms), align="right"),
    Column(title="Min (ms)", cell=lambda row: bare_ms(row[1].steady.min_ms), align="right"),
    Column(title="Memory", cell=lambda row: show_bytes(row[1].timing.memory_before.bytes), align="right"),
    Column(title=_LEAKED, cell=lambda row: str(row[1].leaked_tensors), align="right"),
]


def _download(field: str) -> Callable[[Variant], str]:
    return lambda row: show_bytes(getattr(row.artifact.download, field)) if row.artifact else NOTHING


def _saved(field: str) -> Callable[[Variant], str]:
    def cell(row: Variant) -> str:
        base = next((each for each in row.model.artifacts if each.variant == "float"), None)
        if row.artifact is None or base is None or base is row.artifact:
            return NOTHING
        whole = getattr(base.download, field)
        return f"{100 * (1 - getattr(row.artifact.download, field) / whole):.1f} %" if whole else NOTHING

    return cell


def _weights(row: Variant) -> str:
    weights = row.artifact.weights if row.artifact else ()
    return ", ".join(f"{each.count} × {each.dtype}" for each in weights) or NOTHING


SIZES: list[Column[Variant]] = [
    Column(title="Variant", cell=lambda row: row.name or NOTHING, name=True),
    Column(title="Raw", cell=_download("raw_bytes"), align="right"),
    Column(title="gzip", cell=_download("gzip_bytes"), align="right"),
    Column(title="brotli", cell=_download("brotli_bytes"), align="right"),
    Column(title="Saved, raw", cell=_saved("raw_bytes"), align="right"),
    Column(title="Saved, brotli", cell=_saved("brotli_bytes"), align="right"),
    Column(title="Worst SQNR", cell=worst_sqnr, align="right"),
    Column(title="Weights", cell=_weights),
    Column(
        title="Parameters", cell=lambda row: f"{row.artifact.parameters:,}" if row.artifact else NOTHING, align="right"
    ),
    Column(title="Nodes", cell=lambda row: str(row.artifact.nodes) if row.artifact else NOTHING, align="right"),
]
