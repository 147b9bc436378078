"""Nothing that a name says may act where it is shown, and everything must still be read."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tfjsci.escape import code, code_block, html_code, markdown_text, one_line, shorten, visible

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])

# Letters that mean something to markdown, HTML or GitHub come often; anything else comes, too.
HOSTILE = st.text(
    st.sampled_from(list("`*_[]()<>|~&#@!:;/\\-+=.{}$'\" \n\r\tab1wW")) | st.characters(), max_size=60
) | st.sampled_from(
    [
        "<!-- tfjsci:report key=default -->",
        "</summary></details><script>alert(1)</script>",
        "| a | b |\n|---|---|",
        "```\n# Verdict: pass",
        "[click](https://example.org)",
        "![](https://example.org/a.png)",
        "<https://example.org>",
        "@octocat fixes #1 and GH-2, octo/cat#3",
        "www.example.org",
        ":white_check_mark: pass",
        "\u202etxet desrever",
        "1. one",
        "===",
    ]
)


def read(rendered: str) -> str:
    """What a reader sees of rendered HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", rendered)).replace("\u200b", "").strip("\n")


def tags(rendered: str) -> set[str]:
    return set(re.findall(r"<\s*/?\s*([a-zA-Z!][a-zA-Z0-9-]*)", rendered))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain: näme/with-ünicode_é 模型 🎉", "plain: näme/with-ünicode_é 模型 🎉"),
        ("two\nlines\tand a tab", "two␊lines␉and a tab"),
        ("\x1b[31mred\x1b[0m\x7f", "␛[31mred␛[0m␡"),
        ("abc\u202edcba", "abc\\u202edcba"),
        ("zero\u200bwidth\u2060\ufeff", "zero\\u200bwidth\\u2060\\ufeff"),
        ("hangul\u3164filler\u2800", "hangul\\u3164filler\\u2800"),
        ("line\u2028para\u2029nbsp\u00a0", "line\\u2028para\\u2029nbsp\\u00a0"),
        ("tag\U000e0041variation\U000e0101", "tag\\U000e0041variation\\U000e0101"),
        ("half a pair \ud83d", "half a pair \\ud83d"),
    ],
)
def test_shows_what_prints_as_nothing(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_visible_text_can_be_written_and_printed_on_one_line(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert shown.isprintable()
    assert len(shown.splitlines()) <= 1
    assert visible(shown) == shown


def test_a_long_name_keeps_both_ends() -> None:
    assert shorten("block_1/conv2d/kernel", 11) == "block…ernel"
    assert shorten("abcdefghijk", 11) == "abcdefghijk"


@given(st.text(), st.integers(1, 40))
def test_short_is_short(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit
    assert len(one_line(text, limit)) <= limit


@pytest.mark.parametrize(("text", "shown"), [("a ##[error]b", "a ##\\[error]b"), ("#[1] ## [2]", "#[1] ## [2]")])
def test_one_line_is_no_command_to_githubs_runner(text: str, shown: str) -> None:
    assert one_line(text) == shown
    assert "##[" not in one_line(text * 100)


def test_plain_sentences_stay_as_they_are() -> None:
    sentence = "steady inference on wasm took 61.2 ms (median of 20), the budget is 50 ms: sqnr_db -3.5, 2 + 2 = 4!"
    assert markdown_text(sentence) == sentence


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("ping @octocat", "ping @&#8203;octocat"),
        ("an @ alone", "an @ alone"),
        ("see #12 and GH-12", "see #&#8203;12 and GH-&#8203;12"),
        ("number # twelve", "number # twelve"),
        ("https://example.org", "https:&#8203;//example.org"),
        ("www.example.org", "www&#8203;.example.org"),
        (":x: fail", ":&#8203;x: fail"),
        ("at 12:30", "at 12:30"),
        ("a|b", "a\\|b"),
        ("_emphasis_ but sqnr_db", "\\_emphasis\\_ but sqnr_db"),
        ("# heading", "\\# heading"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("61.2 ms", "61.2 ms"),
        ("<b>", "\\<b\\>"),
    ],
)
def test_markdown_text(text: str, escaped: str) -> None:
    assert markdown_text(text) == escaped


@given(HOSTILE)
def test_text_reads_the_same_and_makes_no_markup(text: str) -> None:
    rendered = GITHUB.render(markdown_text(text))
    assert tags(rendered) <= {"p"}
    assert read(rendered).strip() == one_line(text, 2000).strip()


@given(HOSTILE)
def test_nothing_in_a_text_comes_alive_on_github(text: str) -> None:
    seen = html.unescape(re.sub(r"<[^>]*>", "", GITHUB.render(markdown_text(text))))
    assert not re.search(r"@[\w-]|#\d|://|\bwww\.|\bGH-\d|:[\w+-]+:", seen, re.IGNORECASE | re.ASCII)


@given(HOSTILE)
def test_code_reads_the_same_and_is_nothing_but_code(text: str) -> None:
    rendered = GITHUB.render(f"before {code(text)} after")
    assert tags(rendered) <= ({"p", "code"} if one_line(text) else {"p", "em"})
    assert read(rendered) == f"before {one_line(text) or '(empty)'} after"


@given(HOSTILE)
def test_in_a_table_it_stays_one_cell(text: str) -> None:
    rendered = GITHUB.render(
        f"| a | b | c |\n|---|---|---|\n| {code(text)} | {markdown_text(text)} | {html_code(text)} |"
    )
    cells = re.findall(r"<td>(.*?)</td>", rendered)
    assert len(cells) == 3
    assert [read(cell) for cell in cells] == [
        one_line(text) or "(empty)",
        one_line(text, 2000).strip(),
        one_line(text) or "(empty)",
    ]


@given(HOSTILE)
def test_in_a_summary_it_closes_nothing(text: str) -> None:
    rendered = GITHUB.render(f"<details><summary>{html_code(text)}</summary>\n\nbody\n\n</details>")
    assert rendered.count("<summary>") == rendered.count("</summary>") == rendered.count("</details>") == 1
    assert "<p>body</p>" in rendered
    assert tags(rendered) == {"details", "summary", "code", "p"}


@given(HOSTILE, HOSTILE)
def test_a_block_ends_where_it_should(first: str, second: str) -> None:
    text = f"{first}\n{second}"
    rendered = GITHUB.render(f"- item\n\n{code_block(text, indent=2)}\n\n  after\n")
    assert tags(rendered) == {"ul", "li", "p", "pre", "code"}
    assert "<p>after</p>" in rendered
