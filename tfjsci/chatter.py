"""TensorFlow's and Chromium's own words, kept out of the user's face: what is printed meanwhile goes to a log file."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    with log.open("a", encoding="utf-8", errors="replace", buffering=1) as sink:
        kept = [(fd, os.dup(fd)) for fd in (1, 2)]
        streams: list[TextIO] = []
        try:
            for stream, (fd, copy) in zip((saved_out, saved_err), kept, strict=True):
                stream.flush()
                streams.append(_on(stream, fd, copy))
            os.dup2(sink.fileno(), 1)
            os.dup2(sink.fileno(), 2)
            sys.stdout = sys.stderr = sink
            yield Spoken(out=streams[0], err=streams[1])
        finally:
            for stream in streams:
                stream.flush()
            sys.stdout, sys.stderr = saved_out, saved_err
            for fd, copy in kept:
                os.dup2(copy, fd)
                os.close(copy)


def _on(stream: TextIO, fd: int, copy: int) -> TextIO:
    """The stream as it was, on the descriptor's copy; the stream itself if it never wrote to that descriptor."""
    try:
        same = stream.fileno() == fd
    except (OSError, io.UnsupportedOperation, AttributeError):
        same = False
    if not same:
        return stream
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return os.fdopen(copy, "w", encoding=encoding, errors="replace", buffering=1, closefd=False)
