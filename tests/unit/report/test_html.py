"""The page: nothing from outside becomes markup, nothing is loaded, and it can be read by eye and by ear."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from unit.report import fixtures

from tfjsci.baseline.change import TimeChange, incomparable
from tfjsci.baseline.comparison import BaselineComparison, BaseOrigin, DroppedModels
from tfjsci.baseline.difference import difference
from tfjsci.report import html as html_report
from tfjsci.report.html import render_html
from tfjsci.report.html_table import table
from tfjsci.report.tables import Column
from tfjsci.results.run_result import RunResult


def against_a_base(name: str) -> RunResult:
    """A model that changed and one that is new; ``name`` is everything that has a name."""
    models = [replace(fixtures.digits(each), name=each) for each in (name, f"new {name}")]
    origin = BaseOrigin(kind="ref", name=name, commit="0123456789abcdef" * 2 + "01234567")
    now = replace(fixtures.artifact("digits", name, 12_000), sha256="other")
    slower = TimeChange(variant=name, backend="wasm", verdict="slower", ratio=1.124, low=1.098, high=1.151)
    changed = BaselineComparison(
        origin=origin,
        variants=(difference(fixtures.artifact("digits", name, 10_000), now),),
        times=(slower, incomparable(name, "webgl", f"the input {name} is new")),
        notes=(f"{name} is no variant any more",),
    )
    new = BaselineComparison(origin=origin, variants=(difference(None, now),))
    run = fixtures.run_result(replace(models[0], baseline=changed), replace(models[1], baseline=new))
    return replace(run, dropped=DroppedModels(origin=origin, names=(f"old {name}",)))


RUNS = {
    "based": against_a_base("main"),
    "based-hostile": against_a_base(fixtures.EVIL),
    "all-pass": fixtures.all_pass(),
    "mixed": fixtures.mixed(),
    "no-browser": fixtures.no_browser(),
    "hostile": fixtures.hostile(),
    "empty": fixtures.run_result(),
}
STYLE = (Path(html_report.__file__).parent / "templates/report.css").read_text(encoding="utf-8")
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """A page as its elements: each with its attributes, the text in it, and how they nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[tuple[int, ...], str]] = []
        self.open: list[int] = []
        self.inside: list[tuple[int, ...]] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        self.inside.append(tuple(self.open))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.elements[self.open[-1]][0] != tag:
            self.wrong.append(tag)
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.open), data))

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"comment: {data}")

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text_of(self, n: int) -> str:
        """All text inside of an element, without blanks at its ends."""
        return re.sub(r"\s+", " ", "".join(text for inside, text in self.texts if n in inside)).strip()

    def with_class(self, name: str) -> list[int]:
        return [n for n, (_, attributes) in enumerate(self.elements) if name in attributes.get("class", "").split()]


@pytest.fixture(params=RUNS)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(render_html(RUNS[request.param]))


def test_every_element_is_closed_where_it_should_be(page: Page) -> None:
    assert (page.wrong, page.open) == ([], [])


def test_loads_nothing_and_runs_nothing(page: Page) -> None:
    names = {tag for tag, _ in page.elements}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "use"})
    attributes = [(name, value) for _, found in page.elements for name, value in found.items()]
    assert [
        name for name, _ in attributes if name.startswith("on") or name in {"src", "style", "srcset", "xlink:href"}
    ] == []
    assert {value[0] for name, value in attributes if name == "href"} == {"#"}
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    policy = next(each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_no_name_becomes_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    nasty = fixtures.EVIL + "\"'><svg onload=alert(1)>{{ 7 * 7 }}{% raw %}]]>&lt;&#60;"
    shapes = []
    for name in (nasty, "a\nb\nc"):
        monkeypatch.setattr(fixtures, "EVIL", name)
        page = Page(render_html(fixtures.hostile()))
        shapes.append(Counter((tag, *sorted(attributes)) for tag, attributes in page.elements))
    assert shapes[0] == shapes[1]
    assert sum(shapes[0].values()) > 300


def test_what_is_hostile_is_shown_as_it_is() -> None:
    page = render_html(fixtures.hostile())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert r"␛[2J\u202egnp.exe" in page
    assert "\u202e" not in page
    assert "x" * 200 not in page


def test_ids_are_unique_and_every_reference_leads_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9-]+", each) for each in ids)
    references = {attributes["href"][1:] for attributes in page.all("a")}
    for name in ("aria-labelledby", "aria-describedby"):
        references |= {each for _, attributes in page.elements for each in attributes.get(name, "").split()}
    assert references <= set(ids)


