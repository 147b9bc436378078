"""The file as a tree: scalars as YAML 1.2 has them, lines, and everything odd refused with its line."""

# ruff: noqa: E501  # messages and manifests stand whole, one a line

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.errors import ExitCode, ManifestError
from tfjsci.manifest.document import LARGEST_FILE, Document, parse_document, read_document

FILE = Path("tfjsci.yml")


def read(text: str) -> Document:
    return parse_document(text, FILE)


def refusal(text: str) -> str:
    with pytest.raises(ManifestError) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("off", "off"),
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("'true'", "true"),
        ("1e-4", 0.0001),
        (".5", 0.5),
        ("1:30", "1:30"),
        ("010", 10),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("2024-01-01", "2024-01-01"),
        ("-7", -7),
        ("2 MB", "2 MB"),
        ("-.inf", float("-inf")),
        ("''", ""),
        ("", None),
        ("~", None),
        ("|\n  a\n", "a\n"),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    assert read(f"key: {text}").root.plain() == {"key": value}


def test_nodes_know_the_lines_of_their_keys() -> None:
    root = read("a: 1\nb:\n  - x\n  - c:\n      d: 2\n").root
    lines = {path: node.line for path, node in root.walk()}
    assert lines == {("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("b", 1, "c"): 4, ("b", 1, "c", "d"): 5}
    assert root.plain() == {"a": 1, "b": ["x", {"c": {"d": 2}}]}


def test_an_alias_stands_for_its_value_at_its_own_line() -> None:
    root = read("a: &x {k: 1}\nb: *x\n").root
    assert root.plain() == {"a": {"k": 1}, "b": {"k": 1}}
    found = root.child("b")
    assert found is not None
    assert found.line == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n\tb: 2", "tfjsci.yml:2: a tab stands where YAML wants spaces."),
        ("a: b: c", 'tfjsci.yml:1: a second ": " in one line, or a line indented too far; text with ": " in it goes in quotes.'),
        ("a: @x", "tfjsci.yml:1: found character '@', which can't start a value; put it in quotes."),
        ("a: [1,\n 2", "tfjsci.yml:2: not YAML: expected ',' or ']', but got '<stream end>' (while parsing a flow sequence that starts in line 1)."),
        ("a: 'x", "tfjsci.yml:1: not YAML: found unexpected end of stream (while scanning a quoted scalar that starts in line 1)."),
        ("a: 1\nb: \x07", 'tfjsci.yml:2: the character "\\u0007" is not allowed in YAML.'),
        ("a: 1\n---\nb: 2", "tfjsci.yml:2: a second document (---) starts here; a manifest is one."),
        ("[1]", "tfjsci.yml:1: a manifest is a mapping (version: 1, models: …), this is [1]."),
        ("hello", 'tfjsci.yml:1: a manifest is a mapping (version: 1, models: …), this is "hello".'),
        ("", "tfjsci.yml: the file is empty. Write one with: tfjsci init"),
        ("# only a comment\n", "tfjsci.yml: the file is empty. Write one with: tfjsci init"),
        ("a: *gone", 'tfjsci.yml:1: a: the alias "*gone" stands for nothing.'),
        ("a:\n  b: &x [*x]", 'tfjsci.yml:2: a.b[0]: the alias "*x" contains itself.'),
        ("[" * 40 + "]" * 40, "tfjsci.yml:1: nested deeper than 32 levels, which no manifest is."),
    ],
)  # fmt: skip
def test_broken_text_is_refused_with_its_line(text: str, message: str) -> None:
    assert refusal(text) == message


def test_nesting_within_the_limit_is_read() -> None:
    assert read("a: " + "[" * 30 + "]" * 30).root.child("a") is not None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3", (3, "", 'the key "a" is here a second time, first in line 1.')),
        ("a:\n  1: x", (2, "a", "the key 1 is not text; write it in quotes.")),
        ("? [1, 2]\n: 3", (1, "", "[1, 2] can't be a key.")),
        ("a: !!python/name:os.system x", (1, "a", 'tags such as "!!python/name:os.system" are not read in a manifest; take it out.')),
        ("a: {<<: {b: 1}}", (1, "a", 'merge keys ("<<") are not read in a manifest; put what models share under "defaults".')),
    ],
)  # fmt: skip
def test_reading_goes_on_after_an_oddity(text: str, problem: tuple[int, str, str]) -> None:
    found = read(text + "\nlast: 1").problems
    assert [(each.line, each.path, each.message) for each in found] == [problem]


def test_quoted_keys_and_keys_of_different_mappings_are_no_oddity() -> None:
    assert read("'1': x\na: {k: 1}\nb: {k: 1}").problems == ()


def test_aliases_of_aliases_are_counted_in_full() -> None:
    """Nine levels of ten make a thousand million values out of three hundred bytes."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert refusal("\n".join(lines)) == (
        "tfjsci.yml:5: more than 100,000 values (aliases counted in full), which no manifest has."
    )
    assert read("\n".join(lines[:3])).problems == ()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(
        ManifestError, match=r"gone\.yml: there is no such file\. Write one with: tfjsci init$"
    ) as caught:
        read_document(tmp_path / "gone.yml")
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"this is a folder, not a manifest\.$"):
        read_document(tmp_path)


def test_a_file_under_a_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("a: 1")
    with pytest.raises(ManifestError, match=r"can't be read: Not a directory\.$"):
        read_document(tmp_path / "plain" / "tfjsci.yml")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: 1\nb: \xff\n", ":2: the byte 0xff is not UTF-8 text. Save the file as UTF-8."),
        ("a: 1".encode("utf-16"), ": this is a binary file (or UTF-16), not a manifest. Save it as UTF-8 text."),
        (b"a: 1\n" + b"#" * LARGEST_FILE, ": the file is larger than 1 MiB, which no manifest is."),
    ],
)
def test_a_file_that_is_no_text(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "m.yml"
    path.write_bytes(data)
    with pytest.raises(ManifestError) as caught:
        read_document(path)
    assert str(caught.value) == f"{path}{message}"


def test_a_byte_order_mark_and_letters_of_all_kinds_are_text(tmp_path: Path) -> None:
    path = tmp_path / "m.yml"
    path.write_bytes("\ufeffname: größe 模型\n".encode())
    assert read_document(path).root.plain() == {"name": "größe 模型"}
