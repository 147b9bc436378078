"""The same failure of several variants and backends is told once."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console
from unit.report import fixtures

from tfjsci.report.alike import alike
from tfjsci.report.html import render_html
from tfjsci.report.markdown import render_markdown
from tfjsci.report.terminal import render_terminal
from tfjsci.results.run_result import Failure

THROWN = Failure(
    stage="compare",
    code="metric-failed",
    message="metric 'iou' failed: ValueError: no",
    hint="See the log.",
    exit_code=1,
)


def failed(*places: tuple[str | None, str | None], like: Failure = THROWN) -> tuple[Failure, ...]:
    return tuple(replace(like, variant=variant, backend=backend) for variant, backend in places)  # type: ignore[arg-type]


ALL = failed(("float", "wasm"), ("uint8", "wasm"), ("float", "webgl"), ("uint8", "webgl"))


def test_all_variants_on_all_backends_are_one() -> None:
    (one,) = alike(ALL)
    assert one.failure == ALL[0]
    assert (one.variants, one.backends) == (("float", "uint8"), ("wasm", "webgl"))
    assert one.places == ("float", "uint8", "wasm", "webgl")
    assert alike(failed((None, None)))[0].places == ()


def test_what_befell_only_some_of_them_is_told_one_by_one() -> None:
    found = alike(ALL[:3])
    assert [each.places for each in found] == [("float", "wasm"), ("uint8", "wasm"), ("float", "webgl")]
    other = failed(("float", "wasm"), like=replace(THROWN, message="another"))
    assert [each.failure.message for each in alike((*other, *ALL))] == ["another", THROWN.message]


def test_every_report_says_it_once() -> None:
    run = fixtures.run_result(replace(fixtures.gated(), failures=ALL))
    console = Console(width=200, record=True, file=None, quiet=False)
    with console.capture() as capture:
        render_terminal(run, console)
    for text in (render_markdown(run), render_html(run), capture.get()):
        assert text.count("no") >= 1
        assert text.count("See the log.") <= 2  # with what to do, and under what to do first
    assert "❌ fail (compare, `float`, `uint8`, `wasm`, `webgl`): metric 'iou' failed" in render_markdown(run)
    assert "(compare, float, uint8, wasm, webgl): metric 'iou' failed" in capture.get()
