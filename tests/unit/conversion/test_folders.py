"""Folders named after signatures, which a file chose: none leads out, none is another's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.conversion.folders import folders_of, no_empty
from tfjsci.errors import UsageError

OUT = Path("out")


def test_a_plain_name_stays() -> None:
    assert folders_of(OUT, ["serving_default", "v2.encode"]) == {
        "serving_default": OUT / "serving_default",
        "v2.encode": OUT / "v2.encode",
    }


def test_no_name_leads_out_and_no_two_share_one() -> None:
    folders = folders_of(OUT, ["../x", "a/b", "a:b", "..", "-v", ""])
    assert all(path.parent == OUT and path.name[0] not in ".-" for path in folders.values())
    assert len(set(folders.values())) == len(folders)


def test_a_signature_given_twice() -> None:
    with pytest.raises(UsageError, match="'a' is given twice"):
        folders_of(OUT, ["a", "b", "a"])


def test_what_was_not_there_before_is_not_left_empty(tmp_path: Path) -> None:
    def fail(output: Path) -> None:
        with no_empty(output):
            output.mkdir(exist_ok=True)
            raise KeyboardInterrupt

    (tmp_path / "old").mkdir()
    for name in ("old", "new"):
        with pytest.raises(KeyboardInterrupt):
            fail(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
