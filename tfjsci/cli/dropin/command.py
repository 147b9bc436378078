"""``tensorflowjs_converter``: upstream's command line -> :func:`tfjsci.convert`, and what it says of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click

from tfjsci.cli import guard
from tfjsci.cli.aside import chatter_aside
from tfjsci.cli.dropin.flags import deprecations, names, quantizations, read_flags
from tfjsci.cli.dropin.words import errors_in_upstreams_words
from tfjsci.cli.metadata import read_metadata
from tfjsci.cli.options import Verbosity
from tfjsci.conversion.conversion import Conversion
from tfjsci.dtypes import BACKENDS
from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.layers.refused import ADVICE, NoLayersModel

INPUTS = {
    "auto": None,
    "keras": None,  # .h5; a .keras file is taken as well
    "keras_keras": None,
    "keras_saved_model": "saved_model",
    "tf_saved_model": "saved_model",
    "tf_hub": "hub",
    "tf_frozen_model": "frozen",
    "tfjs_layers_model": "tfjs_layers_model",
    "tfjs_graph_model": "tfjs_graph_model",
}
"""Upstream's name of an input format -> ours."""

OUTPUTS = {
    "tfjs_graph_model": "graph",
    "tfjs_layers_model": "layers",
    "keras": "h5",
    "keras_keras": "keras",
    "keras_saved_model": "saved_model",
    "tf_saved_model": "saved_model",
    "tf_frozen_model": "frozen",
}
"""Upstream's name of an output format -> ours."""

DEFAULT_OUTPUTS = {
    "keras": "tfjs_layers_model",
    "keras_keras": "tfjs_layers_model",
    "h5": "tfjs_layers_model",
    "keras_saved_model": "tfjs_layers_model",
    "tf_saved_model": "tfjs_graph_model",
    "saved_model": "tfjs_graph_model",
    "tf_hub": "tfjs_graph_model",
    "hub": "tfjs_graph_model",
    "tf_frozen_model": "tfjs_graph_model",
    "frozen": "tfjs_graph_model",
    "tfjs_layers_model": "keras",
    "tfjs_graph_model": "tf_saved_model",
}
"""What is written where no format is asked for: by upstream's name of the input, or ours where it was looked at."""

IDLE_ELSEWHERE = {
    "saved_model_tags": ("SavedModels and hub modules", ("saved_model", "hub")),
    "output_node_names": ("frozen graphs", ("frozen",)),
}
"""A flag -> what has such a thing, and our names of the formats that have it."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit the process with its code: those of ``tfjsci``."""
    arguments = sys.argv[1:] if argv is None else argv
    sys.exit(guard(lambda: _say_and_run(read_flags(arguments))))


def _say_and_run(given: argparse.Namespace) -> None:
    with errors_in_upstreams_words():
        _run(given)


def _run(given: argparse.Namespace) -> None:
    if given.input_path is None or given.output_path is None:
        raise UsageError(
            f"the {'input' if given.input_path is None else 'output'} path is missing",
            hint="tensorflowjs_converter --input_format=… INPUT OUTPUT; --help lists the flags.",
        )
    for text in deprecations(given):
        click.echo(f"warning: {text}", err=True)
    output_format = given.output_format or _default_output(given)
    _require_fitting(given, output_format)
    given = _without_idle_flags(given)
    with chatter_aside(Verbosity.NORMAL):
        conversion = _convert(given, output_format)
    from tfjsci.cli.told import as_lines

    for note in conversion.notes:
        click.echo(f"note: {one_line(note, 1000)}", err=True)
    for line in as_lines(conversion):
        click.echo(line)


def _convert(given: argparse.Namespace, output_format: str) -> Any:
    from tfjsci import api
    from tfjsci.cli.dropin.beside import written_beside

    tags = given.saved_model_tags
    options: dict[str, Any] = {
        "input_format": INPUTS[given.input_format],
        "output_format": OUTPUTS[output_format],
        "signature": given.signature_name or None,
        "tags": None if tags is None else names(tags),
        "quantize": _quantize(given),
        "shard_bytes": given.weight_shard_size_bytes,
        "split_by_layer": given.split_weights_by_layer,
        "optimizer": False,  # upstream has none
        "skip_op_check": given.skip_op_check,
        "keep_debug_ops": not given.strip_debug_ops,
        "structured_outputs": given.use_structured_outputs_names,
        "output_nodes": names(given.output_node_names),
        "metadata": read_metadata(names(given.metadata)),
    }
    output = Path(given.output_path)
    if OUTPUTS[output_format] == "layers":
        return written_beside(output, lambda folder: _layers(given.input_path, folder, options))
    if OUTPUTS[output_format] != "graph":
        return api.convert(given.input_path, output, **options)
    return written_beside(output, lambda folder: api.convert(given.input_path, folder, **options))


def _layers(source: str, folder: Path, options: dict[str, Any]) -> Conversion:
    """For all four backends; where webgpu alone stands in its way, for the others: upstream's command line names no backends."""
    from tfjsci import api

    try:
        return api.convert(source, folder, **options)
    except NoLayersModel as error:
        try:
            done = api.convert(source, folder, **options, backends=[name for name in BACKENDS if name != "webgpu"])
        except NoLayersModel:
            raise error from None
        told = f"it can't run on webgpu: {'; '.join(str(refusal) for refusal in error.refusals)}. {ADVICE}"
        return replace(done, notes=(*done.notes, told))


def _quantize(given: argparse.Namespace) -> dict[str, list[str]] | None:
    return quantizations(given) or None


def _default_output(given: argparse.Namespace) -> str:
    if given.input_format != "auto":
        return DEFAULT_OUTPUTS[given.input_format]
    return DEFAULT_OUTPUTS[_kind(given)]


def _kind(given: argparse.Namespace) -> str:
    """Our name of the input's format, looked at where it isn't said."""
    from tfjsci.load.load import detect
    from tfjsci.source import parse_source

    return INPUTS[given.input_format] or detect(parse_source(given.input_path))


def _without_idle_flags(given: argparse.Namespace) -> argparse.Namespace:
    """Without what upstream passes by where the input is of another format, and existing scripts may have; each is told."""
    kept = vars(given)
    for flag, (what, kinds) in IDLE_ELSEWHERE.items():
        if kept[flag] is not None and _kind(given) not in kinds:
            click.echo(f"warning: --{flag} is of {what}, and has no effect", err=True)
            kept = {**kept, flag: None}
    return argparse.Namespace(**kept)


def _require_fitting(given: argparse.Namespace, output_format: str) -> None:
    """What upstream refuses too: flags that mean nothing for the format."""
    of_signatures = ("auto", "tf_saved_model", "tf_hub")
    if given.signature_name and given.input_format not in of_signatures:
        raise UsageError(
            f"--signature_name is of SavedModels and hub modules, not of {given.input_format}", hint="Leave it out."
        )
    if given.weight_shard_size_bytes < 1:
        raise UsageError("--weight_shard_size_bytes is at least 1", hint="Its default is 4194304.")
    if given.split_weights_by_layer and output_format != "tfjs_layers_model":
        click.echo("warning: --split_weights_by_layer is of layers models, and has no effect", err=True)
