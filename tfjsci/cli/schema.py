"""``tfjsci schema``: the manifest's JSON Schema, as it came with the package."""

from __future__ import annotations

from pathlib import Path

import click

from tfjsci.cli.options import Verbosity, verbosity_options
from tfjsci.errors import ExitCode
from tfjsci.escape import visible


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it to this file instead of the terminal.")
@verbosity_options
def schema(output: Path | None, verbosity: Verbosity) -> ExitCode:
    """Print the JSON Schema of tfjsci.yml, with which editors complete and check it.

    An editor with the YAML language server uses it when the manifest starts with

    \b
      # yaml-language-server: $schema=PATH
    """
    from tfjsci.manifest.shipped import shipped_schema_text
    from tfjsci.results.atomic import write_whole

    if output is None:
        click.echo(shipped_schema_text(), nl=False)
        return ExitCode.OK
    write_whole(output, shipped_schema_text())
    if verbosity is not Verbosity.QUIET:
        click.echo(f"wrote {visible(str(output))}")
    return ExitCode.OK
