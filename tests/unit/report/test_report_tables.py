"""Padding, digits and the rows of the overview."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.report import fixtures

from tfjsci.report.tables import Column, bare_ms, markdown_table, milliseconds, number, width
from tfjsci.report.variants import backends, overview, ranked, variants


def test_a_table_reads_well_unrendered() -> None:
    columns = [
        Column[tuple[str, str]](title="Name", cell=lambda row: row[0], name=True),
        Column[tuple[str, str]](title="ms", cell=lambda row: row[1], align="right"),
    ]
    assert markdown_table(columns, [("model", "1.23"), ("✅⚠️", "45"), ("–", "–")]) == [
        "| Name    |   ms |",
        "| ------- | ---: |",
        "| `model` | 1.23 |",
        "| `✅⚠️`  |   45 |",
        "| –       |    – |",
    ]


def test_a_name_with_a_pipe_stays_in_its_cell() -> None:
    lines = markdown_table([Column[str](title="Name", cell=lambda row: row, name=True)], ["a|b"])
    assert lines[-1] == "| <code>a&#124;b</code> |"


def test_one_long_cell_does_not_make_all_lines_long() -> None:
    lines = markdown_table([Column[str](title="Name", cell=lambda row: row)], ["x" * 100, "y"])
    assert [len(line) for line in lines] == [52, 52, 104, 52]


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("✅", 2), ("⚠️", 2), ("模型", 4), ("e\u0301", 1)])
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.01234, "0.0123"),
        (0.0, "0"),
        (1.234, "1.23"),
        (9.999, "10.0"),
        (61.23, "61.2"),
        (999.6, "1000"),
        (5123.0, "5120"),
    ],
)
def test_three_significant_digits_without_a_unit(value: float, shown: str) -> None:
    assert bare_ms(value) == shown


def test_numbers_and_times() -> None:
    assert [number(None), number(1.23456e-7), number(12.345)] == ["–", "1.23e-07", "12.3"]
    assert [milliseconds(None), milliseconds(0.0247), milliseconds(61.23)] == ["–", "0.0247 ms", "61.2 ms"]


def test_what_could_not_be_done_comes_first_and_passes_last() -> None:
    assert [model.name for model in ranked(fixtures.mixed())] == ["detector", "mobilenet", "speech", "digits"]


def test_a_pass_of_nothing_is_not_a_pass() -> None:
    run = fixtures.no_browser()
    verdict = overview(run)[0]
    assert [verdict.cell(row) for row in variants(run.models[0])] == ["not judged"] * 3
    assert [verdict.cell(row) for row in variants(fixtures.digits())] == ["✅ pass"] * 3


def test_a_software_backend_says_so_in_its_title_or_beside_each_time() -> None:
    run = fixtures.all_pass()
    assert [column.title for column in overview(run)][-2:] == ["webgl (software)", "wasm"]
    model = run.models[0]
    first, *rest = model.benchmarks
    on_gpu = replace(first, timing=replace(first.timing, environment=fixtures.GPU))
    mixed = replace(run, models=(replace(model, benchmarks=(on_gpu, *rest)),))
    webgl = overview(mixed)[-2]
    assert webgl.title == "webgl"
    assert [webgl.cell(row) for row in variants(mixed.models[0])] == [
        "✅ pass · 14.2 ms",
        "✅ pass · 14.2 ms · software",
        "✅ pass · 14.2 ms · software",
    ]


def test_worst_sqnr_is_the_lowest() -> None:
    sqnr = overview(fixtures.mixed())[5]
    rows = {(model.name, row.name): sqnr.cell(row) for model in fixtures.mixed().models for row in variants(model)}
    assert rows["mobilenet", "uint8"] == "11.2 dB"
    assert rows["speech", "float"] == "88 dB"
    assert rows["detector", None] == "–"


def test_a_backend_is_there_when_only_a_failure_speaks_of_it() -> None:
    assert backends(fixtures.run_result(fixtures.unsupported())) == ["webgl", "wasm"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("✅ pass · 5.21 ms", "✅~pass · 5.21~ms"),
        ("⚠️ warn", "⚠️~warn"),
        ("+1 Elu, −12 Const", "+1~Elu, −12~Const"),
        ("uint8 on wasm", "uint8 on wasm"),
        ("1 Elu", "1 Elu"),
        ("13 (+2)", "13 (+2)"),
    ],
)
def test_a_cell_breaks_between_what_belongs_together_and_not_within(text: str, kept: str) -> None:
    (_, _, row) = markdown_table([Column(title="A", cell=lambda _: text)], [0])
    assert row.strip("| ").replace("\\", "") == kept.replace("~", "\N{NO-BREAK SPACE}")
