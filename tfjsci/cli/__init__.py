"""The command ``tfjsci``: a table of commands, each imported only when it is used, and the one place that catches.

A command returns None or an ``ExitCode``. What it raises is turned into a message and an exit code here, nowhere else.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn

import click

from tfjsci._version import __version__
from tfjsci.errors import ExitCode, TfjsciError
from tfjsci.escape import one_line, visible, without_old_commands
from tfjsci.nearest import did_you_mean


class Entry(NamedTuple):
    """Where a command lives (``module:attribute``), and its line in ``tfjsci --help``, shown without importing it."""

    target: str
    summary: str


COMMANDS = {
    "run": Entry("tfjsci.cli.run:run", "Convert, check, compare, benchmark and judge the models of a manifest."),
    "convert": Entry("tfjsci.cli.convert:convert", "Convert one model to a TensorFlow.js graph model."),
    "check": Entry(
        "tfjsci.cli.check:check", "Say which ops of a model can't run where, and what is done about the others."
    ),
    "compare": Entry(
        "tfjsci.cli.compare:compare",
        "Hold two models, artifacts or results against each other; find where they come apart.",
    ),
    "inspect": Entry(
        "tfjsci.cli.inspect_command:inspect", "Tell what is in a model file, original or converted; run nothing of it."
    ),
    "ops": Entry("tfjsci.cli.ops:ops", "Print which TensorFlow ops run on which backend, natively or lowered."),
    "validate": Entry("tfjsci.cli.validate:validate", "Check a manifest and list every mistake in it; run nothing."),
    "init": Entry("tfjsci.cli.init:init", "Write a manifest and a workflow for the models found here."),
    "schema": Entry("tfjsci.cli.schema:schema", "Print the manifest's JSON Schema, for editors."),
    "loader": Entry("tfjsci.cli.loader:loader", "Print the JavaScript module that loads models with packed weights."),
    "report": Entry("tfjsci.cli.report:report", "Render the report again from results.json."),
    "doctor": Entry("tfjsci.cli.doctor:doctor", "Say what works on this machine: TensorFlow, browser, backends."),
}
"""In the order in which a newcomer meets them."""

EXIT_CODES = {
    ExitCode.OK: "all pass",
    ExitCode.MODEL: "a model fails: a gate missed, or it can't be read, converted or run",
    ExitCode.USAGE: "the manifest or the command line is wrong; nothing ran",
    ExitCode.ENVIRONMENT: "this machine lacks something: a browser, a backend, a folder that can be written",
    ExitCode.BUG: "a bug of tfjsci",
    ExitCode.INTERRUPTED: "interrupted",
}
"""What each exit code means; the help's table is made from this."""


class _ReaderLeftError(Exception):
    """The other end of stdout was closed."""


@contextmanager
def _pipe_kept_from_click() -> Iterator[None]:
    """click makes exit code 1 of a closed pipe, which here would mean that a model failed."""
    try:
        yield
    except BrokenPipeError as broken:
        raise _ReaderLeftError from broken


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that ``--help`` answers at once."""

    def __init__(self, *args: Any, entries: dict[str, Entry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # the parent's signature
        """Names in the table's order."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command ``cmd_name``, or None if there is no such."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command), entry.target
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names, or a usage error that says which one may have been meant."""
        if args and args[0] not in self.entries and not args[0].startswith("-"):
            ctx.fail(f'There is no command "{one_line(args[0])}".{did_you_mean(args[0], self.entries)}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table, from the summaries here: no command is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The exit codes, from ``EXIT_CODES``."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in EXIT_CODES.items()])
        with formatter.section("Start with"):
            formatter.write_text("tfjsci init, then tfjsci run")

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """As click does; parsing prints, too: the help."""
        with _pipe_kept_from_click():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does."""
        with _pipe_kept_from_click():
            return super().invoke(ctx)

    def main(  # type: ignore[override]  # click's overloads tell apart what this always does: exit
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run the command line and exit the process with its code."""
        call = super().main
        extra["standalone_mode"] = False
        sys.exit(guard(lambda: call(args, prog_name or "tfjsci", **extra)))


def guard(call: Callable[[], object]) -> int:
    """Call, and turn what comes of it into an exit code and, on stderr, a message for whoever can act on it."""
    try:
        returned = call()
        sys.stdout.flush()
    except TfjsciError as expected:
        _say(expected.message, expected.hint)
        return expected.exit_code
    except click.UsageError as mistake:
        mistake.show()
        return ExitCode.USAGE
    except click.ClickException as mistake:
        _say(mistake.format_message(), None)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except (BrokenPipeError, _ReaderLeftError):
        return _reader_left()
    except Exception:  # noqa: BLE001  # the last resort: whatever gets here is a bug, and is told as one
        traceback.print_exc()
        click.echo(
            f"\nerror: this is a bug of tfjsci {__version__}, not a mistake of yours.\n"
            "  Please report it with the text above, the command that you ran and the output of: tfjsci doctor",
            err=True,
        )
        return ExitCode.BUG
    return returned if isinstance(returned, int) else ExitCode.OK


def _say(message: str, hint: str | None) -> None:
    # Names of files, layers and signatures are in it: none may steer the terminal, or GitHub's runner. Line breaks are ours.
    message, hint = ("\n".join(map(_harmless, text.split("\n"))) for text in (message, hint or ""))
    many = "\n" in message
    click.echo(f"error:\n{message}" if many else f"error: {message}", err=True)
    if hint:
        click.echo(f"  {hint}" if not many else hint, err=True)


def _harmless(line: str) -> str:
    """Not steering anything: a line that begins with ``::``, or has ``##[`` anywhere, is a command to GitHub's runner."""
    shown = without_old_commands(visible(line))
    return f"\\{shown}" if shown.lstrip().startswith("::") else shown


def _reader_left() -> int:
    """The pipe's other end was closed (``tfjsci report … | head``): say nothing more, on stdout nor at shutdown."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.ENVIRONMENT


@click.group(
    cls=LazyGroup,
    entries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    no_args_is_help=False,
    invoke_without_command=True,
)
@click.version_option(__version__, prog_name="tfjsci", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Convert models to TensorFlow.js, run them in a real browser, and gate the result.

    What to convert and what to hold it to is written in a manifest, tfjsci.yml.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(ExitCode.USAGE)
