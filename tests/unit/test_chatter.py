"""What C libraries and Python print meanwhile lands in the log; the user's own streams come back, whatever happens."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tfjsci.chatter import chatter_to


def say(text: str) -> None:
    """As a C library would, and as Python would."""
    os.write(1, f"{text} fd1\n".encode())
    os.write(2, f"{text} fd2\n".encode())
    print(f"{text} print")
    print(f"{text} error", file=sys.stderr)


def say_and_raise(error: type[BaseException]) -> None:
    say("inside")
    raise error


def test_all_four_ways_to_speak_go_to_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    with chatter_to(log) as spoken:
        say("chatter")
        print("for the user", file=spoken.out)
        print("for the user, too", file=spoken.err)
    say("afterwards")
    out, err = capfd.readouterr()
    assert sorted(log.read_text().splitlines()) == ["chatter error", "chatter fd1", "chatter fd2", "chatter print"]
    assert "chatter" not in out + err
    assert "afterwards fd1" in out
    assert "afterwards fd2" in err
    assert "for the user\n" in out
    assert "for the user, too\n" in err


def test_streams_come_back_after_an_error_and_the_log_is_appended(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    log.write_text("earlier\n")
    before = (sys.stdout, sys.stderr, len(list(Path("/proc/self/fd").iterdir())))
    for error in (ValueError, KeyboardInterrupt, SystemExit):
        with pytest.raises(error), chatter_to(log):
            say_and_raise(error)
    assert (sys.stdout, sys.stderr, len(list(Path("/proc/self/fd").iterdir()))) == before, (
        "nor is a descriptor left over"
    )
    assert log.read_text().startswith("earlier\n")
    say("afterwards")
    assert "inside" not in "".join(capfd.readouterr())


def test_nested(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with chatter_to(tmp_path / "outer"):
        os.write(2, b"one\n")
        with chatter_to(tmp_path / "inner"):
            os.write(2, b"two\n")
        os.write(2, b"three\n")
    assert (tmp_path / "outer").read_text() == "one\nthree\n"
    assert (tmp_path / "inner").read_text() == "two\n"
    assert capfd.readouterr() == ("", "")


def test_streams_without_a_descriptor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with chatter_to(tmp_path / "log") as spoken:
        print("chatter")
        print("for the user", file=spoken.err)
    assert (sys.stdout, sys.stderr) == (out, err)
    assert (out.getvalue(), err.getvalue()) == ("", "for the user\n")
    assert (tmp_path / "log").read_text() == "chatter\n"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    with chatter_to(tmp_path / "log"):
        os.write(2, b"\xff\xfe\n")
        print("\udcff")
    assert (tmp_path / "log").read_bytes().startswith(b"\xff\xfe\n")


def test_a_log_that_cannot_be_opened_leaves_the_streams_alone(tmp_path: Path) -> None:
    before = (sys.stdout, sys.stderr)
    with pytest.raises(IsADirectoryError), chatter_to(tmp_path):
        pass
    assert (sys.stdout, sys.stderr) == before


SCRIPT = """
    import os, sys
    sys.path.insert(0, {root!r})
    from pathlib import Path
    from tfjsci.chatter import chatter_to
    with chatter_to(Path({log!r})) as spoken:
        os.write(2, b"chatter\\n")
        print("chatter")
        try:
            print("seen", file=spoken.err)
        except ValueError:
            pass
    os.write(2, b"end\\n")
"""


def run(tmp_path: Path, shell: str) -> tuple[str, str]:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT.format(root=str(Path(__file__).parents[2]), log=str(tmp_path / "log"))))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} {script} {shell}"], capture_output=True, text=True, timeout=300
    )
    assert "Traceback" not in done.stderr
    return done.stderr, (tmp_path / "log").read_text()


def test_a_standard_output_that_is_closed(tmp_path: Path) -> None:
    assert run(tmp_path, ">&-") == ("seen\nend\n", "chatter\nchatter\n")


def test_a_reader_who_left(tmp_path: Path) -> None:
    stderr, log = run(tmp_path, "| true")
    assert stderr.startswith("seen\nend\n")
    assert log == "chatter\nchatter\n"
