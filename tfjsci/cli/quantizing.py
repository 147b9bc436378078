"""The options of ``tfjsci convert`` about quantising, as arguments of ``tfjsci.convert``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click


def arguments_for(
    *,
    quantize: str | None,
    include: Sequence[str],
    exclude: Sequence[str],
    of_scheme: Mapping[str, Any],
    calibrate: Path | None,
    limits: Mapping[str, float | None],
    inputs: Path | None,
    allow_initializer: bool,
) -> dict[str, Any]:
    """``quantize`` is a scheme, ``auto``, or None; of ``of_scheme`` (a scheme's options) and ``limits`` (a search's) those that
    weren't given are None.

    Raises ``click.UsageError`` where an option is given without the one that it belongs to.
    """
    given = {name: value for name, value in of_scheme.items() if value is not None}
    wanted = {name: value for name, value in limits.items() if value is not None}
    searched = quantize == "auto"
    if quantize is None:
        if include or exclude:
            raise click.UsageError("--include and --exclude need --quantize")
        if calibrate is not None:
            raise click.UsageError("--calibrate needs --quantize")
    if given and quantize in (None, "auto"):
        raise click.UsageError(
            f"--{next(iter(given)).replace('_', '-')} is an option of one scheme: --quantize int4, say"
        )
    if searched:
        _require_for_a_search(calibrate, wanted, inputs)
    elif inputs is not None or wanted or allow_initializer:
        raise click.UsageError("thresholds (--sqnr-db …), --inputs and --allow-initializer need --quantize auto")
    from tfjsci.inputs.by_name import ArraysIn  # late: it takes numpy

    entry = {"scheme": quantize, "include": list(include), "exclude": list(exclude), **given}
    return {
        "quantize": None if searched else entry if given else quantize,
        "auto": {**wanted, "allow_initializer": allow_initializer} if searched else None,
        "auto_inputs": None if inputs is None else ArraysIn(inputs),
        "include": () if given else include,
        "exclude": () if given else exclude,
        "calibrate": None if calibrate is None else ArraysIn(calibrate),
    }


def _require_for_a_search(calibrate: Path | None, wanted: Mapping[str, float], inputs: Path | None) -> None:
    if calibrate is not None:
        raise click.UsageError("--calibrate is for one scheme, and --quantize auto chooses several")
    if not wanted:
        raise click.UsageError("--quantize auto needs what it is to meet: --sqnr-db, --top1 or another threshold")
    if inputs is None:
        raise click.UsageError("--quantize auto needs samples: --inputs")
