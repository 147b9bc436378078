"""A scheme's options, asked for in Python and on the command line: those of a manifest's entry, with the same checks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tfjsci import api
from tfjsci.artifact.quantize import Quantization
from tfjsci.cli.convert import convert
from tfjsci.conversion.asked import quantizations_of
from tfjsci.errors import UsageError
from tfjsci.quantize.scheme import Scheme


def test_an_entry_says_what_a_manifest_says() -> None:
    entry = {"scheme": "int4", "group": 32, "exclude": ["*head*"]}
    assert quantizations_of(entry) == Quantization(scheme=Scheme(name="int4", group=32), exclude=("*head*",))
    plain = {"scheme": "uint8", "rounding": "nearest", "ranges": "least-error", "levels": 32}
    scheme = Scheme(name="uint8", rounding="nearest", ranges="least-error", levels=32)
    assert quantizations_of(plain) == Quantization(scheme=scheme)


def test_what_auto_found_can_be_given_as_it_is() -> None:
    """The entry to paste has a name, which means nothing where one model is converted to one folder."""
    parts = [{"scheme": "uint8", "levels": 25, "include": ["a/kernel"]}, {"scheme": "float16", "include": ["b/*"]}]
    assert quantizations_of({"name": "auto", "mixed": parts}) == (
        Quantization(scheme=Scheme(name="uint8", levels=25), include=("a/kernel",), small_weights="quantized"),
        Quantization(scheme=Scheme(name="float16"), include=("b/*",), small_weights="quantized"),
    )


def test_patterns_by_scheme_are_still_those() -> None:
    assert quantizations_of({"uint8": ["*kernel*"]}) == (
        Quantization(scheme=Scheme(name="uint8"), include=("*kernel*",), small_weights="quantized"),
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"scheme": "uint8", "group": 32}, 'group: "uint8" has none: it is of int4 and int6.'),
        ({"scheme": "int4", "group": 8}, "group: "),
        ({"scheme": "int5"}, "scheme: "),
        ({"scheme": "uint8", "grp": 32}, "grp: "),
        ({"scheme": "uint8", "exact_upstream": True, "levels": 9}, "levels: exact_upstream says how the ranges are chosen"),
        ({"scheme": "uint8", "mixed": [{"scheme": "uint8", "include": ["*"]}]}, "scheme and mixed: one of the two"),
        ({"mixed": [{"scheme": "uint8", "include": ["*"], "group": 32}]}, 'mixed.0.group: "uint8" has none'),
        ({"mixed": [{"scheme": "uint8", "include": ["*"]}], "levels": 9}, "levels: it belongs to one scheme"),
        ({"mixed": []}, "mixed: "),
        ({"scheme": "int4", "calibrate": True}, "calibrate: here it is an argument of its own, calibrate="),
    ],
)  # fmt: skip
def test_what_cant_be_meant_is_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        quantizations_of(entry)
    assert message in caught.value.message


def test_patterns_stand_in_the_entry() -> None:
    with pytest.raises(UsageError, match="stand in quantize's entry itself"):
        quantizations_of({"scheme": "uint8"}, include=("*",))


def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """What the command asks the API for."""
    heard: dict[str, Any] = {}

    def told(_source: str, _output: Path, **options: Any) -> None:
        heard.update(options)
        raise UsageError("heard", hint="")

    monkeypatch.setattr(api, "convert", told)
    CliRunner().invoke(convert, ["m.keras", str(tmp_path / "out"), *arguments])
    return heard


def test_the_command_hands_options_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = asked(
        monkeypatch, tmp_path, "--quantize", "int4", "--group", "32", "--rounding", "nearest", "--exclude", "h*"
    )
    wanted = {"scheme": "int4", "include": [], "exclude": ["h*"], "group": 32, "rounding": "nearest"}
    assert (found["quantize"], found["include"], found["exclude"]) == (wanted, (), ())
    exact = asked(monkeypatch, tmp_path, "--quantize", "uint8", "--exact-upstream")
    assert quantizations_of(exact["quantize"]) == Quantization(scheme=Scheme(name="uint8", exact_upstream=True))
    plain = asked(monkeypatch, tmp_path, "--quantize", "uint8", "--include", "k*")
    assert (plain["quantize"], plain["include"]) == ("uint8", ("k*",))


@pytest.mark.parametrize("more", [[], ["--quantize", "auto", "--sqnr-db", "25", "--inputs", __file__]])
def test_without_a_scheme_there_is_nothing_to_choose(tmp_path: Path, more: Sequence[str]) -> None:
    done = CliRunner().invoke(convert, ["m.keras", str(tmp_path / "out"), "--group", "32", *more])
    assert done.exit_code == 2
    assert "--group is an option of one scheme" in done.output
