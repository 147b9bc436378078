"""``tfjsci ops``: the matrix of ops and backends, and what is known of one op."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from tfjsci.cli import main


def ops(*args: str) -> Result:
    return CliRunner().invoke(main, ["ops", *args], prog_name="tfjsci")


def row(result: Result, op: str) -> list[str]:
    return next(line for line in result.stdout.splitlines() if line.startswith(f"{op} ")).split()


def test_the_whole_matrix_has_a_row_for_each_op() -> None:
    result = ops()
    assert (result.exit_code, result.stderr) == (0, "")
    assert row(result, "LRN") == ["LRN", "native", "native", "native", "native"]
    assert row(result, "Erfc") == ["Erfc", "lowered", "lowered", "lowered", "lowered", "erfc"]
    assert result.stdout.splitlines()[-1].endswith("tfjsci ops OP tells more of one.")


def test_one_op_comes_with_its_lowering_and_caveats() -> None:
    result = ops("Erfc", "OneHot")
    assert result.exit_code == 0
    assert "lowering erfc: Erfc(x) → 1 − Erf(x)" in result.stdout
    assert "the axis is ignored" in result.stdout
    assert "Relu" not in result.stdout


def test_columns_and_rows_can_be_chosen() -> None:
    result = ops("--backends", "wasm,cpu", "--only", "lowered")
    assert result.stdout.splitlines()[0].split() == ["op", "wasm", "cpu", "lowered", "by"]
    assert row(result, "Erfc") == ["Erfc", "lowered", "lowered", "erfc"]
    assert not [line for line in result.stdout.splitlines() if line.startswith("Relu ")]


def test_json_says_the_same() -> None:
    (erfc,) = json.loads(ops("Erfc", "--json").stdout)
    assert erfc == {
        "op": "Erfc",
        "category": "lowered",
        "on": dict.fromkeys(["webgl", "webgpu", "wasm", "cpu"], "lowered"),
        "lowerings": ["erfc"],
        "refused": {},
    }


def test_an_op_that_runs_nowhere_is_an_answer_and_a_slip_of_the_pen_is_seen() -> None:
    result = ops("ReadFile", "Sofsign")
    assert result.exit_code == 1
    assert "A model that reads or writes files can't run in a page" in result.stderr
    assert 'Did you mean "Softsign"?' in result.stderr


def test_a_backend_that_is_none_is_refused() -> None:
    result = ops("--backends", "webgl,wsm")
    assert result.exit_code == 2
    assert "'wsm' is not one of webgl, webgpu, wasm, cpu" in result.stderr
