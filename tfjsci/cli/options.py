"""Options that every command has: how much it says, and which manifest it reads."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.escape import one_line
from tfjsci.nearest import did_you_mean
from tfjsci.source import FORMATS

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


def backends_option(what: str) -> Callable[[Callable[Given, Returned]], Callable[Given, Returned]]:
    """Add ``--backends``: names, repeated or with commas between; the command gets a tuple, of all four if none is given."""

    def chosen(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[Backend, ...]:
        names = [name.strip() for text in value for name in text.split(",") if name.strip()]
        for name in names:
            if name not in BACKENDS:
                raise click.BadParameter(
                    f"{one_line(name)!r} is not one of {', '.join(BACKENDS)}.{did_you_mean(name, BACKENDS)}", ctx, param
                )
        return tuple(backend for backend in BACKENDS if backend in names) or BACKENDS

    return click.option(
        "--backends", "--backend", "backends", multiple=True, callback=chosen, metavar="NAMES", help=what
    )


def no_rule_option(command: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Add ``--no-rule``, repeatable; the command gets ``without_rules``. Whether there are such rules is looked at later."""
    return click.option(
        "--no-rule", "without_rules", multiple=True, metavar="NAME",
        help="Leave a rewriting rule or a lowering out (repeat for more): a way round a wrong one.",
    )(command)  # fmt: skip


def input_shape_option(
    what: str, *, open_sizes: bool
) -> Callable[[Callable[Given, Returned]], Callable[Given, Returned]]:
    """Add ``--input-shape NAME=SIZES``, repeatable; the command gets ``input_shapes``: sizes by name, None for ``?``."""

    def read(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, tuple[int | None, ...]]:
        shapes: dict[str, tuple[int | None, ...]] = {}
        for text in value:
            name, sizes, problem = _read_shape(text, open_sizes)
            if not problem and name in shapes:
                problem = f"{one_line(name)!r} is given two shapes"
            if problem:
                raise click.BadParameter(problem, ctx, param)
            shapes[name] = sizes
        return shapes

    return click.option("--input-shape", "input_shapes", multiple=True, callback=read, metavar="NAME=SIZES", help=what)


def input_format_option(what: str) -> Callable[[Callable[Given, Returned]], Callable[Given, Returned]]:
    """Add ``--input-format`` of ``what`` (the argument); the command gets ``input_format``."""
    return click.option(
        "--input-format", "--format", "input_format", type=click.Choice(FORMATS), default="auto", show_default=True,
        help=f"What {what} is; auto: it is looked at.",
    )  # fmt: skip


def custom_objects_option(command: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Add ``--custom-objects``, repeatable; the command gets ``custom_objects``, for ``load.custom_objects.imported``."""
    return click.option(
        "--custom-objects", multiple=True, metavar="MODULE:NAME",
        help="A class or function of its author's own that a Keras file needs, of a Python module that is installed or lies in "
        "the current folder; with --allow-code alone (repeat for more).",
    )(command)  # fmt: skip


def graph_options(command: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Add what chooses in a SavedModel and in a frozen graph; the command gets ``tags``, ``input_nodes``, ``output_nodes``."""
    tags = click.option(
        "--tags", metavar="TAGS",
        help="Tags of a SavedModel's graph, with commas between; default: serve, or the only graph.",
    )  # fmt: skip
    inputs, outputs = (
        click.option(
            f"--{kind}-node", f"{kind}_nodes", multiple=True, metavar="NAME",
            help=f"{kind.capitalize()} of a frozen graph (repeat for more).",
        )
        for kind in ("input", "output")
    )  # fmt: skip
    return tags(inputs(outputs(command)))


def _read_shape(text: str, open_sizes: bool) -> tuple[str, tuple[int | None, ...], str]:
    """``image=1,224,?,3`` -> the name, the sizes, and what is wrong with it."""
    name, given, sizes = text.rpartition("=")
    parts = [part.strip() for part in sizes.strip().removeprefix("[").removesuffix("]").split(",")]
    if not given or not name:
        return name, (), f"{one_line(text)!r} is not NAME=SIZES, as in image=1,224,224,3"
    if "?" in parts and not open_sizes:
        return name, (), f"{one_line(text)!r} leaves a size open, and values of that size are needed"
    if wrong := [part for part in parts if part != "?" and not re.fullmatch(r"[1-9][0-9]{0,8}", part)]:
        return name, (), f"{one_line(text)!r}: {one_line(wrong[0])!r} is not a size of 1 or more"
    return name, tuple(None if part == "?" else int(part) for part in parts), ""


def manifest_argument(command: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Add the argument ``manifest``: a path, ``tfjsci.yml`` if not given. Loading it tells whether it can be read."""
    return click.argument("manifest", type=click.Path(path_type=Path), default=MANIFEST_NAME)(command)
