"""Which scripts a graph's custom ops need, and when they may run."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.report.fixtures import model_spec

from tfjsci.browser.protocol import CustomScript
from tfjsci.custom_ops import notes_of, require_runnable, scripts_of
from tfjsci.errors import CodeRefused, MissingScript
from tfjsci.manifest.resolved import CustomOp, ModelSpec


def spec(**scripts: str) -> ModelSpec:
    """A model whose ops have these scripts."""
    custom = (CustomOp(op=op, script=Path("/project", text), text=text) for op, text in scripts.items())
    return model_spec(custom_ops=tuple(custom))


def script(text: str, *ops: str) -> CustomScript:
    return CustomScript(path=Path("/project", text), name=text, ops=ops)


def test_a_script_that_several_ops_share_runs_once() -> None:
    found = scripts_of(spec(A="ab.js", C="c.js", B="ab.js"), {"A": 1, "B": 2, "C": 1, "Relu": 7})
    assert found == (script("ab.js", "A", "B"), script("c.js", "C"))


def test_only_the_scripts_of_ops_that_the_graph_has() -> None:
    found = scripts_of(spec(A="ab.js", C="c.js", B="ab.js"), {"B": 1})
    assert found == (script("ab.js", "B"),)
    assert scripts_of(spec(A="ab.js"), {"a": 1}) == ()


def test_nothing_to_run_needs_no_permission() -> None:
    require_runnable((), allow_code=False)


def test_all_scripts_are_named_that_are_not_allowed() -> None:
    with pytest.raises(CodeRefused, match=r"without --allow-code: ab\.js \(for A, B\); c\.js \(for C\)"):
        require_runnable((script("ab.js", "A", "B"), script("c.js", "C")), allow_code=False)


def test_an_allowed_script_must_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "my.js"
    mine = CustomScript(path=path, name="my.js", ops=("A",))
    with pytest.raises(MissingScript, match=r"there is no file my\.js, which should register A"):
        require_runnable((mine,), allow_code=True)
    path.mkdir()
    with pytest.raises(MissingScript):
        require_runnable((mine,), allow_code=True)
    path.rmdir()
    path.touch()
    require_runnable((mine,), allow_code=True)


def test_each_op_has_a_note() -> None:
    assert notes_of((script("ab.js", "A", "B"),)) == (
        "A is a custom op, registered by ab.js",
        "B is a custom op, registered by ab.js",
    )
