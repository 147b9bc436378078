"""``tfjsci ops``: which TensorFlow ops run on which backend, by a kernel of its own or lowered to others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tfjsci.cli.options import backends_option
from tfjsci.dtypes import Backend
from tfjsci.errors import ExitCode
from tfjsci.escape import one_line
from tfjsci.nearest import did_you_mean

if TYPE_CHECKING:
    from tfjsci.catalog.catalog import Catalog
    from tfjsci.rewrite.support import OpSupport

ANSWERS = ("native", "lowered", "in part", "no")


@click.command()
@click.argument("names", nargs=-1, metavar="[OP]...")
@backends_option("Only these columns, with commas between; default: all four.")
@click.option(
    "--only",
    type=click.Choice([answer.replace(" ", "-") for answer in ANSWERS]),
    help="Only ops that have this answer on one of the backends.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the matrix as JSON.")
def ops(names: tuple[str, ...], backends: tuple[Backend, ...], only: str | None, as_json: bool) -> ExitCode:
    """Print which TensorFlow ops run on which backend, natively or lowered; with OPs only those, with their caveats.

    Lowered: a conversion says the op in others that the backend has. An op that isn't listed runs nowhere.

    \b
    Exit codes:
      0  printed
      1  an OP that was asked for runs nowhere
    """
    from tfjsci.catalog.catalog import load_catalog
    from tfjsci.rewrite.lowerings import all_lowerings
    from tfjsci.rewrite.support import support_matrix

    catalog = load_catalog()
    matrix = support_matrix(catalog, all_lowerings())
    unknown = [name for name in names if name not in matrix]
    chosen = [matrix[name] for name in names if name in matrix] if names else list(matrix.values())
    if only is not None:
        wanted = only.replace("-", " ")
        chosen = [each for each in chosen if any(wanted in each.on[backend] for backend in backends)]
    if as_json:
        click.echo(json.dumps([_data(each, backends) for each in chosen], indent=1))
    else:
        for line in _table(chosen, backends):
            click.echo(line)
        for each in chosen if names else ():
            for line in _details(each, backends):
                click.echo(line)
        if not names:
            click.echo(f"\n{len(chosen)} ops, TensorFlow.js {catalog.version}. tfjsci ops OP tells more of one.")
    for name in unknown:
        click.echo(_unknown(name, matrix, catalog), err=True)
    return ExitCode.MODEL if unknown else ExitCode.OK


def _data(each: OpSupport, backends: Sequence[Backend]) -> dict[str, Any]:
    return {
        "op": each.op,
        "category": each.category,
        "on": {backend: each.on[backend] for backend in backends},
        "lowerings": list(each.by),
        "refused": {backend: list(cases) for backend, cases in each.refused.items() if backend in backends},
    }


def _table(chosen: Sequence[OpSupport], backends: Sequence[Backend]) -> Iterator[str]:
    """Plain columns, so that grep and column work on them."""
    rows = [("op", *backends, "lowered by")]
    rows += [(each.op, *(each.on[backend] for backend in backends), ", ".join(each.by)) for each in chosen]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows if chosen else ():
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _details(each: OpSupport, backends: Sequence[Backend]) -> Iterator[str]:
    """What a table can't tell: the lowerings' equations, the caveats, and the examples that run neither way."""
    from tfjsci.catalog.restrictions import RESTRICTIONS
    from tfjsci.rewrite.lowerings import all_lowerings

    yield f"\n{each.op}"
    for lowering in all_lowerings():
        if lowering.name in each.by:
            yield f"  lowering {lowering.name}: {lowering.equation}"
            for told in filter(None, (lowering.accuracy, lowering.limits)):
                yield f"    {told}"
    for restriction in RESTRICTIONS:
        where = [backend for backend in restriction.backends if backend in backends]
        if restriction.ops is not None and each.op in restriction.ops and where:
            yield f"  {', '.join(where)}: {restriction.effect}: {restriction.says}"
            if not each.by:
                yield f"    {restriction.hint}"
    refused: dict[str, list[str]] = {}
    for backend in backends:
        for case in each.refused.get(backend, ()):
            refused.setdefault(case, []).append(backend)
    for case, where_not in refused.items():
        yield f"  not run on {', '.join(where_not)}: the example {case}"


def _unknown(name: str, matrix: dict[str, OpSupport], catalog: Catalog) -> str:
    from tfjsci.catalog.hints import advice_for
    from tfjsci.catalog.impossible import why_not

    told = f"{one_line(name)}: TensorFlow.js {catalog.version} has no such op, and there is no lowering for it"
    reason, advice = why_not(name), advice_for(name)
    if reason or advice:
        return f"{told}{f': {reason}' if reason else ''}.{f' {advice}' if advice else ''}"
    return f"{told}.{did_you_mean(name, matrix)}"
