"""tfjsci run as its users run it: the digits example whole, a terminal, Ctrl-C, and the same from Python."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from end_to_end.command import DIGITS, EXAMPLES, call
from process_watch import offspring, runs, wait_for

import tfjsci
from tfjsci.errors import CodeRefused, MissingModel, OutputUnwritable, UsageError
from tfjsci.graph.graph import Constant
from tfjsci.results.store import read_results
from tfjsci.rewrite import pipeline
from tfjsci.rewrite.pattern import Match
from tfjsci.rewrite.rule import Declined, NewConst, Replacement
from tfjsci.rewrite.rules import fuse_activation, fuse_bias

ROOT = Path(__file__).parents[2]


def test_the_digits_example_passes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    digits = shutil.copytree(EXAMPLES / "digits", tmp_path / "digits")
    manifest = (digits / "tfjsci.yml").read_text("utf-8")
    assert "runs: 20}" in manifest
    (digits / "tfjsci.yml").write_text(
        manifest.replace("runs: 20}", "runs: 4}"), "utf-8"
    )  # what it measures isn't held here
    done = call(capfd, "run", digits / "tfjsci.yml", "--output", tmp_path / "out").in_peace()
    assert done.code == 0, done.out + done.err
    run = read_results(tmp_path / "out" / "results.json")
    assert run.outcome in {"pass", "warn"}  # a slow machine is told, and fails nothing
    assert [model.name for model in run.models] == ["digits-keras", "digits-h5", "digits-savedmodel"]
    for model in run.models:
        searched = ["auto"] if model.name == "digits-savedmodel" else []
        assert [artifact.variant for artifact in model.artifacts] == ["float", "float16", "uint8", *searched]
        assert len(model.comparisons) == len(model.benchmarks) == len(model.artifacts) * 2
        for comparison in model.comparisons:
            if comparison.kind == "conversion":
                (output,) = comparison.outputs
                assert output.top1 == 1.0
                assert output.exact or (output.sqnr_db or 0) > 80
        assert model.failures == ()
        assert model.verification is not None
        assert model.verification.status == "same"
        assert (model.verification.sqnr_db or 200) > 110
    (found,) = run.models[2].searches
    _, _, uint8, auto = (artifact.download.brotli_bytes for artifact in run.models[2].artifacts)
    assert auto < 0.75 * uint8
    assert found.steps_back == 0
    assert f"```text\n{found.entry}```" in (tmp_path / "out" / "report.md").read_text("utf-8")
    lines = [line for line in done.err.splitlines() if line]
    assert re.match(r"\[ 1/\d\d\] digits-keras: convert: keras, \d+ nodes \(", lines[0])
    last = re.match(r"\[(\d+)/(\d+)\] ", lines[-1])
    assert last
    assert last[1] == last[2] == str(len(lines)), "as many lines as were announced"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "models",
        "report.md",
        "results.json",
        "tfjsci.log",
    ]
    quiet = call(capfd, "run", EXAMPLES / "digits" / "tfjsci.yml", "-q", "--only", "convert", "-o", tmp_path / "q")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_a_rule_that_is_wrong_is_our_bug_and_can_be_left_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def loses_the_bias(match: Match) -> Replacement | Declined:
        done = fuse_bias.rewrite(match)
        if isinstance(done, Declined):
            return done
        x, kernel, _ = done.root.inputs
        zero = NewConst(name="zero", constant=Constant(value=np.zeros_like(match.value("bias").value)))
        return replace(done, root=replace(done.root, inputs=(x, kernel, zero)))

    wrong = pipeline.ruled("fusing", [replace(fuse_bias.RULE, rewrite=loses_the_bias), fuse_activation.RULE])
    stages = tuple(wrong if stage.name == "fusing" else stage for stage in pipeline.STAGES)
    monkeypatch.setattr(pipeline, "STAGES", stages)
    arguments = ("run", EXAMPLES / "digits" / "tfjsci.yml", "--model", "digits-keras", "--only", "check,verify")
    done = call(capfd, *arguments, "--output", tmp_path / "out").in_peace()
    assert done.code == 70
    assert "rewriting changed the numbers, by fuse_b" in done.err
    (model,) = read_results(tmp_path / "out" / "results.json").models
    assert [(failure.stage, failure.code) for failure in model.failures] == [("verify", "rewrite-bug")]
    assert model.failures[0].message.startswith(
        "rewriting changed the numbers, by fuse_bias, in the stage “fusing”: output"
    )
    assert "--no-rule fuse_bias" in str(model.failures[0].hint)
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "rewriting changed the numbers, by fuse" in report
    now = call(capfd, *arguments, "--output", tmp_path / "out", "--no-rule", "fuse_bias").in_peace()
    assert now.code == 0
    (model,) = read_results(tmp_path / "out" / "results.json").models
    assert "left out of the rewriting, as asked: fuse_bias" in model.notes
    assert model.verification is not None
    assert model.verification.status == "same"
    without = call(capfd, *arguments[:-1], "check", "--no-verify", "--output", tmp_path / "out").in_peace()
    assert without.code == 0
    assert call(capfd, *arguments, "--no-verify", "--output", tmp_path / "out").code == 2


def test_from_python_the_same_silently(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = tfjsci.run(
        EXAMPLES / "digits" / "tfjsci.yml", output=tmp_path / "out", models=["digits-h5"], only=["convert", "check"]
    )
    assert (run.exit_code, run.outcome, [model.name for model in run.models]) == (0, "pass", ["digits-h5"])
    assert (
        tfjsci.load_results(tmp_path / "out" / "results.json").models[0].artifacts[0].sha256
        == run.models[0].artifacts[0].sha256
    )
    assert capfd.readouterr().out == ""
    with pytest.raises(UsageError, match="Did you mean"):
        tfjsci.run(EXAMPLES / "digits" / "tfjsci.yml", output=tmp_path / "x", models=["digits-h6"])
    with pytest.raises(OutputUnwritable):
        tfjsci.run(EXAMPLES / "digits" / "tfjsci.yml", output="/proc/x")
    assert not (tmp_path / "x").exists()


@pytest.mark.oldest
def test_convert_from_python(tmp_path: Path) -> None:
    made = tfjsci.convert(DIGITS / "digits.keras", str(tmp_path / "web"), quantize="float16")
    assert Path(made) == made.path == tmp_path / "web"
    assert [path.name for path in sorted(made.path.iterdir())] == sorted(made.files)
    assert made.size_bytes == sum(path.stat().st_size for path in made.path.iterdir())
    assert (made.input_format, made.output_format, made.verified, made.runs) == ("keras", "graph", False, ())
    assert (made.nodes or 0) < (made.nodes_before or 0)
    assert made.rules["fuse_bias"] > 1
    with pytest.raises(MissingModel):
        tfjsci.convert("gone.keras", tmp_path / "x")
    with pytest.raises(UsageError):
        tfjsci.convert(DIGITS / "digits.keras", DIGITS)
    assert CodeRefused.exit_code == 1


@pytest.fixture
def long_run(tmp_path: Path) -> Path:
    """A manifest whose benchmark takes minutes."""
    shutil.copy(DIGITS / "digits.keras", tmp_path / "digits.keras")
    (tmp_path / "tfjsci.yml").write_text(
        "version: 1\nmodels:\n"
        "  - {name: m, source: digits.keras, backends: [cpu], deadline: 10 m, benchmark: {warmup: 1, runs: 100000}}\n"
    )
    return tmp_path


def browser_is_at_work(process: psutil.Process) -> bool:
    with suppress(psutil.Error):  # one that ends while it is looked at
        return any(
            child.cpu_times().user > 1.5 and "--type=renderer" in " ".join(child.cmdline())
            for child in offspring(process)
        )
    return False


@pytest.mark.usefixtures("in_the_foreground")
def test_ctrl_c_on_a_terminal_ends_everything_and_leaves_nothing_half_done(long_run: Path) -> None:
    leader, follower = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "tfjsci", "run"],
        cwd=long_run,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,  # a process group of its own, as a shell gives to each job
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
    )
    os.close(follower)
    shown = bytearray()
    try:
        os.set_blocking(leader, False)

        def at_work() -> bool:
            read_more(leader, shown)
            return b"benchmark float on cpu" in shown and browser_is_at_work(psutil.Process(running.pid))

        wait_for(at_work, 180)
        children = offspring(psutil.Process(running.pid))
        assert len(children) > 2
        os.killpg(running.pid, signal.SIGINT)
        pressed = time.monotonic()
        while running.poll() is None:
            read_more(leader, shown)
            assert time.monotonic() - pressed < 150
            time.sleep(0.05)
        read_more(leader, shown)
    finally:
        running.kill()
        running.wait()
        os.close(leader)
    assert running.returncode == 130
    wait_for(lambda: not any(map(runs, children)), 120)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode(errors="replace"))
    assert "Traceback" not in text
    assert text.rstrip().endswith("interrupted")
    assert "\x1b[?25h" in shown.decode(errors="replace"), "the cursor is shown again"
    out = long_run / "tfjsci-output"
    assert sorted(path.name for path in out.iterdir()) == ["models", "tfjsci.log"], "no results of half a run"
    assert sorted(path.name for path in (out / "models" / "m" / "float").iterdir()) == [
        "group1-shard1of1.bin",
        "model.json",
    ]


def read_more(leader: int, shown: bytearray) -> None:
    try:
        while more := os.read(leader, 65536):
            shown += more
    except (BlockingIOError, OSError):
        return


def test_an_end_by_the_system_leaves_no_browser_behind(long_run: Path) -> None:
    """A CI that cancels a job sends SIGTERM, and kills what is left."""
    running = subprocess.Popen(
        [sys.executable, "-m", "tfjsci", "run", "-q"],
        cwd=long_run,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        wait_for(lambda: browser_is_at_work(psutil.Process(running.pid)), 180)
        children = offspring(psutil.Process(running.pid))
        running.send_signal(signal.SIGTERM)
        said, _ = running.communicate(timeout=300)
    finally:
        running.kill()
    assert "Traceback" not in said
    wait_for(lambda: not any(map(runs, children)), 120)
    assert not (long_run / "tfjsci-output" / "results.json").exists()
