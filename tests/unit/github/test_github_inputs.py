"""Every input typed, every mistake at once, and the token in nobody's repr."""

from __future__ import annotations

import copy
import pickle
from dataclasses import fields

import pytest

from tfjsci.errors import UsageError
from tfjsci.github.inputs import INPUTS, Inputs, read_inputs, unknown_inputs
from tfjsci.github.secret import Token, token_from

CHOICES = {"only": ("convert", "check"), "formats": ("html", "junit")}


def read(**given: str) -> Inputs:
    return read_inputs({f"INPUT_{name.upper()}": text for name, text in given.items()}, choices=CHOICES)


def test_the_table_and_the_type_have_the_same_names() -> None:
    assert {each.name.replace("-", "_") for each in INPUTS} == {field.name for field in fields(Inputs)}


def test_nothing_given_is_all_defaults() -> None:
    inputs = read()
    assert (inputs.manifest, inputs.output, inputs.mode, inputs.comment) == (
        "tfjsci.yml",
        "tfjsci-output",
        "gate",
        "changes",
    )
    assert (inputs.fail_on, inputs.annotations, inputs.summary, inputs.allow_code) == ("error", True, True, False)
    assert (inputs.models, inputs.only, inputs.formats, inputs.comment_key) == ((), (), (), "default")
    assert not inputs.token


def test_empty_and_blank_count_as_not_given() -> None:
    given = {each.variable: " \n" for each in INPUTS}
    assert repr(read_inputs(given, choices=CHOICES)) == repr(read())


def test_hyphens_as_the_runner_has_them_and_underscores_as_a_shell_has_them() -> None:
    assert read_inputs({"INPUT_FAIL-ON": "warn"}, choices=CHOICES).fail_on == "warn"
    assert read_inputs({"INPUT_FAIL_ON": "never"}, choices=CHOICES).fail_on == "never"


@pytest.mark.parametrize("text", ["a,b", "a\nb", " a , b ,", "a\n\n b\n", "a,b,a"])
def test_names_come_with_commas_or_on_lines(text: str) -> None:
    assert read(models=text).models == ("a", "b")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("True", True), ("FALSE", False)])
def test_switches(text: str, value: bool) -> None:
    assert read(summary=text).summary is value


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("mode", "gates", 'mode: "gates" is not one of gate, report. Did you mean "gate"?'),
        ("comment", "on", 'comment: "on" is not one of always, changes, failures, off.'),
        ("summary", "1", 'summary: "1" is neither true nor false'),
        ("comment-key", "a b", 'comment-key: "a b" is no key: letters, digits, ".", "_" and "-", at most 64'),
        ("comment-key", "x" * 65, "is no key"),
        ("comment-key", "a --> b", "is no key"),
        ("manifest", "a\x00b", 'manifest: "a␀b" has control characters'),
        ("only", "convert,chek", 'only: "chek" is not one of convert, check. Did you mean "check"?'),
        ("formats", "pdf", 'formats: "pdf" is not one of html, junit.'),
        ("token", "ghs_first\nghs_second", "token: it holds blanks or characters that no token has"),
    ],
)  # fmt: skip
def test_a_mistake_is_told(name: str, text: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_inputs({f"INPUT_{name.upper()}": text}, choices=CHOICES)
    assert problem in caught.value.message
    assert "ghs_" not in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        read(mode="x", summary="x", formats="x")
    assert [line.partition(":")[0] for line in caught.value.message.splitlines()] == ["mode", "summary", "formats"]


def test_a_variable_that_is_no_input_is_told_and_the_runners_own_are_not() -> None:
    given = {"INPUT_FAILON": "warn", "INPUT_ARGS": "x", "INPUT_ENTRYPOINT": "y", "INPUT_MODE": "gate", "PATH": "z"}
    assert unknown_inputs(given) == ['there is no input failon, it is ignored. Did you mean "fail-on"?']
    assert unknown_inputs({each.shell_variable: "" for each in INPUTS}) == []


def test_a_token_is_shown_nowhere() -> None:
    token = token_from("ghs_secret")
    assert token.reveal() == "ghs_secret"
    for shown in (
        repr(token),
        str(token),
        f"{token}",
        f"{token!r}",
        str([token]),
        repr([token]),
        repr(read(token="ghs_secret")),
    ):
        assert "secret" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(token)
    with pytest.raises(TypeError):
        copy.deepcopy(token)
    assert token.redact("Bearer ghs_secret!") == "Bearer ***!"
    assert Token().redact("nothing to hide") == "nothing to hide"
