"""``tfjsci loader``: the JavaScript module that loads models with packed weights, as it came with the package."""

from __future__ import annotations

from pathlib import Path

import click

from tfjsci.cli.hand_out import hand_out, output_option
from tfjsci.cli.options import Verbosity, verbosity_options
from tfjsci.errors import ExitCode


@click.command()
@output_option
@verbosity_options
def loader(output: Path | None, verbosity: Verbosity) -> ExitCode:
    """Print an ES module for web pages, with which models load whose weights are packed (int4, uint8-per-channel …).

    It needs nothing but TensorFlow.js 4. Put it among the page's own files:

    \b
      tfjsci loader --output src/tfjsci-loader.mjs
    """
    from tfjsci.artifact.loader import loader_text

    return hand_out(loader_text(), output, verbosity)
