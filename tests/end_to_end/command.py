"""The command line, called in this process: what it prints on which stream, and its exit code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tfjsci.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
DIGITS = EXAMPLES / "digits" / "models"


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    def in_peace(self) -> Done:
        """Whatever happened: the user sees no traceback, and nothing of TensorFlow's or Chromium's chatter."""
        for text in (self.out, self.err):
            for noise in (
                "Traceback",
                "WARNING",
                "E0000",
                "W0000",
                "I0000",
                "cuda",
                "oneDNN",
                "DevTools",
                "absl",
                "UserWarning",
            ):
                assert noise not in text, text
        return self


def call(capfd: pytest.CaptureFixture[str], *arguments: object) -> Done:
    """``tfjsci ARGUMENTS``."""
    capfd.readouterr()
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    out, err = capfd.readouterr()
    assert isinstance(left.value.code, int)
    return Done(code=left.value.code, out=out, err=err)


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