def test_headings_come_in_order_and_landmarks_are_there(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [len(page.all(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}
    assert page.all("details") == [] or len(page.all("details")) == len(page.all("summary"))


def test_tables_have_captions_and_headers_and_scroll_by_keyboard(page: Page) -> None:
    tables = [n for n, (tag, _) in enumerate(page.elements) if tag == "table"]
    assert tables
    for n in tables:
        within = [(tag, attributes) for m, (tag, attributes) in enumerate(page.elements) if n in page.inside[m]]
        assert [tag for tag, _ in within].count("caption") == 1
        assert {attributes.get("scope") for tag, attributes in within if tag == "th"} <= {"col", "row"}
        parent, region = page.elements[page.inside[n][-1]]
        assert (parent, region["role"], region["tabindex"]) == ("div", "region", "0")
        rows = [m for m, (tag, _) in enumerate(page.elements) if tag == "tr" and n in page.inside[m]]
        cells = [
            sum(each[0] in {"td", "th"} and m in page.inside[k] for k, each in enumerate(page.elements)) for m in rows
        ]
        assert len(set(cells)) == 1


def test_every_chart_is_told_in_words_and_has_a_table() -> None:
    page = Page(render_html(fixtures.mixed()))
    charts = [n for n, (tag, _) in enumerate(page.elements) if tag == "svg"]
    assert len(charts) == 3 * 4  # sizes, two backends, SQNR; the detector has none
    for n in charts:
        attributes = page.elements[n][1]
        assert attributes["role"] == "img"
        inside = [page.elements[m][0] for m in range(n, len(page.elements)) if n in page.inside[m]]
        assert inside[:2] == ["title", "desc"]
    captions = [page.text_of(n) for n, (tag, _) in enumerate(page.elements) if tag == "caption"]
    for kind in ("Sizes of", "Times of", "Every steady run of", "Fidelity of"):
        assert sum(caption.startswith(kind) for caption in captions) == 3


def test_every_sample_is_in_the_table_and_the_quartiles_of_the_box() -> None:
    text = render_html(fixtures.run_result(fixtures.gated()))
    benchmark = fixtures.gated().benchmarks[1]
    assert " ".join(f"{sample:.1f}" for sample in benchmark.timing.steady_ms[:5]) in text
    page = Page(text)
    rows = [page.text_of(n) for n, (tag, _) in enumerate(page.elements) if tag == "tr"]
    assert any("61.2 ± 1.22" in row and row.endswith("60.0 to 62.1") for row in rows)


def test_the_limit_of_a_chart_is_in_its_table() -> None:
    page = Page(render_html(fixtures.run_result(fixtures.gated())))
    rows = [page.text_of(n) for n, (tag, _) in enumerate(page.elements) if tag == "tr"]
    assert any("float → uint8" in row and "11.2" in row and row.endswith(" 20") for row in rows)


def test_software_is_said_at_every_time_of_it() -> None:
    page = Page(render_html(fixtures.mixed()))
    text = " ".join(page.text_of(n) for n in page.with_class("note"))
    assert text.startswith("Software renderer instead of a GPU: webgl (SwiftShader).")
    captions = [page.text_of(n) for n, (tag, _) in enumerate(page.elements) if tag == "figcaption"]
    assert {each for each in captions if "webgl" in each} == {"Steady inference on webgl (software)"}
    rows = [page.text_of(n) for n, (tag, _) in enumerate(page.elements) if tag == "tr"]
    timed = [row for row in rows if "webgl" in row and "±" in row]
    assert timed
    assert all("webgl (software)" in row for row in timed)
    gpu = [
        replace(each, timing=replace(each.timing, environment=fixtures.GPU)) for each in fixtures.digits().benchmarks
    ]
    on_gpu = replace(fixtures.digits(), benchmarks=tuple(gpu), comparisons=())
    assert "(software)" not in render_html(fixtures.run_result(on_gpu))


def test_a_verdict_is_a_word_and_its_sign_is_not_read_aloud() -> None:
    page = Page(render_html(fixtures.mixed()))
    words = Counter(page.text_of(n) for n in page.with_class("pill"))
    assert {"✕ fail", "! warn", "✓ pass"} <= set(words)
    for n in page.with_class("pill"):
        assert page.elements[n + 1] == ("span", {"aria-hidden": "true"})


def test_a_name_that_looks_like_a_verdict_stays_a_name() -> None:
    page = Page(render_html(fixtures.run_result(replace(fixtures.gated(), name="✅ pass", outcome="fail"))))
    assert "✅ pass" in {page.text_of(n) for n, (tag, _) in enumerate(page.elements) if tag == "code"}
    around = {page.elements[m][0] for n in page.with_class("pill") for m in page.inside[n]}
    assert around.isdisjoint({"code", "th", "a"})


def test_what_failed_comes_first_with_what_to_do() -> None:
    text = render_html(fixtures.mixed())
    page = Page(text)
    assert [page.text_of(n) for n, (tag, _) in enumerate(page.elements) if tag == "h3"] == [
        "detector ✕ fail", "mobilenet ✕ fail", "speech ! warn", "digits ✓ pass",
    ]  # fmt: skip
    assert text.index("What to do first") < text.index("<caption")
    for op in fixtures.unsupported().op_check.unsupported:  # type: ignore[union-attr]
        assert op.hint.replace("'", "&#39;") in text
    assert "Or accept it: set <code>budget.steady_ms.wasm</code> to <code>68 ms</code>" in text
    assert "tfjsci run tfjsci.yml --model mobilenet" in text


def test_what_changed_against_the_base_is_there_as_in_the_other_reports() -> None:
    page = Page(render_html(against_a_base("main")))
    text = page.text_of(next(n for n, (_, each) in enumerate(page.elements) if each.get("aria-labelledby") == "base"))
    assert "Base: main (0123456789ab). Times: this run's over the base's" in text
    for told in ("+2.00 kB (+20.0 %)", "+12.4 % (+9.8 to +15.1), slower", "new main", "main: main is no variant any more",
                 "main main on webgl: incomparable: the input main is new", "old main: no longer in the manifest"):  # fmt: skip
        assert told in text, told
    assert "the base" not in render_html(fixtures.mixed())


def test_a_long_cell_has_room_and_a_short_one_or_a_number_takes_none() -> None:
    def kinds(text: str, **column: Any) -> set[str]:
        view = table(
            "t", "t", [Column(title="A", cell=lambda _: "a"), Column(title="B", cell=lambda _: text, **column)], [1]
        )
        return {view.rows[0][1].kind}

    assert kinds("+1 AddV2, +4 Const, +1 Erf") == {"long"}
    assert kinds("+1 AddV2") == {"text"}
    assert kinds("+1 AddV2, +4 Const, +1 Erf", align="right") == {"right"}
    assert kinds("functional_1/extra_1/Gelu/mul", name=True) == {"text"}  # a name breaks anywhere


def test_nothing_judged_is_not_a_pass() -> None:
    page = Page(render_html(fixtures.no_browser()))
    assert set(page.with_class("pass")).isdisjoint({*page.with_class("pill"), *page.with_class("card")})
    assert {page.text_of(n) for n in page.with_class("none")} == {"1 not judged", "not judged"}


def test_of_many_models_only_those_that_need_a_look_are_open() -> None:
    def opened(run: RunResult) -> int:
        return sum("open" in attributes for attributes in Page(render_html(run)).all("details"))

    passing = [fixtures.digits(f"digits-{n}") for n in range(8)]
    assert opened(fixtures.run_result(*passing)) == 8
    assert opened(fixtures.run_result(*passing, fixtures.gated())) == 1


# What is text or carries meaning, on what it stands: (colour, behind it, the least contrast). WCAG 2.2: 4.5 for text
# (1.4.3), 3 for what must be told apart to read a chart (1.4.11).
PAIRS = (
    *((ink, behind, 4.5) for ink in ("ink", "soft", "link") for behind in ("page", "card")),
    *((verdict, behind, 4.5) for verdict in ("pass", "warn", "fail") for behind in ("card", f"{verdict}-tint")),
    *((bar, "card", 3.0) for bar in ("bar-raw", "bar-gzip", "bar-brotli", "bar-pass", "bar-warn", "bar-fail", "dot")),
)
DECORATION = {"line"}


def palettes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in (light, dark)]
    return {"light": found[0], "dark": found[1]}


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2 has it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_as_the_standard_counts_it() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("colour", "behind", "least"), PAIRS)
def test_colours_stand_out(mode: str, colour: str, behind: str, least: float) -> None:
    palette = palettes()[mode]
    assert contrast(palette[colour], palette[behind]) >= least


def test_no_colour_is_left_out_of_the_pairs_and_none_is_outside_of_the_palette() -> None:
    light, dark = palettes().values()
    assert set(light) == set(dark)
    assert set(light) == {name for pair in PAIRS for name in pair[:2]} | DECORATION
    rules = STYLE.partition("* { box-sizing")[2]
    assert re.findall(r"#[0-9a-f]{3,6}\b", rules) == []
    assert set(re.findall(r"var\(--([a-z-]+)\)", rules)) <= set(light)
