"""``tfjsci convert``: one model to one folder, without a manifest or a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tfjsci.cli.aside import chatter_aside
from tfjsci.cli.options import Verbosity, backends_option, input_shape_option, no_rule_option, verbosity_options
from tfjsci.dtypes import Backend
from tfjsci.escape import one_line
from tfjsci.units import parse_bytes, show_bytes

if TYPE_CHECKING:
    from tfjsci.api import OutputFormat
    from tfjsci.converter import Converted


class _Size(click.ParamType):  # type: ignore[type-arg]  # generic only in newer releases of click
    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """``4 MiB`` -> bytes, at least 1 KiB."""
        try:
            size = parse_bytes(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if size < 1024:
            self.fail(f"{value!r} is less than 1 KiB", param, ctx)
        return size


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="INPUT")
@click.argument("output", type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(["auto", "keras", "h5", "saved_model"]), default="auto", show_default=True
)
@click.option(
    "--output-format",
    type=click.Choice(["graph", "layers", "auto"]),
    default="graph",
    show_default=True,
    help="A graph model; a layers model, of a Keras file; or auto: a layers model where it can be.",
)
@click.option(
    "--architecture",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The model's JSON (model.to_json()), where a layers model is made of weights alone.",
)
@click.option("--signature", help="SavedModel signature; default: serving_default, or the only one.")
@click.option("--quantize", type=click.Choice(["float16", "uint16", "uint8"]), help="Store the weights in fewer bytes.")
@click.option("--include", multiple=True, metavar="PATTERN", help="Quantise only weights that match (repeat for more).")
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave weights that match as they are (repeat for more)."
)
@backends_option("Make it for these, with commas between; default: all four.")
@click.option("--shard-bytes", type=_Size(), default="4 MiB", show_default=True, help="Largest weight file.")
@click.option("--keep-debug-ops", is_flag=True, help="Leave Print and CheckNumerics in; the runtime has only Print.")
@click.option(
    "--unroll-loops",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="TURNS",
    help="Unroll loops that turn at most so often, where that is known: faster, and more nodes.",
)
@input_shape_option(
    "Pin an input's sizes, as in image=1,224,224,3 (? leaves one open): the model takes no others then (repeat for more).",
    open_sizes=True,
)
@no_rule_option
@click.option("--explain", is_flag=True, help="Say which rewriting rules applied, and which declined where and why.")
@click.option("--json", "as_json", is_flag=True, help="With --explain: as JSON.")
@click.option(
    "--allow-code", is_flag=True, help="Let code that is inside the model file run. Only for files you trust."
)
@verbosity_options
def convert(
    source: Path,
    output: Path,
    format_: str,
    output_format: OutputFormat,
    architecture: Path | None,
    signature: str | None,
    quantize: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    backends: tuple[Backend, ...],
    shard_bytes: int,
    keep_debug_ops: bool,
    unroll_loops: int,
    input_shapes: dict[str, tuple[int | None, ...]],
    without_rules: tuple[str, ...],
    explain: bool,
    as_json: bool,
    allow_code: bool,
    verbosity: Verbosity,
) -> None:
    """Convert INPUT (.keras, .h5 or a SavedModel folder) to a TensorFlow.js model in the folder OUTPUT.

    It is a graph model unless --output-format says otherwise. A layers model can be trained in the browser; layers that
    TensorFlow.js lacks or computes otherwise than Keras are named, and nothing is written.

    Nothing is compared: whether the numbers are right is what tfjsci run tells.
    """
    if (include or exclude) and quantize is None:
        raise click.UsageError("--include and --exclude need --quantize")
    if as_json and not explain:
        raise click.UsageError("--json needs --explain")
    if architecture is not None and output_format == "graph":
        raise click.UsageError("--architecture needs --output-format layers")
    if explain and output_format == "layers":
        raise click.UsageError("--explain tells of graph models; with --output-format layers nothing is rewritten")
    from tfjsci import api

    converted: list[Converted] = []
    notes: list[str] = []
    with chatter_aside(verbosity):
        api.convert(
            source,
            output,
            format=format_,
            signature=signature,
            backends=backends,
            quantize=quantize,
            include=include,
            exclude=exclude,
            shard_bytes=shard_bytes,
            keep_debug_ops=keep_debug_ops,
            without_rules=without_rules,
            input_shapes=input_shapes,
            unroll_loops=unroll_loops,
            allow_code=allow_code,
            output_format=output_format,
            architecture=architecture,
            told=converted.append,
            noted=notes.append,
        )
    if verbosity is not Verbosity.QUIET:
        for note in notes:
            click.echo(f"note: {one_line(note, 1000)}", err=True)
    if explain and converted:
        _explain(source, converted[0], as_json=as_json)
    if verbosity is not Verbosity.QUIET and not as_json:
        files = sorted(path for path in output.iterdir() if path.is_file())
        size = sum(path.stat().st_size for path in files)
        kind = "" if converted else "layers model, "
        click.echo(f"{output / 'model.json'}: {kind}{len(files) - 1} shard(s), {show_bytes(size)} in all")


def _explain(source: Path, converted: Converted, *, as_json: bool) -> None:
    from tfjsci.cli.explain import as_data, as_lines, explain

    told = explain(source.name, converted)
    for line in [json.dumps(as_data(told), indent=2)] if as_json else [*as_lines(told), ""]:
        click.echo(line)
