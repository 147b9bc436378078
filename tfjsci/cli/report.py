"""``tfjsci report``: the report again, from ``results.json`` alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tfjsci.cli.options import Verbosity, verbosity_options
from tfjsci.escape import one_line

if TYPE_CHECKING:
    from tfjsci.results.run_result import RunResult

FORMATS = ("markdown", "terminal")
_FILE_WIDTH = 120


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="markdown",
    show_default=True,
    help="markdown is report.md; terminal is what tfjsci run ends with.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it to this file instead of the terminal.")
@verbosity_options
def report(results: Path, form: str, output: Path | None, verbosity: Verbosity) -> None:
    """Render RESULTS, the results.json of a run, again. Nothing is run.

    The exit code says whether the report could be rendered, not whether the models pass.
    """
    from tfjsci.results.atomic import write_whole
    from tfjsci.results.store import read_results

    text = _render(read_results(results), form, to_file=output is not None)
    if output is None:
        click.echo(text, nl=False)
        return
    write_whole(output, text)
    if verbosity is not Verbosity.QUIET:
        click.echo(f"written: {one_line(str(output), 400)}", err=True)


def _render(run: RunResult, form: str, *, to_file: bool) -> str:
    if form == "markdown":
        from tfjsci.report.markdown import render_markdown

        return render_markdown(run)
    from rich.console import Console

    from tfjsci.report.terminal import render_terminal

    # Colours and width are the reader's terminal's; a file or a pipe has neither.
    terminal = sys.stdout.isatty() and not to_file
    console = Console(highlight=False) if terminal else Console(highlight=False, no_color=True, width=_FILE_WIDTH)
    with console.capture() as captured:
        render_terminal(run, console)
    return captured.get()
