"""What TensorFlow says meanwhile, put aside: on the terminal it would stand between our lines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from tfjsci.cli.options import Verbosity


@contextmanager
def chatter_aside(verbosity: Verbosity) -> Iterator[TextIO]:
    """With ``--verbose`` it is told afterwards on stderr, also when something was raised; else it is lost.

    Gives the user's own stderr, for what is to be seen at once.
    """
    from tfjsci.chatter import chatter_to

    with tempfile.TemporaryDirectory(prefix="tfjsci-") as folder:
        log = Path(folder) / "chatter.log"
        try:
            with chatter_to(log) as spoken:
                yield spoken.err
        finally:
            if verbosity is Verbosity.VERBOSE and log.is_file():
                click.echo(log.read_text(encoding="utf-8", errors="replace"), err=True, nl=False)
