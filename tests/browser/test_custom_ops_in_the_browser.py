"""Scripts that register custom ops, in a real Chromium: their numbers on every backend, and what is told of broken ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_models import KERNEL, dense

from tfjsci.browser.protocol import CustomScript
from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import BrowserJobFailed

IMAGES = np.array([[1, 0], [0.5, 2]], dtype=np.float32)
SECONDS = 60

TWICE = """\
tf.registerOp('TwiceMatMul', node => {
  const {transpose_a: a, transpose_b: b} = node.attrs;
  return tf.tidy(() => tf.mul(tf.matMul(node.inputs[0], node.inputs[1], a, b), factor));
});
const factor = tf.scalar(2);
"""
"""What a page of a user's has: tensors of its own, made while the script is loaded."""


def model(folder: Path) -> Path:
    """``scores = twice(images @ KERNEL)``."""
    dense(folder)
    text = (folder / "model.json").read_text(encoding="utf-8")
    (folder / "model.json").write_text(text.replace('"MatMul"', '"TwiceMatMul"'), encoding="utf-8")
    return folder


def script(folder: Path, text: str, *ops: str) -> CustomScript:
    path = folder / "my.js"
    path.write_text(text, encoding="utf-8")
    return CustomScript(path=path, name="js/my.js", ops=ops or ("TwiceMatMul",))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_custom_op_runs(browser_session: BrowserSession, backend: Backend, tmp_path: Path) -> None:
    twice = script(tmp_path, TWICE)
    (only,) = browser_session.predict(
        model(tmp_path / "m"), backend, [{"images": IMAGES}], deadline_seconds=SECONDS, scripts=[twice]
    )
    np.testing.assert_array_equal(only.outputs["scores"], IMAGES @ KERNEL * 2)
    assert only.environment.backend == backend
    assert "EXECUTION" not in only.environment.flags


def test_a_custom_op_is_timed_and_raced(browser_session: BrowserSession, tmp_path: Path) -> None:
    twice = script(tmp_path, TWICE)
    timing = browser_session.time(
        model(tmp_path / "m"), "cpu", {"images": IMAGES}, warmup=1, runs=3, deadline_seconds=SECONDS, scripts=[twice]
    )
    assert len(timing.steady_ms) == 3
    assert timing.memory_after.tensors == timing.memory_before.tensors
    first, second = browser_session.race(
        [tmp_path / "m", dense(tmp_path / "plain")], "cpu", {"images": IMAGES},
        warmup=0, runs=4, deadline_seconds=SECONDS, scripts=[twice],
    )  # fmt: skip
    assert len(first.steady_ms) == len(second.steady_ms) == 4


def test_a_custom_op_may_answer_later(browser_session: BrowserSession, tmp_path: Path) -> None:
    later = script(
        tmp_path, TWICE.replace("node => {", "async node => {\n  await new Promise(go => setTimeout(go, 1));")
    )
    (only,) = browser_session.predict(
        model(tmp_path / "m"), "cpu", [{"images": IMAGES}], deadline_seconds=SECONDS, scripts=[later]
    )
    np.testing.assert_array_equal(only.outputs["scores"], IMAGES @ KERNEL * 2)
    assert only.environment.flags["EXECUTION"] == "executeAsync"


def test_the_next_job_knows_nothing_of_it(browser_session: BrowserSession, tmp_path: Path) -> None:
    images = [{"images": IMAGES}]
    twice = script(tmp_path, TWICE)
    browser_session.predict(model(tmp_path / "m"), "cpu", images, deadline_seconds=SECONDS, scripts=[twice])
    with pytest.raises(BrowserJobFailed, match="the model can't be run: Unknown op 'TwiceMatMul'"):
        browser_session.predict(tmp_path / "m", "cpu", images, deadline_seconds=SECONDS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("notThere.register();", "js/my.js threw ReferenceError: notThere is not defined"),
        ("tf.registerOp('A', node => {", "js/my.js threw SyntaxError: "),
        ("import x from './x.js';", "js/my.js threw SyntaxError: Cannot use import statement outside a module"),
        ("throw 'words'", "js/my.js threw words"),
        ("tf.registerOp('MatMul', () => {})", "js/my.js doesn't register TwiceMatMul while it is loaded: it registers MatMul"),
        (f"{TWICE}\ntf.matMul(1);", "js/my.js threw Error: Argument 'b' passed to 'matMul' must be a Tensor"),
    ],
)  # fmt: skip
def test_a_script_that_is_wrong_is_named(
    browser_session: BrowserSession, tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(BrowserJobFailed) as failed:
        browser_session.predict(
            model(tmp_path / "m"),
            "cpu",
            [{"images": IMAGES}],
            deadline_seconds=SECONDS,
            scripts=[script(tmp_path, text)],
        )
    assert failed.value.message.startswith(f"predict m on cpu: a script of custom_ops failed: {message}")


def test_a_script_that_never_ends_costs_that_job_alone(rough_session: BrowserSession, tmp_path: Path) -> None:
    endless = script(tmp_path, "for (;;) {}")
    with pytest.raises(BrowserJobFailed, match="no answer within 3 s"):
        rough_session.predict(model(tmp_path / "m"), "cpu", [{"images": IMAGES}], deadline_seconds=3, scripts=[endless])
    assert rough_session.probe("cpu").failure is None


def test_what_an_op_throws_is_told_as_the_models(browser_session: BrowserSession, tmp_path: Path) -> None:
    throwing = script(tmp_path, "tf.registerOp('TwiceMatMul', () => { throw new Error('not today'); })")
    with pytest.raises(BrowserJobFailed, match="predict m on cpu: the model can't be run: not today"):
        browser_session.predict(
            model(tmp_path / "m"), "cpu", [{"images": IMAGES}], deadline_seconds=SECONDS, scripts=[throwing]
        )
