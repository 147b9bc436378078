"""A text that came with the package, for who asks for it: on the terminal, or into a file."""

from __future__ import annotations

from pathlib import Path

import click

from tfjsci.cli.options import Verbosity
from tfjsci.errors import ExitCode
from tfjsci.escape import visible

output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write it to this file instead of the terminal."
)


def hand_out(text: str, output: Path | None, verbosity: Verbosity) -> ExitCode:
    """Print ``text``, or write it to ``output``, whole or not at all. Raises ``OutputUnwritable``."""
    from tfjsci.results.atomic import write_whole

    if output is None:
        click.echo(text, nl=False)
        return ExitCode.OK
    write_whole(output, text)
    if verbosity is not Verbosity.QUIET:
        click.echo(f"wrote {visible(str(output))}")
    return ExitCode.OK
