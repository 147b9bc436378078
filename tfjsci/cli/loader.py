"""``tfjsci loader``: the JavaScript module that loads models with packed weights, as it came with the package."""

from __future__ import annotations

from pathlib import Path

import click

from tfjsci.cli.options import Verbosity, verbosity_options
from tfjsci.errors import ExitCode
from tfjsci.escape import visible


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it to this file instead of the terminal.")
@verbosity_options
def loader(output: Path | None, verbosity: Verbosity) -> ExitCode:
    """Print an ES module for web pages, with which models load whose weights are packed (int4, uint8-per-channel …).

    It needs nothing but TensorFlow.js 4. Put it among the page's own files:

    \b
      tfjsci loader --output src/tfjsci-loader.mjs
    """
    from tfjsci.artifact.loader import loader_text
    from tfjsci.results.atomic import write_whole

    if output is None:
        click.echo(loader_text(), nl=False)
        return ExitCode.OK
    write_whole(output, loader_text())
    if verbosity is not Verbosity.QUIET:
        click.echo(f"wrote {visible(str(output))}")
    return ExitCode.OK
