"""``tfjsci run``: the main job, with live progress, a table at the end and an exit code."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tfjsci.cli.options import Verbosity, input_shape_option, manifest_argument, no_rule_option, verbosity_options
from tfjsci.errors import ExitCode

LOG_COLUMNS = 140
"""Where there is no terminal to ask; a CI log wraps later than a terminal does."""


@click.command()
@manifest_argument
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("tfjsci-output"),
    show_default=True, help="Folder for results.json, report.md, the log and the artifacts.",
)  # fmt: skip
@click.option("--model", "models", multiple=True, metavar="NAME", help="Only this model (repeat for more).")
@click.option(
    "--only", metavar="STAGES",
    help="Only these stages, with commas: convert, check, quantize, verify, compare, benchmark. convert is always done.",
)  # fmt: skip
@click.option(
    "--no-verify", is_flag=True,
    help="Don't hold the rewritten graph against the original one in TensorFlow.",
)  # fmt: skip
@input_shape_option(
    "Pin an input's sizes in every model, as in image=1,224,224,3: like shapes: with pin_shapes: true (repeat for more).",
    open_sizes=False,
)
@no_rule_option
@click.option(
    "--allow-code", is_flag=True,
    help="Let code that is inside a model file run (Lambda layers, classes of its author), the scripts of "
    "custom_ops, custom_objects, and metrics of the manifest's own. Only for files you trust.",
)  # fmt: skip
@click.option(
    "--baseline", type=click.Path(path_type=Path), metavar="DIR",
    help="Hold the models against an earlier run: its output folder, with results.json and models/.",
)  # fmt: skip
@click.option(
    "--baseline-ref", metavar="REF",
    help="Hold the models against those of a branch, tag or commit, such as origin/main; it must have been fetched.",
)  # fmt: skip
@click.option(
    "--localize/--no-localize", "localize", default=None,
    help="Look for the culprit where a pair misses a limit, or don't, whatever the manifest says (compare: localize:).",
)  # fmt: skip
@verbosity_options
def run(
    manifest: Path,
    output: Path,
    models: tuple[str, ...],
    only: str | None,
    no_verify: bool,
    input_shapes: dict[str, tuple[int, ...]],
    without_rules: tuple[str, ...],
    allow_code: bool,
    baseline: Path | None,
    baseline_ref: str | None,
    localize: bool | None,
    verbosity: Verbosity,
) -> ExitCode:
    """Convert, check, compare, benchmark and judge the models of MANIFEST.

    Writes results.json, report.md, tfjsci.log and models/NAME/VARIANT/model.json below the output folder. The exit
    code says how it went; see tfjsci --help.
    """
    from tfjsci.api.runs import LOG, prepare, run_with_progress
    from tfjsci.chatter import chatter_to
    from tfjsci.progress import Bar, Lines, Progress, Silent

    stages = tuple(part.strip() for part in (only or "").split(",") if part.strip())
    if only is not None and not stages:
        raise click.UsageError("--only names no stage")  # rather than run them all
    if no_verify and "verify" in stages:
        raise click.UsageError("--no-verify and --only verify can't both be given")
    plan = prepare(
        manifest,
        output,
        models=models,
        only=stages,
        verify=not no_verify,
        without_rules=without_rules,
        input_shapes=input_shapes,
        allow_code=allow_code,
        baseline=baseline,
        baseline_ref=baseline_ref,
        localize=localize,
    )
    terminal = sys.stderr.isatty()
    with chatter_to(output / LOG) as spoken:
        progress: Progress = Silent()
        if verbosity is not Verbosity.QUIET:
            progress = Bar(spoken.err) if terminal else Lines(spoken.err)
        result = run_with_progress(plan, manifest_name=str(manifest), progress=progress)
    _show(result, output, verbosity)
    return ExitCode(result.exit_code)


def _show(result: object, output: Path, verbosity: Verbosity) -> None:
    from rich.console import Console

    from tfjsci.api.runs import LOG, REPORT
    from tfjsci.report.terminal import render_terminal
    from tfjsci.results.run_result import RunResult

    assert isinstance(result, RunResult)
    if verbosity is Verbosity.QUIET and result.exit_code == ExitCode.OK:
        return
    width = None if sys.stdout.isatty() else LOG_COLUMNS
    render_terminal(result, Console(highlight=False, width=width))
    click.echo(f"report: {output / REPORT}")
    if verbosity is Verbosity.VERBOSE or result.exit_code not in (ExitCode.OK, ExitCode.MODEL):
        click.echo(f"log:    {output / LOG}")
