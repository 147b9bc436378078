"""What auto found, told: the entry word for word, the frontier, the chart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.report import fixtures

from tfjsci.report.html import render_html
from tfjsci.report.markdown import render_markdown
from tfjsci.report.searched import frontier, search_chart, searched, told
from tfjsci.results.run_result import RunResult
from tfjsci.search.found import Point, SearchFound

ENTRY = "- name: auto\n  mixed:\n    - {scheme: uint8, levels: 32, include: [dense/kernel]}\n"


def point(brotli_bytes: int, value: float | None) -> Point:
    return Point(brotli_bytes=brotli_bytes, value=value, met=value is None or value >= 25)


FOUND = SearchFound(
    variant="auto",
    limits={"sqnr_db": 25.0},
    metric="sqnr_db",
    points=(point(8_000, 19.5), point(9_000, 18.0), point(10_000, 25.3), point(12_000, 31.0), point(90_000, 80.0)),
    chosen=2,
    entry=ENTRY,
    evaluations=42,
)


def run_with(found: SearchFound) -> RunResult:
    run = fixtures.all_pass()
    return replace(run, models=(replace(run.models[0], searches=(found,)), *run.models[1:]))


def test_it_is_told_in_a_sentence() -> None:
    assert told(FOUND) == (
        "asked for SQNR of at least 25 dB; about 10.0 kB with brotli get 25.3 dB in TensorFlow (42 combinations run)."
    )


def test_what_ended_it_and_what_the_browser_missed_are_told() -> None:
    text = told(replace(FOUND, stopped="minutes", steps_back=2))
    assert "less: 2 steps back. The limit of minutes ended the search. A faster machine" in text
    assert "faster machine" not in told(replace(FOUND, stopped="evaluations"))


def test_a_size_that_a_smaller_one_beats_is_not_on_the_curve_nor_what_is_far_off() -> None:
    assert [each.brotli_bytes for each in frontier(FOUND)] == [8_000, 10_000, 12_000]


def test_of_errors_the_smaller_is_better() -> None:
    points = (point(8, 0.2), point(9, 0.3), point(10, 0.1))
    found = replace(FOUND, metric="rmse", limits={"rmse": 0.15}, points=points)
    assert [each.brotli_bytes for each in frontier(found)] == [8, 10]


def test_a_long_curve_is_thinned_but_keeps_what_was_chosen() -> None:
    points = tuple(point(10_000 + n, 20 + n / 10) for n in range(200))
    found = replace(FOUND, points=points, chosen=51)
    shown = frontier(found)
    assert len(shown) <= 13
    assert points[51] in shown


def test_the_section_has_the_entry_word_for_word_and_a_bar_for_each_size() -> None:
    text = render_markdown(run_with(FOUND))
    assert f"```text\n{ENTRY}```\n" in text
    assert "19.5 dB 8.00 kB ██████████████████████████▋  missed\n" in text
    assert "25.3 dB 10.0 kB █████████████████████████████████▍  chosen\n" in text
    assert "  31 dB 12.0 kB ████████████████████████████████████████\n" in text


def test_a_run_without_a_search_has_no_section() -> None:
    assert searched(fixtures.all_pass()) == []


def test_the_page_draws_it_and_has_the_entry() -> None:
    page = render_html(run_with(FOUND))
    assert "auto: size against SQNR" in page
    assert "    - {scheme: uint8, levels: 32, include: [dense/kernel]}\n" in page
    chart = search_chart(FOUND)
    assert chart is not None
    svg = chart.svg("c")
    assert svg.count("<circle") == 4
    assert svg.count('class="missed"') == 2
    assert svg.count('class="chosen"') == 1


@pytest.mark.parametrize("points", [(point(8, None),), (point(8, None), point(9, 25.0))])
def test_fewer_than_two_numbers_are_no_curve(points: tuple[Point, ...]) -> None:
    assert search_chart(replace(FOUND, points=points, chosen=0)) is None


def test_names_from_outside_stay_data() -> None:
    hostile = replace(FOUND, variant="<b>`|", entry='- name: "<script>```"\n')
    text, page = render_markdown(run_with(hostile)), render_html(run_with(hostile))
    assert "<script>" not in page
    assert "````text" in text
