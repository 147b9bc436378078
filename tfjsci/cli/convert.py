"""``tfjsci convert``: one model to one folder, without a manifest; a browser only where it is to be verified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tfjsci.cli.aside import chatter_aside
from tfjsci.cli.limits import limit_options
from tfjsci.cli.options import (
    Verbosity,
    backends_option,
    custom_objects_option,
    graph_options,
    input_format_option,
    input_shape_option,
    no_rule_option,
    verbosity_options,
)
from tfjsci.cli.quantizing import arguments_for
from tfjsci.cli.status_line import status_line
from tfjsci.dtypes import SCHEME_NAMES, Backend
from tfjsci.escape import one_line
from tfjsci.units import parse_bytes

if TYPE_CHECKING:
    from tfjsci.conversion.conversion import Conversion
    from tfjsci.conversion.wanted import OutputFormat
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
@click.argument("source", metavar="INPUT")
@click.argument("output", type=click.Path(path_type=Path))
@input_format_option("INPUT")
@click.option(
    "--output-format",
    type=click.Choice(["graph", "layers", "auto", "saved_model", "frozen", "h5", "keras"]),
    default="graph",
    show_default=True,
    help="A graph model; a layers model, of a Keras file; or auto: a layers model where it can be. Of a TensorFlow.js model "
    "also a SavedModel, a frozen graph's .pb, or, of a layers model, a Keras file.",
)
@click.option(
    "--architecture",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The model's JSON (model.to_json()), where INPUT is an .h5 file of weights alone.",
)
@click.option(
    "--signature",
    "signatures",
    multiple=True,
    metavar="NAME",
    help="SavedModel signature; default: serving_default, or the only one. Several: each to a folder of its own in OUTPUT.",
)
@graph_options
@click.option(
    "--quantize",
    type=click.Choice((*SCHEME_NAMES, "auto")),
    metavar="SCHEME",
    help=f"Store the weights in fewer bytes: {', '.join(SCHEME_NAMES)}; or auto: a scheme for each weight is searched for.",
)
@limit_options(of="--quantize auto")
@click.option(
    "--inputs",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The samples on which --quantize auto is to meet it: an .npz with an array for each input.",
)
@click.option(
    "--allow-initializer", is_flag=True, help="Let --quantize auto also take schemes that need an initializer graph."
)
@click.option("--include", multiple=True, metavar="PATTERN", help="Quantise only weights that match (repeat for more).")
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave weights that match as they are (repeat for more)."
)
@click.option(
    "--group", type=click.IntRange(16, 128), metavar="WEIGHTS",
    help="Of int4 and int6: so many neighbouring weights share a scale; default: all of a channel.",
)  # fmt: skip
@click.option(
    "--levels", type=click.IntRange(2, 256), metavar="CODES",
    help="Of uint8 and uint8-per-channel: only so many different codes, which compress better.",
)  # fmt: skip
@click.option(
    "--ranges", type=click.Choice(("min-max", "least-error")),
    help="Where codes end: at the extreme weights, or where the error is least; default: what is best for the scheme.",
)  # fmt: skip
@click.option(
    "--rounding", type=click.Choice(("balanced", "nearest")),
    help="Let the errors of each output channel cancel out (the default), or round each weight by itself.",
)  # fmt: skip
@click.option(
    "--small-weights", type=click.Choice(("float16", "quantized")),
    help="Of eight bits and fewer: store the smallest weights, 1 % of all values, in float16 (the default), or as the others.",
)  # fmt: skip
@click.option(
    "--exact-upstream", is_flag=True,
    help="Of float16, uint16 and uint8: the very bytes that tensorflowjs_converter writes for the same weights.",
)  # fmt: skip
@click.option(
    "--calibrate",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Choose the codes with the model's own activations: an .npz with an array of samples for each input.",
)
@backends_option("Make it for these, with commas between; default: all four.")
@click.option("--shard-bytes", type=_Size(), default="4 MiB", show_default=True, help="Largest weight file.")
@click.option(
    "--split-weights-by-layer", "split_by_layer", is_flag=True, help="Each layer of a layers model in files of its own."
)
@click.option(
    "--no-optimizer", is_flag=True, help="Leave out of a layers model what its optimizer keeps for training to go on."
)
@click.option(
    "--strip-debug-ops/--keep-debug-ops",
    "strip_debug_ops",
    default=True,
    help="Take Print and CheckNumerics out (the default), or leave them in; the runtime has only Print.",
)
@click.option(
    "--skip-op-check", is_flag=True, help="Write the model even if it has ops that can't run; they are noted."
)
@click.option(
    "--use-structured-outputs-names",
    "structured_outputs",
    is_flag=True,
    help="Let predict in JavaScript give the outputs by name, not as a list.",
)
@click.option(
    "--metadata",
    "metadata_files",
    multiple=True,
    metavar="KEY:FILE",
    help="JSON for userDefinedMetadata in model.json (repeat for more).",
)
@click.option(
    "--unroll-loops",
    type=click.IntRange(min=1),
    metavar="TURNS",
    help="Unroll loops that turn at most so often, where that is known; 1 keeps them. By default, what makes 2,000 nodes.",
)
@click.option(
    "--state-as-io",
    is_flag=True,
    help="Make an input and an output of each variable that inference reads and writes (a stateful RNN, a counter).",
)
@input_shape_option(
    "Pin an input's sizes, as in image=1,224,224,3 (? leaves one open): the model takes no others then (repeat for more).",
    open_sizes=True,
)
@no_rule_option
@click.option("--explain", is_flag=True, help="Say which rewriting rules applied, and which declined where and why.")
@click.option(
    "--verify", is_flag=True, help="Run the result in a browser and hold it against the original, before it is kept."
)
@click.option(
    "--verify-inputs",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Values to verify with: an .npz with an array for each input. Default: random ones.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the random values.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON; with --explain, that as well.")
@click.option(
    "--allow-code", is_flag=True, help="Let code that is inside the model file run. Only for files you trust."
)
@custom_objects_option
@verbosity_options
def convert(
    source: str,
    output: Path,
    input_format: str,
    output_format: OutputFormat,
    architecture: Path | None,
    signatures: tuple[str, ...],
    tags: str | None,
    input_nodes: tuple[str, ...],
    output_nodes: tuple[str, ...],
    quantize: str | None,
    inputs: Path | None,
    allow_initializer: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    group: int | None,
    levels: int | None,
    ranges: str | None,
    rounding: str | None,
    small_weights: str | None,
    exact_upstream: bool,
    calibrate: Path | None,
    backends: tuple[Backend, ...],
    shard_bytes: int,
    split_by_layer: bool,
    no_optimizer: bool,
    strip_debug_ops: bool,
    skip_op_check: bool,
    structured_outputs: bool,
    metadata_files: tuple[str, ...],
    unroll_loops: int | None,
    state_as_io: bool,
    input_shapes: dict[str, tuple[int | None, ...]],
    without_rules: tuple[str, ...],
    explain: bool,
    verify: bool,
    verify_inputs: Path | None,
    seed: int,
    as_json: bool,
    allow_code: bool,
    custom_objects: tuple[str, ...],
    verbosity: Verbosity,
    **limits: Any,
) -> None:
    """Convert INPUT to a TensorFlow.js model in the folder OUTPUT.

    INPUT is a .keras or .h5 file, a SavedModel folder, a frozen graph, a hub module or its address, or a TensorFlow.js model.
    OUTPUT is a graph model unless --output-format says otherwise. A layers model can be trained in the browser; layers that
    TensorFlow.js lacks or computes otherwise than Keras are named, and nothing is written.

    Whether the numbers are right is what --verify tells, with one set of values; tfjsci run with yours, and holds them to limits.
    """
    quantizing = arguments_for(
        quantize=quantize,
        include=include,
        exclude=exclude,
        of_scheme={
            "group": group, "levels": levels, "ranges": ranges, "rounding": rounding, "small_weights": small_weights,
            "exact_upstream": exact_upstream or None,
        },
        calibrate=calibrate,
        limits=limits,
        inputs=inputs,
        allow_initializer=allow_initializer,
    )  # fmt: skip
    if verify_inputs is not None and not verify:
        raise click.UsageError("--verify-inputs needs --verify")
    if split_by_layer and output_format not in ("layers", "auto"):
        raise click.UsageError("--split-weights-by-layer needs --output-format layers")
    if no_optimizer and output_format not in ("layers", "auto"):
        raise click.UsageError("--no-optimizer needs --output-format layers")
    if explain and output_format == "layers":
        raise click.UsageError("--explain tells of graph models; with --output-format layers nothing is rewritten")
    from tfjsci import api
    from tfjsci.cli.metadata import read_metadata
    from tfjsci.inputs.by_name import ArraysIn
    from tfjsci.load.custom_objects import imported

    converted: list[Converted] = []
    options: dict[str, Any] = {
        "input_format": input_format,
        "output_format": output_format,
        "architecture": architecture,
        "tags": None if tags is None else [tag for tag in tags.split(",") if tag],
        "input_nodes": input_nodes,
        "output_nodes": output_nodes,
        "backends": backends,
        **quantizing,
        "shard_bytes": shard_bytes,
        "split_by_layer": split_by_layer,
        "optimizer": not no_optimizer,
        "keep_debug_ops": not strip_debug_ops,
        "skip_op_check": skip_op_check,
        "structured_outputs": structured_outputs,
        "metadata": read_metadata(metadata_files),
        "without_rules": without_rules,
        "input_shapes": input_shapes,
        "unroll_loops": unroll_loops,
        "state_as_io": state_as_io,
        "verify": verify,
        "verify_inputs": None if verify_inputs is None else ArraysIn(verify_inputs),
        "seed": seed,
        "allow_code": allow_code,
        "told": converted.append,
    }
    with chatter_aside(verbosity) as err, status_line(err, shown=verbosity is not Verbosity.QUIET) as say:
        options["say"] = say
        options["custom_objects"] = imported(custom_objects, allow_code=allow_code)
        if len(signatures) > 1:
            done = api.convert_signatures(source, output, signatures=signatures, **options)
        else:
            signature = signatures[0] if signatures else None
            done = {"": api.convert(source, output, signature=signature, **options)}
    _say(list(done.values()), converted, explain=explain, as_json=as_json, verbosity=verbosity)


def _say(
    done: list[Conversion],
    converted: list[Converted],
    *,
    explain: bool,
    as_json: bool,
    verbosity: Verbosity,
) -> None:
    from tfjsci.cli.explain import as_data, as_lines
    from tfjsci.cli.explain import explain as explanation
    from tfjsci.cli.told import as_lines as told_lines
    from tfjsci.cli.told import summary

    if verbosity is not Verbosity.QUIET:
        for note in dict.fromkeys(note for conversion in done for note in conversion.notes):
            click.echo(f"note: {one_line(note, 1000)}", err=True)
    names = [conversion.source for conversion in done if conversion.output_format == "graph"]
    explained = [explanation(name, each) for name, each in zip(names, converted, strict=True)] if explain else []
    if as_json:
        data = [
            {**conversion.as_data(), **(as_data(explained[i]) if explained else {})}
            for i, conversion in enumerate(done)
        ]
        click.echo(json.dumps(data[0] if len(data) == 1 else data, indent=2))
        return
    for i, conversion in enumerate(done):
        if explained:
            click.echo("\n".join([*as_lines(explained[i]), ""]))
        elif explain:
            click.echo("a layers model is written as its layers are: nothing was rewritten\n")
        if verbosity is not Verbosity.QUIET:
            for line in [summary(conversion)] if explained else told_lines(conversion):
                click.echo(line)
