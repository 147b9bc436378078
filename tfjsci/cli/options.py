"""Options that every command has: how much it says, and which manifest it reads."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

MANIFEST_NAME = "tfjsci.yml"
"""What the manifest is called unless the command line says otherwise."""

Given = ParamSpec("Given")
Returned = TypeVar("Returned")


class Verbosity(Enum):
    """How much a command says on the terminal. Results and errors are said in all three."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


def verbosity_options(command: Callable[..., Returned]) -> Callable[..., Returned]:
    """Add ``-v/--verbose`` and ``-q/--quiet``; the command gets one keyword argument, ``verbosity``."""

    @click.option("-v", "--verbose", is_flag=True, help="Say more: details and the reasons for them.")
    @click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong.")
    @functools.wraps(command)
    def with_verbosity(*args: object, verbose: bool, quiet: bool, **kwargs: object) -> Returned:
        if verbose and quiet:
            raise click.UsageError("--verbose and --quiet can't both be given")
        chosen = Verbosity.VERBOSE if verbose else Verbosity.QUIET if quiet else Verbosity.NORMAL
        return command(*args, verbosity=chosen, **kwargs)

    return with_verbosity


def manifest_argument(command: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Add the argument ``manifest``: a path, ``tfjsci.yml`` if not given. Loading it tells whether it can be read."""
    return click.argument("manifest", type=click.Path(path_type=Path), default=MANIFEST_NAME)(command)
