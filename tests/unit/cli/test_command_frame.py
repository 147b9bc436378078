"""The one place that catches: every way for a command to end has its exit code and its message."""

from __future__ import annotations

import sys
import types

import click
import pytest
from click.testing import CliRunner, Result

from tfjsci._version import __version__
from tfjsci.cli import COMMANDS, EXIT_CODES, Entry, LazyGroup, guard, main
from tfjsci.cli.options import Verbosity, verbosity_options
from tfjsci.errors import GRAVITY, EnvironmentFailed, ExitCode, ManifestError, ModelError, UsageError


def ends_with(ending: BaseException | object) -> object:
    def call() -> object:
        if isinstance(ending, BaseException):
            raise ending
        return ending

    return call


@pytest.mark.parametrize(
    ("ending", "code", "message"),
    [
        (None, 0, ""),
        (ExitCode.OK, 0, ""),
        (ExitCode.MODEL, 1, ""),
        (ModelError("it broke", hint="mend it"), 1, "error: it broke\n  mend it\n"),
        (UsageError("no such"), 2, "error: no such\n"),
        (ModelError("a\n ::error::b", hint="x\n::c"), 1, "error:\na\n\\ ::error::b\nx\n\\::c\n"),
        (ModelError("a ##[error]b a::b"), 1, "error: a ##\\[error]b a::b\n"),
        (ManifestError("a:1: x\na:2: y"), 2, "error:\na:1: x\na:2: y\n"),
        (click.ClickException("odd"), 2, "error: odd\n"),
        (EnvironmentFailed("no browser"), 3, "error: no browser\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (click.Abort(), 130, "interrupted\n"),
    ],
)
def test_each_ending(ending: object, code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert guard(ends_with(ending)) == code  # type: ignore[arg-type]
    assert capsys.readouterr() == ("", message)


def test_a_bug_is_told_as_one_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert guard(ends_with(ZeroDivisionError("by nothing"))) == 70  # type: ignore[arg-type]
    told = capsys.readouterr().err
    assert "ZeroDivisionError: by nothing" in told
    assert told.rstrip().endswith("the output of: tfjsci doctor")
    assert f"this is a bug of tfjsci {__version__}" in told


def test_a_commands_own_sys_exit_is_kept() -> None:
    with pytest.raises(SystemExit) as caught:
        guard(ends_with(SystemExit(5)))  # type: ignore[arg-type]
    assert caught.value.code == 5


def test_every_exit_code_is_explained() -> None:
    assert set(EXIT_CODES) == set(ExitCode) == set(GRAVITY)


def invoke(*args: str) -> Result:
    return CliRunner().invoke(main, args, prog_name="tfjsci")


def test_help_lists_commands_and_exit_codes_without_importing_any() -> None:
    for name in [name for name in sys.modules if name.startswith("tfjsci.cli.") and name != "tfjsci.cli.options"]:
        del sys.modules[name]
    result = invoke("--help")
    assert result.exit_code == 0
    for name, entry in COMMANDS.items():
        assert f"  {name} " in result.output
        assert entry.summary.split(",")[0] in " ".join(result.output.split())
    for code in ExitCode:
        assert f"\n  {int(code)} " in result.output
    assert [name for name in sys.modules if name.startswith("tfjsci.cli.") and name != "tfjsci.cli.options"] == []


def test_version() -> None:
    assert invoke("--version").output == f"tfjsci {__version__}\n"


def test_no_command_is_a_usage_error_that_shows_the_help() -> None:
    result = invoke()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Commands:" in result.stderr


def test_a_misspelt_command() -> None:
    result = invoke("validte")
    assert result.exit_code == 2
    assert 'There is no command "validte". Did you mean "validate"?' in result.stderr


@pytest.mark.parametrize("args", [["--nope"], ["schema", "--nope"], ["schema", "-v", "-q"]])
def test_bad_options_are_usage_errors(args: list[str]) -> None:
    result = invoke(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> LazyGroup:
    module = types.ModuleType("pretended_commands")

    @click.command()
    @verbosity_options
    def say(verbosity: Verbosity) -> ExitCode:
        """Say how much is said."""
        click.echo(verbosity.value)
        return ExitCode.MODEL

    module.say = say  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pretended_commands", module)
    return LazyGroup("group", entries={"say": Entry("pretended_commands:say", "Say.")})


@pytest.mark.parametrize(
    ("flags", "said"), [([], "normal"), (["-v"], "verbose"), (["--verbose"], "verbose"), (["-q"], "quiet")]
)
def test_what_a_command_returns_is_the_exit_code(group: LazyGroup, flags: list[str], said: str) -> None:
    result = CliRunner().invoke(group, ["say", *flags])
    assert (result.exit_code, result.output) == (1, f"{said}\n")
