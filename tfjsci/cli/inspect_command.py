"""``tfjsci inspect``: what is in a model file, original or converted, as tables or as JSON."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tfjsci.cli.aside import chatter_aside
from tfjsci.cli.options import Verbosity, input_format_option, verbosity_options
from tfjsci.escape import one_line
from tfjsci.listed import plural
from tfjsci.load.converted_inside import HoldsModels
from tfjsci.units import show_bytes

if TYPE_CHECKING:
    from rich.table import Table

    from tfjsci.inspection.inspection import Inspection
    from tfjsci.signature import TensorSpec

_MOST_ROWS = 40
"""Rows of a table; --verbose and --json have all."""


_NOT_COMPUTING = ("Const", "Placeholder")


@click.command()
@click.argument("path", metavar="PATH")
@input_format_option("PATH")
@click.option("--json", "as_json", is_flag=True, help="As JSON, whole.")
@verbosity_options
def inspect(path: str, input_format: str, as_json: bool, verbosity: Verbosity) -> None:
    """Tell what is in PATH: signatures, ops by count, layers, weights by dtype and size.

    PATH is a model of any format that is read or written here. It is read as data: nothing of it is run.
    """
    from tfjsci import api

    with chatter_aside(verbosity):
        try:
            found = api.inspect(path, input_format=input_format)
        except HoldsModels as folder:
            folder.hint = _commands(path, folder.models, rows=None if verbosity is Verbosity.VERBOSE else _MOST_ROWS)
            raise
    if as_json:
        click.echo(json.dumps(found.as_data(), indent=2))
        return
    for line in _lines(found, rows=None if verbosity is Verbosity.VERBOSE else _MOST_ROWS):
        click.echo(line)


def _commands(path: str, models: Sequence[str], *, rows: int | None) -> str:
    """One for each model in the folder ``path``, to paste into a shell."""
    lines = [f"tfjsci inspect {shlex.quote(str(Path(path, model)))}" for model in models[:rows]]
    more = [f"and {len(models) - len(lines)} more: --verbose shows all"] if len(models) > len(lines) else []
    return "\n  ".join(["Look at them one by one:", *lines, *more])


def _lines(found: Inspection, *, rows: int | None) -> Iterator[str]:
    yield (
        f"{one_line(found.name)}: {found.format}, {show_bytes(found.size_bytes)}, {found.parameters:,} parameters"
        + (f", {plural(len(found.layers), 'layer')}" if found.layers else "")
        + (f", {_nodes(found.ops)}" if found.ops else "")
    )
    for note in found.notes:
        yield f"  {one_line(note, 200)}"
    yield ""
    for signature in found.signatures:
        title = f"signature {one_line(signature.name)}" if signature.name is not None else "signature"
        sides = (("input", signature.inputs), ("output", signature.outputs))
        told = [(side, spec.name, spec.dtype, _shape(spec)) for side, specs in sides for spec in specs]
        yield from _table(title, ("", "name", "dtype", "shape"), told, rows)
    by_count = sorted(found.ops.items(), key=lambda item: (-item[1], item[0]))
    yield from _table("ops", ("op", "count"), [(op, str(count)) for op, count in by_count], rows)
    yield from _table(
        "layers", ("name", "kind", "parameters"), [(e.name, e.kind, f"{e.parameters:,}") for e in found.layers], rows
    )
    sizes = [(each.dtype, str(each.count), show_bytes(each.stored_bytes)) for each in found.weights]
    yield from _table("weights", ("dtype", "count", "size"), sizes, rows)


def _nodes(ops: Mapping[str, int]) -> str:
    """All of them, and those that ``convert`` and the report count."""
    computing = sum(count for op, count in ops.items() if op not in _NOT_COMPUTING)
    return f"{plural(sum(ops.values()), 'node')}, {computing} besides {' and '.join(_NOT_COMPUTING)}"


def _shape(spec: TensorSpec) -> str:
    if spec.shape is None:
        return "?"
    return "[" + ", ".join("?" if size is None else str(size) for size in spec.shape) + "]"


def _table(title: str, columns: Sequence[str], told: Sequence[Sequence[str]], rows: int | None) -> Iterator[str]:
    """The table as text, if it has rows."""
    if not told:
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table: Table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in ("count", "parameters", "size") else "left")
    for row in told[:rows]:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    console = Console(width=120, highlight=False, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(table)
    yield from (line.rstrip() for line in captured.get().rstrip().splitlines() if line.strip())
    yield ""
    if rows is not None and len(told) > rows:
        yield f"  and {len(told) - rows} more: --verbose shows all"
