"""An option for each metric of fidelity, ``--sqnr-db`` and so on: what two models are held to, or a search is to meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from tfjsci.metrics import LIMITED, METRICS

Returned = TypeVar("Returned")

_SHARES = frozenset({"top1", "top5", "mismatch"})
"""From 0 to 1."""


def limit_options(*, of: str = "") -> Callable[[Callable[..., Returned]], Callable[..., Returned]]:
    """Add the options; the command gets them by the metric's name, None where one isn't given. ``of``: what they belong to."""

    def added(command: Callable[..., Returned]) -> Callable[..., Returned]:
        for name in reversed(LIMITED):
            metric = METRICS[name]
            unit = f", in {metric.unit}" if metric.unit else ""
            told = f"{'at least' if metric.floor else 'at most'} this {metric.title}{unit}."
            command = click.option(
                f"--{name.replace('_', '-')}",
                name,
                type=click.FloatRange(0, 1) if name in _SHARES else float,
                metavar="NUMBER",
                help=f"With {of}: {told}" if of else told[0].upper() + told[1:],
            )(command)
        return command

    return added
