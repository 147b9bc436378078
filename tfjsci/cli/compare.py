"""``tfjsci compare``: any two held against each other; the table, and where they come apart."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from tfjsci.cli.aside import chatter_aside
from tfjsci.cli.limits import limit_options
from tfjsci.cli.options import Verbosity, backends_option, input_shape_option, verbosity_options
from tfjsci.dtypes import Backend
from tfjsci.errors import ExitCode, UsageError
from tfjsci.escape import one_line
from tfjsci.listed import listed


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@backends_option("Run what a browser runs on these, with commas between; default: all four.")
@click.option(
    "--inputs",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Values: an .npz with an array for each input, an .npy of the only one, or a manifest, for the inputs of its model "
    "(images, tables and so on). Default: random ones.",
)
@click.option("--model", metavar="NAME", help="Of a manifest with several models: whose inputs.")
@input_shape_option(
    "Sizes of a random input that the model leaves open, as in tokens=3,16 (repeat for more).", open_sizes=False
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the random values.")
@limit_options()
@click.option(
    "--localize", is_flag=True, help="Find the node where the two come apart, and the weights that cost most."
)
@click.option("--signature", help="SavedModel signature; default: serving_default, or the only one.")
@click.option(
    "--deadline", type=click.FloatRange(min=0, min_open=True), default=120.0, show_default=True, metavar="SECONDS",
    help="How long one browser job may take.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--allow-code", is_flag=True, help="Let code that is inside a model file run. Only for files you trust.")
@verbosity_options
def compare(
    a: str,
    b: str,
    backends: tuple[Backend, ...],
    inputs: Path | None,
    model: str | None,
    input_shapes: dict[str, tuple[int, ...]],
    seed: int,
    localize: bool,
    signature: str | None,
    deadline: float,
    as_json: bool,
    allow_code: bool,
    verbosity: Verbosity,
    **limits: Any,
) -> ExitCode:
    """Hold B against A, which is the reference.

    A and B are two models: an original of any format, run by TensorFlow, or the folder of a TensorFlow.js model or of a variant
    of it, run in a browser. Or they are the results of two runs, results.json or the folder that it lies in: then nothing is
    run, and what got worse comes first.

    \b
    Exit codes:
      0  every limit is kept; of two runs: nothing got worse by more than rounding
      1  a limit is missed, or something got worse; or a model can't be read or run
    """
    from tfjsci import api
    from tfjsci.cli.compared import model_lines, run_lines
    from tfjsci.versus.member import look

    all_rows = verbosity is Verbosity.VERBOSE
    wanted = {name: value for name, value in limits.items() if value is not None}
    members = [look(each) for each in (a, b)]
    if all(member.kind == "results" for member in members):
        if wanted or localize or inputs is not None or model is not None:
            raise click.UsageError("limits, inputs and --localize are for two models, and these are two results")
        runs = api.compare_results(a, b)
        if not runs.changes:
            only = "; ".join(
                f"only in {name}: {listed(map(one_line, found), 5)}"
                for name, found in (("A", runs.only_a), ("B", runs.only_b))
                if found
            )
            raise UsageError(
                "the two runs have no number in common, so nothing can be compared", hint=only or "Both are empty."
            )
        if verbosity is not Verbosity.QUIET or runs.worse or as_json:
            click.echo(
                json.dumps(runs.as_data(), indent=2) if as_json else "\n".join(run_lines(runs, all_rows=all_rows))
            )
        return ExitCode.MODEL if runs.worse else ExitCode.OK
    with chatter_aside(verbosity) as err:
        found = api.compare_models(
            a,
            b,
            backends=backends,
            inputs=inputs,
            model=model,
            input_shapes=input_shapes,
            seed=seed,
            limits=wanted,
            localize=localize,
            signature=signature,
            allow_code=allow_code,
            deadline_seconds=deadline,
            told=partial(_progress, err) if verbosity is Verbosity.VERBOSE else None,
        )
    if verbosity is not Verbosity.QUIET or found.missed or as_json:
        click.echo(
            json.dumps(found.as_data(), indent=2) if as_json else "\n".join(model_lines(found, all_rows=all_rows))
        )
    return ExitCode.MODEL if found.missed else ExitCode.OK


def _progress(err: TextIO, what: str) -> None:
    click.echo(f"{one_line(what, 200)} …", file=err)
