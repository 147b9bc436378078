"""Ops that the user's page registers: their scripts go with every job, and run only when the command allows code."""

from __future__ import annotations

from pipeline_stage import Stage, failures

from tfjsci.browser.protocol import CustomScript

CUSTOM = """
version: 1
defaults: {backends: [cpu], benchmark: {warmup: 1, runs: 2}, custom_ops: {MatMul: js/my.js, Unused: js/unused.js}}
models:
  - {name: a, source: a.keras, quantize: [float16]}
"""


def my_script(stage: Stage) -> CustomScript:
    path = stage.folder / "js" / "my.js"
    path.parent.mkdir()
    path.write_text("tf.registerOp('MatMul', …)")
    return CustomScript(path=path, name="js/my.js", ops=("MatMul",))


def test_each_job_of_the_browser_has_the_scripts_of_the_ops_that_are_used(stage: Stage) -> None:
    script = my_script(stage)
    result = stage.run(CUSTOM, allow_code=True)
    assert result.exit_code == 0
    assert stage.session.ran == [("predict", (script,))] * 2 + [("time", (script,))] * 2
    assert "MatMul is a custom op, registered by js/my.js" in result.models[0].notes
    assert not any("Unused" in note for note in result.models[0].notes)
    assert [catalog.custom for catalog in stage.catalogs] == [{"MatMul", "Unused"}]


def test_scripts_do_not_run_unless_the_command_allows_code(stage: Stage) -> None:
    my_script(stage)
    (model,) = stage.run(CUSTOM).models
    assert failures(model) == [("convert", "code-refused", None, None)]
    assert "js/my.js (for MatMul)" in model.failures[0].message
    assert "--allow-code" in (model.failures[0].hint or "")
    assert (stage.session.asked, model.artifacts) == ([], ())


def test_a_model_without_custom_ops_needs_no_permission(stage: Stage) -> None:
    result = stage.run(CUSTOM.replace("MatMul: js/my.js, ", ""))
    assert result.exit_code == 0
    assert stage.session.ran == []


def test_a_model_that_is_only_converted_runs_no_script_and_needs_none(stage: Stage) -> None:
    result = stage.run(CUSTOM, only=["convert", "check", "quantize"])
    assert result.exit_code == 0
    assert "MatMul is a custom op, registered by js/my.js" in result.models[0].notes


def test_a_script_that_is_missing_is_told_before_anything_runs(stage: Stage) -> None:
    (model,) = stage.run(CUSTOM, allow_code=True).models
    assert failures(model) == [("convert", "missing-script", None, None)]
    assert model.failures[0].message == "there is no file js/my.js, which should register MatMul"
    assert stage.session.asked == []
