"""``tfjsci schema``: the manifest's JSON Schema, as it came with the package."""

from __future__ import annotations

from pathlib import Path

import click

from tfjsci.cli.hand_out import hand_out, output_option
from tfjsci.cli.options import Verbosity, verbosity_options
from tfjsci.errors import ExitCode


@click.command()
@output_option
@verbosity_options
def schema(output: Path | None, verbosity: Verbosity) -> ExitCode:
    """Print the JSON Schema of tfjsci.yml, with which editors complete and check it.

    An editor with the YAML language server uses it when the manifest starts with

    \b
      # yaml-language-server: $schema=PATH
    """
    from tfjsci.manifest.shipped import shipped_schema_text

    return hand_out(shipped_schema_text(), output, verbosity)
