"""What a long step is at, in one line of the terminal that is written over again and gone at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from tfjsci.escape import one_line


@contextmanager
def status_line(err: TextIO, *, shown: bool) -> Iterator[Callable[[str], None]]:
    """A function that shows what it is told; nothing is written where nobody looks, or ``err`` isn't a terminal."""
    if not (shown and err.isatty()):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(file=err, highlight=False).status(Text("starting")) as status:
        yield lambda now: status.update(Text(one_line(now)))
