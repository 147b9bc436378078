"""TensorFlow's and Chromium's own words, kept out of the user's face: what is printed meanwhile goes to a log file."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """The streams that still reach the user while everything else goes to the log."""

    out: TextIO
    err: TextIO


@contextmanager
def chatter_to(log: Path) -> Iterator[Spoken]:
    """Send file descriptors 1 and 2, and Python's streams, to ``log`` (appended); give back the user's own.

    C++ libraries write to the descriptors, so swapping ``sys.stderr`` alone wouldn't catch them. Where a stream has no
    descriptor (under a test runner, in a notebook), only Python's side is swapped.
    """
    saved_out, saved_err = sys.stdout, sys.stderr
    with log.open("a", encoding="utf-8", errors="replace", buffering=1) as sink, ExitStack() as restore:
        # Undone last to first, each whatever the others raise: a stream whose reader left can't be flushed.
        copies = {fd: _kept(fd, restore) for fd in (1, 2)}
        restore.callback(lambda: _set_streams(saved_out, saved_err))
        own_out, own_err = _on(saved_out, 1, copies[1]), _on(saved_err, 2, copies[2])
        for stream in (saved_out, saved_err, own_out, own_err):
            restore.callback(_flush, stream)
            _flush(stream)
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
        _set_streams(sink, sink)
        yield Spoken(out=own_out, err=own_err)


def _kept(fd: int, restore: ExitStack) -> int | None:
    """A copy of the descriptor that is put back at the end; None if it is closed (``tfjsci run >&-``), as it is again then."""
    try:
        copy = os.dup(fd)
    except OSError:
        restore.callback(os.close, fd)
        return None
    restore.callback(os.close, copy)
    restore.callback(os.dup2, copy, fd)
    return copy


def _set_streams(out: TextIO, err: TextIO) -> None:
    sys.stdout, sys.stderr = out, err


def _flush(stream: TextIO | None) -> None:
    with suppress(BrokenPipeError):
        if stream is not None:  # Python's stream of a descriptor that was closed at its start
            stream.flush()


def _on(stream: TextIO | None, fd: int, copy: int | None) -> TextIO:
    """The stream as it was, on the descriptor's copy; the stream itself if it never wrote to that descriptor."""
    if stream is None or copy is None:
        return stream or io.StringIO()
    try:
        same = stream.fileno() == fd
    except (OSError, io.UnsupportedOperation, AttributeError):
        same = False
    if not same:
        return stream
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return os.fdopen(copy, "w", encoding=encoding, errors="replace", buffering=1, closefd=False)
