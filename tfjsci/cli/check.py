"""``tfjsci check``: a model's ops against what the wanted backends can run, without writing or running anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tfjsci.catalog.hints import fewer_backends
from tfjsci.cli.aside import chatter_aside
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
from tfjsci.dtypes import Backend
from tfjsci.errors import ExitCode
from tfjsci.escape import one_line
from tfjsci.listed import listed
from tfjsci.source import Source, parse_source

if TYPE_CHECKING:
    from tfjsci.catalog.catalog import Catalog
    from tfjsci.catalog.check import LoweredOp, OpCheck, UnsupportedOp
    from tfjsci.converter import Converted
    from tfjsci.reproducer import Reproducer

_MOST_NAMES = 5
"""Nodes and layers that are named, unless --verbose asks for all."""


@click.command()
@click.argument("source", metavar="MODEL")
@input_format_option("MODEL")
@click.option("--signature", help="SavedModel signature; default: serving_default, or the only one.")
@graph_options
@backends_option("Check for these, with commas between; default: all four.")
@click.option("--tfjs", metavar="VERSION", help="Check for this TensorFlow.js release; it must be installed.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option(
    "--reproducer",
    "reproducers",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a minimal model for each op that can't run, without any of your weights.",
)
@input_shape_option(
    "Pin an input's sizes, as in image=1,224,224,3 (? leaves one open): the model takes no others then (repeat for more).",
    open_sizes=True,
)
@no_rule_option
@click.option(
    "--allow-code", is_flag=True, help="Let code that is inside the model file run. Only for files you trust."
)
@custom_objects_option
@verbosity_options
def check(
    source: str,
    input_format: str,
    signature: str | None,
    tags: str | None,
    input_nodes: tuple[str, ...],
    output_nodes: tuple[str, ...],
    backends: tuple[Backend, ...],
    tfjs: str | None,
    as_json: bool,
    reproducers: Path | None,
    input_shapes: dict[str, tuple[int | None, ...]],
    without_rules: tuple[str, ...],
    allow_code: bool,
    custom_objects: tuple[str, ...],
    verbosity: Verbosity,
) -> ExitCode:
    """Say which ops of MODEL can't run on which backend, and which are lowered: said in ops that can.

    \b
    Exit codes:
      0  every op can run
      1  an op can't run, or the model can't be read
    """
    from tfjsci.catalog.catalog import load_catalog
    from tfjsci.converter import convert
    from tfjsci.load.custom_objects import imported
    from tfjsci.load.load import LoadOptions
    from tfjsci.reproducer import write_reproducers

    catalog = load_catalog() if tfjs is None else _catalog_of(tfjs)
    written: tuple[Reproducer, ...] = ()
    with chatter_aside(verbosity):
        options = LoadOptions(
            signature=signature,
            tags=None if tags is None else tuple(tag for tag in tags.split(",") if tag),
            input_nodes=input_nodes,
            output_nodes=output_nodes,
            allow_code=allow_code,
            input_shapes=input_shapes,
            custom_objects=imported(custom_objects, allow_code=allow_code),
        )
        model = parse_source(source)
        converted = convert(
            model,
            backends=backends,
            format=input_format,
            options=options,
            catalog=catalog,
            without_rules=without_rules,
        )
        if reproducers is not None:
            written = write_reproducers(converted.check, converted.graph, reproducers)
    if as_json:
        click.echo(json.dumps(_data(model, converted, backends, catalog.version, written), indent=2))
    else:
        most = 10**9 if verbosity is Verbosity.VERBOSE else _MOST_NAMES
        for line in _lines(model, converted, backends, catalog.version, written, most):
            if verbosity is not Verbosity.QUIET or converted.check.unsupported:
                click.echo(line)
    return ExitCode.MODEL if converted.check.unsupported else ExitCode.OK


def _catalog_of(tfjs: str) -> Catalog:
    """What the release runs: of another than the package's own, it is loaded in a browser and asked."""
    from tfjsci.browser.session import BrowserSession
    from tfjsci.sessions import Sessions

    with Sessions(lambda version: BrowserSession(tfjs_version=version)) as sessions:
        return sessions.catalog(tfjs)


def _data(
    source: Source, converted: Converted, backends: Sequence[Backend], tfjs: str, written: Sequence[Reproducer]
) -> dict[str, Any]:
    checked = converted.check
    return {
        "source": str(source),
        "format": converted.loaded.format,
        "signature": converted.loaded.signature,
        "tfjs": tfjs,
        "backends": list(backends),
        "supported": not checked.unsupported,
        "ops": checked.ops,
        "unsupported": [asdict(op) for op in checked.unsupported],
        "lowered": [asdict(op) for op in checked.lowered],
        "notes": list(converted.notes),
        "reproducers": [
            {"op": each.op, "folder": str(each.folder) if each.folder else None, "reason": each.reason}
            for each in written
        ],
    }


def _lines(
    source: Source,
    converted: Converted,
    backends: Sequence[Backend],
    tfjs: str,
    written: Sequence[Reproducer],
    most: int,
) -> list[str]:
    checked = converted.check
    kinds = len(set(checked.ops) - {"Const", "Placeholder"})
    lines = [
        f"{one_line(source.name)} ({converted.loaded.format}, {converted.computing_nodes} nodes of {kinds} kinds) "
        f"for {', '.join(backends)} of TensorFlow.js {tfjs}: {_verdict(checked)}"
    ]
    for op in checked.unsupported:
        lines += ["", *_unsupported(op, most)]
    if able := checked.fewer(backends):
        lines += ["", fewer_backends(able)]
    if checked.lowered:
        lines += ["", "lowered, so that they run:"]
        lines += [line for op in checked.lowered for line in _lowered(op, most)]
    if converted.notes:
        lines += ["", *(f"note: {one_line(note, 400)}" for note in converted.notes)]
    if written:
        lines.append("")
    for each in written:
        where = f"{each.folder}" if each.folder else f"no reproducer: {one_line(each.reason, 400)}"
        lines.append(f"{one_line(each.op)}: {where}")
    return lines


def _verdict(checked: OpCheck) -> str:
    if not checked.unsupported:
        return "every op can run"
    count = len({op.op for op in checked.unsupported})
    return f"{count} op{'' if count == 1 else 's'} can't run"


def _unsupported(op: UnsupportedOp, most: int) -> list[str]:
    lines = [f"✗ {one_line(op.op)} × {op.count} on {', '.join(op.backends)}: {one_line(op.reason, 400)}"]
    lines += [f"    nodes: {_names(op.nodes, most)}"]
    lines += [f"    layers: {_names(op.layers, most)}"] if op.layers else []
    return [*lines, f"    tried: {one_line(op.attempts, 600)}", f"    what to do: {one_line(op.hint, 600)}"]


def _lowered(op: LoweredOp, most: int) -> list[str]:
    where = f" (layers {_names(op.layers, most)})" if op.layers else ""
    return [
        f"✓ {one_line(op.op)} × {op.count} by {op.by}{where}",
        f"    on {op.beneficiaries} it {one_line(_as_clause(op.reason), 400)}" if op.backends else f"    {op.reason}",
    ]


def _as_clause(reason: str) -> str:
    """A reason behind “on webgl it”: most begin with what the runtime does, the others say that there is no such op."""
    verb, colon, rest = reason.partition(": ")
    told = {"silently wrong": "is silently wrong", "throws or silently wrong": "throws or is silently wrong"}
    return f"{told.get(verb, verb)}: {rest}" if colon else f"can't run: {reason}"


def _names(names: Sequence[str], most: int) -> str:
    return listed(map(one_line, names), most)
