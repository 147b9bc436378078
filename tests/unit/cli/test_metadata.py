"""--metadata KEY:FILE."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.cli.metadata import read_metadata
from tfjsci.errors import UsageError


def test_the_key_ends_at_the_first_colon(tmp_path: Path) -> None:
    (tmp_path / "a:b.json").write_text('["é"]', encoding="utf-8")
    (tmp_path / "c.json").write_text("{}", encoding="utf-8")
    assert read_metadata([f"labels:{tmp_path / 'a:b.json'}", f"c:{tmp_path / 'c.json'}"]) == {"labels": ["é"], "c": {}}


REPEATED = (("same", '{"k": 1, "k": 1}'), ("inner", r'[{"x": {"a\nb": 1, "a\nb": 2}}]'))


def test_a_key_may_stand_in_several_objects(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('[{"k": 1}, {"k": {"k": 2}}]', encoding="utf-8")
    assert read_metadata([f"c:{tmp_path / 'c.json'}"]) == {"c": [{"k": 1}, {"k": {"k": 2}}]}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["labels"], "is not KEY:FILE"),
        ([":x.json"], "is not KEY:FILE"),
        (["a:x.json", "a:x.json"], "is given twice"),
        (["a:gone.json"], "can't be read"),
        (["a:nan.json"], "isn't JSON"),
        (["a:cut.json"], "isn't JSON"),
        (["a:same.json"], "same.json has 'k' twice"),
        (["a:inner.json"], "inner.json has 'a␊b' twice"),
    ],
)
def test_what_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], words: str) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("x", "1"), ("nan", "NaN"), ("cut", "[1,"), *REPEATED):
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        read_metadata(given)
