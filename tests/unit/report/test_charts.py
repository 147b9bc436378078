"""Charts against the numbers that they show: positions, scales, words, and what a stranger's numbers do to them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from unit.report import fixtures

from tfjsci.manifest.resolved import Budget
from tfjsci.report.charts import MOST_SAMPLES, size_chart, sqnr_chart, time_charts
from tfjsci.report.svg import Chart, percent, ticks
from tfjsci.results.run_result import ModelResult


def elements(chart: Chart | None, tag: str, classes: str = "") -> list[ET.Element]:
    assert chart is not None
    root = ET.fromstring(chart.svg("c"))
    return [each for each in root.iter(tag) if set(classes.split()) <= set(each.get("class", "").split())]


def at(element: ET.Element, name: str) -> float:
    return float(element.get(name, "").removesuffix("%"))


def words(chart: Chart | None, classes: str = "") -> list[str]:
    return [each.text or "" for each in elements(chart, "text", classes)]


def timed(*medians: float, budget: float | None = None) -> ModelResult:
    limits = Budget(steady_ms=fixtures.limits("budget.steady_ms", wasm=budget)) if budget else Budget()
    benchmarks = tuple(fixtures.benchmark(f"v{n}", "wasm", median) for n, median in enumerate(medians))
    return fixtures.model_result(fixtures.model_spec(budget=limits), benchmarks=benchmarks)


@pytest.mark.parametrize(
    ("largest", "marks"),
    [
        (14.6, [0, 5, 10, 15]),
        (100, [0, 20, 40, 60, 80, 100]),
        (131.7, [0, 50, 100, 150]),
        (0.004, [0, 0.001, 0.002, 0.003, 0.004]),
        (0, [0, 2e-10, 4e-10, 6e-10, 8e-10, 1e-9]),
    ],
)
def test_ticks_are_round_and_reach_the_largest(largest: float, marks: list[float]) -> None:
    assert ticks(largest) == pytest.approx(marks)


@pytest.mark.parametrize("largest", [-1.0, 5e-324, 1.7e308, 1e300])
def test_ticks_of_anything_are_few_and_finite(largest: float) -> None:
    marks = ticks(largest)
    assert 2 <= len(marks) <= 6
    assert marks[-1] < float("inf")
    assert percent(largest, marks[-1]) <= 100


def test_bars_are_as_long_as_the_bytes_are_many() -> None:
    chart = size_chart(fixtures.digits())
    raw = elements(chart, "rect", "raw")
    assert [at(each, "width") / at(raw[0], "width") for each in raw] == pytest.approx(
        [1, 80_123 / 154_321, 42_987 / 154_321], rel=1e-3
    )
    assert {at(each, "x") for each in elements(chart, "rect")} == {0.0}
    assert words(chart, "value")[:3] == ["154 kB raw", "140 kB gzip", "136 kB brotli"]


def test_a_size_beyond_its_budget_says_so_and_shows_where_the_budget_is() -> None:
    spec = fixtures.model_spec(budget=Budget(download_bytes=fixtures.limits("budget.download_bytes", default=1000)))
    chart = size_chart(fixtures.model_result(spec, artifacts=(fixtures.artifact("a", "float", 2000),)))
    (bar,) = elements(chart, "rect", "raw")
    (limit,) = elements(chart, "line", "limit")
    assert at(limit, "x1") == pytest.approx(at(bar, "width") / 2)
    assert words(chart, "value fail") == ["fail: 2.00 kB raw"]
    assert words(chart, "tick") == ["raw budget 1 kB"]


def test_a_budget_far_away_is_told_and_not_drawn() -> None:
    chart = size_chart(fixtures.digits())
    assert elements(chart, "line", "limit") == []
    assert "raw budget 2 MB" in words(chart, "tick")


def test_every_sample_is_a_dot_where_it_belongs_and_the_box_is_the_middle_half() -> None:
    (chart,) = time_charts(timed(10.0))
    dots = sorted(at(each, "cx") for each in elements(chart, "circle"))
    samples = sorted(timed(10.0).benchmarks[0].timing.steady_ms)
    whole = ticks(samples[-1])[-1]
    assert dots == pytest.approx([100 * sample / whole for sample in samples], abs=0.01)
    (box,) = elements(chart, "rect", "box")
    inside = [dot for dot in dots if at(box, "x") <= dot <= at(box, "x") + at(box, "width")]
    assert len(dots) * 0.4 <= len(inside) <= len(dots) * 0.7
    (median,) = elements(chart, "line", "median")
    assert at(median, "x1") == pytest.approx(100 * 10.0 / whole)


def test_of_very_many_samples_only_some_are_drawn_and_both_ends_are() -> None:
    model = timed(10.0)
    one = model.benchmarks[0]
    many = replace(one, timing=replace(one.timing, steady_ms=tuple(float(n) for n in range(1, 1001))))
    (chart,) = time_charts(replace(model, benchmarks=(many,)))
    assert len(elements(chart, "circle")) == MOST_SAMPLES
    (whisker,) = elements(chart, "line", "whisker")
    assert (at(whisker, "x1"), at(whisker, "x2")) == (0.1, 100.0)


def test_backends_have_charts_of_their_own_and_software_is_in_the_title() -> None:
    assert [chart.title for chart in time_charts(fixtures.digits())] == [
        "Steady inference on webgl (software)",
        "Steady inference on wasm",
    ]


def test_a_time_beyond_its_budget_says_so() -> None:
    (chart,) = time_charts(timed(10.0, 4.0, budget=5.0))
    assert words(chart, "value") == ["fail: 10.0 ms, budget 5 ms", "4.00 ms, budget 5 ms"]
    assert [at(each, "x1") for each in elements(chart, "line", "limit")] == pytest.approx(
        [100 * 5 / 12.5] * 2, abs=0.01
    )


def test_sqnr_is_the_worst_output_with_its_own_limit() -> None:
    chart = sqnr_chart(fixtures.gated())
    assert words(chart, "value") == [
        "97.1 dB, limit 50 dB", "112 dB, limit 60 dB", "fail: 11.2 dB, limit 20 dB", "fail: 11.3 dB, limit 20 dB",
    ]  # fmt: skip
    bars, limits = elements(chart, "rect"), elements(chart, "line", "limit")
    assert [at(bar, "width") > at(limit, "x1") for bar, limit in zip(bars, limits, strict=True)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [bar.get("class") for bar in bars] == ["bar pass", "bar pass", "bar fail", "bar fail"]


def test_what_has_no_number_says_so() -> None:
    def chart(**changes: object) -> list[str]:
        output = fixtures.output(None, **changes)
        compared = (fixtures.comparison("uint8", "wasm", output),)
        return words(sqnr_chart(fixtures.model_result(fixtures.model_spec(), comparisons=compared)), "value")

    assert chart(exact=True, max_abs=0.0) == ["bit for bit the same"]
    assert chart(problem="NaN in 3 values") == ["fail: no number"]


def test_below_zero_is_no_bar_at_all() -> None:
    compared = (fixtures.comparison("uint8", "wasm", fixtures.output(-3.0, cosine=None, top1=None)),)
    chart = sqnr_chart(fixtures.model_result(fixtures.model_spec(), comparisons=compared))
    assert [at(bar, "width") for bar in elements(chart, "rect")] == [0.0]
    assert words(chart, "value") == ["fail: -3 dB, limit 20 dB"]


def test_nothing_to_draw_is_no_chart() -> None:
    empty = fixtures.model_result(fixtures.model_spec())
    assert (size_chart(empty), time_charts(empty), sqnr_chart(empty)) == (None, [], None)


def test_a_description_tells_the_numbers() -> None:
    chart = size_chart(fixtures.digits())
    assert chart is not None
    assert chart.description.startswith(
        "Bars from zero. float: 154 kB raw, 140 kB gzip, 136 kB brotli, raw budget 2 MB;"
    )
