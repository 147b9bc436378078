"""What is ours acts, what isn't doesn't: read back as the runner reads it."""

from __future__ import annotations

import io
import itertools

import pytest
from github.runner import Command, read_log
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.github.commands import Annotation, JobLog, annotation_command, command
from tfjsci.github.secret import Token


def job_log(*, on_github: bool = True) -> tuple[JobLog, io.StringIO]:
    out = io.StringIO()
    words = itertools.count()
    return JobLog(out, on_github=on_github, word=lambda: f"word-{next(words)}"), out


def test_data_and_properties_are_escaped() -> None:
    line = command("error", "100%\r\nof :: it", file="a,b:c%.yml", line=3, title="x\ny", col=None)
    assert line == "::error file=a%2Cb%3Ac%25.yml,line=3,title=x%0Ay::100%25%0D%0Aof :: it"
    assert read_log(line).commands == [
        Command("error", "100%\r\nof :: it", {"file": "a,b:c%.yml", "line": "3", "title": "x\ny"})
    ]


def test_an_escaped_percent_sign_is_not_escaped_into_something_else() -> None:
    assert read_log(command("notice", "%0A is no line end")).commands[0].data == "%0A is no line end"


@given(st.text(), st.text(), st.text())
def test_an_annotation_is_one_command_whatever_is_in_it(message: str, title: str, file: str) -> None:
    text = annotation_command(Annotation(level="warning", message=message, title=title, file=file or None, line=7))
    assert "\n" not in text
    assert "\r" not in text
    found = read_log(text)
    assert [each.name for each in found.commands] == ["warning"]
    assert found.lines == []


def test_a_message_keeps_its_lines_and_loses_what_is_invisible() -> None:
    (found,) = read_log(annotation_command(Annotation(level="error", message="a\x1b[2J\nb\u202e", title="t"))).commands
    assert found.data == "a␛[2J\nb\\u202e"


def test_a_message_is_cut_before_the_runner_cuts_it() -> None:
    (found,) = read_log(annotation_command(Annotation(level="error", message="x\n" * 50_000, title="t" * 999))).commands
    assert len(found.data) <= 4_000
    assert len(found.properties["title"]) <= 255


def test_a_line_without_a_file_is_left_out() -> None:
    assert annotation_command(Annotation(level="error", message="m", title="t", line=3)) == "::error title=t::m"


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_what_is_quoted_never_acts(text: str) -> None:
    log, out = job_log()
    for hostile in (text, f"::error::{text}", f"##[error]{text}", f"x ##[set-output name=a]{text}", "::word-1::"):
        log.quote(hostile)
    log.notice("after")
    assert [each.name for each in read_log(out.getvalue()).commands] == ["notice"]


def test_each_quotation_has_its_own_word() -> None:
    log, out = job_log()
    log.quote("::word-1::\n::error::out")
    log.quote("::word-0::\n::error::out")
    assert read_log(out.getvalue()).commands == []


def test_commands_are_taken_up_again_after_an_error() -> None:
    log, out = job_log()
    with pytest.raises(ZeroDivisionError), log.group("digits"), log.quoting():
        raise ZeroDivisionError
    assert [each.name for each in read_log(out.getvalue()).commands] == ["group", "endgroup"]


def test_a_groups_title_is_one_line() -> None:
    log, out = job_log()
    with log.group("a\n::error::b"):
        pass
    assert [each.name for each in read_log(out.getvalue()).commands] == ["group", "endgroup"]


def test_elsewhere_it_is_plain_text() -> None:
    log, out = job_log(on_github=False)
    with log.group("digits"):
        log.quote("::error:: is only text")
    log.annotate(Annotation(level="warning", message="slow\nfaster!", title="t", file="tfjsci.yml", line=3))
    log.error("why")
    assert out.getvalue() == "::error:: is only text\ntfjsci.yml:3: warning: slow\n  faster!\nerror: why\n"


def test_the_token_is_kept_out() -> None:
    log, out = job_log()
    log.keep_out(Token("ghs_secret"))
    log.quote("a ghs_secret b")
    log.error("ghs_secret")
    with log.group("ghs_secret"):
        log.line("ghs_secret")
    assert "ghs_secret" not in out.getvalue()
    assert out.getvalue().count("***") == 4
