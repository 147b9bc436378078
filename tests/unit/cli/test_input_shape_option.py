from __future__ import annotations

import click
import pytest
from click.testing import CliRunner, Result

from tfjsci.cli.options import input_shape_option


def asked(*arguments: str, open_sizes: bool = True) -> Result:
    @click.command()
    @input_shape_option("Pin sizes.", open_sizes=open_sizes)
    def command(input_shapes: dict[str, tuple[int | None, ...]]) -> None:
        click.echo(str(input_shapes))

    return CliRunner().invoke(command, arguments)


@pytest.mark.parametrize(
    ("arguments", "shapes"),
    [
        ([], {}),
        (["--input-shape", "image=1,224,224,3"], {"image": (1, 224, 224, 3)}),
        (["--input-shape", "image=[1, 224, 224, 3]"], {"image": (1, 224, 224, 3)}),
        (["--input-shape", "a=?,8", "--input-shape", "b:c=4"], {"a": (None, 8), "b:c": (4,)}),
    ],
)
def test_sizes_are_read_by_name(arguments: list[str], shapes: dict[str, object]) -> None:
    result = asked(*arguments)
    assert (result.exit_code, result.stdout) == (0, f"{shapes}\n")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("image", "'image' is not NAME=SIZES, as in image=1,224,224,3"),
        ("=1,2", "is not NAME=SIZES"),
        ("image=", "'image=': '' is not a size of 1 or more"),
        ("image=1,0", "'image=1,0': '0' is not a size of 1 or more"),
        ("image=1,-1", "'-1' is not a size of 1 or more"),
        ("image=1,1.5", "'1.5' is not a size of 1 or more"),
    ],
)
def test_what_is_no_shape_is_refused(given: str, problem: str) -> None:
    result = asked("--input-shape", given)
    assert result.exit_code == 2
    assert problem in " ".join(result.output.split())


def test_an_input_is_given_one_shape() -> None:
    result = asked("--input-shape", "a=1", "--input-shape", "a=2")
    assert result.exit_code == 2
    assert "'a' is given two shapes" in result.output


def test_a_run_needs_every_size() -> None:
    result = asked("--input-shape", "a=?,2", open_sizes=False)
    assert result.exit_code == 2
    assert "leaves a size open" in result.output
