"""``tfjsci report``: the report again in any form, from ``results.json`` alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tfjsci.cli.options import Verbosity, verbosity_options
from tfjsci.escape import one_line
from tfjsci.report.formats import FORMATS, render

if TYPE_CHECKING:
    from tfjsci.results.run_result import RunResult


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "forms",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    default=("markdown",),
    show_default=True,
    help="Repeat it for several forms at once. " + " ".join(f"{name}: {form.about}." for name, form in FORMATS.items()),
)
@click.option(
    "-o",
    "--output",
    metavar="FILE|FOLDER",
    help="Write it to this file instead of the terminal, or into this folder, under the form's own name. A folder is one "
    "that is there, or whose name ends with a slash.",
)
@verbosity_options
def report(results: Path, forms: tuple[str, ...], output: str | None, verbosity: Verbosity) -> None:
    """Render RESULTS, the results.json of a run, again. Nothing is run.

    The exit code says whether the report could be rendered, not whether the models pass.
    """
    from tfjsci.results.atomic import write_whole
    from tfjsci.results.store import read_results

    wanted = tuple(dict.fromkeys(forms))
    paths = _paths(output, wanted)
    run = read_results(results)
    if not paths:
        click.echo(_on_terminal(run) if _to_terminal(wanted[0]) else render(run, wanted[0]), nl=False)
        return
    for form, path in paths.items():
        write_whole(path, render(run, form))
        if verbosity is not Verbosity.QUIET:
            click.echo(f"written: {one_line(str(path), 400)}", err=True)


def _paths(output: str | None, forms: Sequence[str]) -> dict[str, Path]:
    """Where each form is written; nothing, if it goes to the terminal."""
    if output is None:
        if len(forms) > 1:
            raise click.UsageError("several forms need a folder to be written to: --output FOLDER/")
        return {}
    path = Path(output)
    if output.endswith(("/", os.sep)) or path.is_dir():
        return {form: path / FORMATS[form].file_name for form in forms}
    if len(forms) > 1:
        raise click.UsageError(
            f"several forms can't be written to one file: end {one_line(output)!r} with a slash if it is to be a folder"
        )
    return {forms[0]: path}


def _to_terminal(form: str) -> bool:
    return form == "terminal" and sys.stdout.isatty()


def _on_terminal(run: RunResult) -> str:
    """With the colours and the width of the reader's terminal, which a file or a pipe hasn't got."""
    from rich.console import Console

    from tfjsci.report.terminal import render_terminal

    console = Console(highlight=False)
    with console.capture() as captured:
        render_terminal(run, console)
    return captured.get()
