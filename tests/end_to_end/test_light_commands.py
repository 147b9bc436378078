"""The commands that only need the manifest, as processes: quick, without TensorFlow, and right in their exit codes."""

# ruff: noqa: E501  # messages and manifests stand whole, one a line

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("tensorflow", "keras", "playwright", "numpy", "h5py", "jinja2")

SPY = """\
import sys
from tfjsci.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""

MANIFEST = "version: 1\nmodels: [{name: m, source: m.keras, quantize: [uint8]}]\n"

MISTAKES = """\
version: one
models:
  - name: two words
    source: [a.keras]
    quantise: [uint8]
    backends: [webgl, wasm, webgl]
    inputs: {image: cat.jpg}
    shapes: {image: [224, 0]}
    compare: {quantized: {uint9: {sqnr_db: 20}}}
    budget: {steady_ms: 5 MB}
    level: {steady: warn}
    benchmark: {runs: -1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tfjsci.yml").write_text(MANIFEST)
    (tmp_path / "m.keras").touch()
    return tmp_path


def tfjsci(folder: Path, *args: str, spy: bool = False) -> subprocess.CompletedProcess[str]:
    start = ["-c", SPY] if spy else ["-m", "tfjsci"]
    return subprocess.run(
        [sys.executable, *start, *args], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["--version"],
        ["validate"],
        ["schema"],
        ["loader"],
        ["init", "--force"],
        ["run", "--help"],
        ["convert", "--help"],
        ["report", "--help"],
        ["doctor", "--help"],
    ],
)
def test_nothing_heavy_is_imported(folder: Path, args: list[str]) -> None:
    done = tfjsci(folder, *args, spy=True)
    assert done.returncode == 0, done.stderr
    modules = done.stderr.split()
    assert "click" in modules, "the spy saw the modules"
    assert [name for name in HEAVY if name in modules] == []


def test_importing_the_package_imports_nothing_heavy(folder: Path) -> None:
    code = "import tfjsci, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    modules = done.stdout.split()
    assert "tfjsci" in modules
    assert [name for name in HEAVY if name in modules] == []


@pytest.mark.parametrize("args", [["--help"], ["validate"], ["schema"]])
def test_they_answer_in_well_under_a_second(folder: Path, args: list[str]) -> None:
    """Seconds of the processor, best of three: a busy machine takes away time, and some of the caches."""
    spent = []
    for _ in range(3):
        before = os.times()
        assert tfjsci(folder, *args).returncode == 0
        after = os.times()
        user, system = (getattr(after, each) - getattr(before, each) for each in ("children_user", "children_system"))
        spent.append(user + system)
    assert 0 < min(spent) < 1.0  # some 0.4 s when idle, most of it pydantic


def test_ten_mistakes_are_told_at_once_with_exit_code_2(folder: Path) -> None:
    (folder / "tfjsci.yml").write_text(MISTAKES)
    done = tfjsci(folder, "validate")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "error:",
        'tfjsci.yml:1: version: "one" is not 1, the only version that this tfjsci reads.',
        'tfjsci.yml:3: models[0].name: "two words" should be 1 to 100 letters, digits and . _ -, a letter or digit first.',
        'tfjsci.yml:4: models[0].source: ["a.keras"] is a list; text belongs here.',
        'tfjsci.yml:5: models[0]: unknown key "quantise". Did you mean "quantize"?',
        'tfjsci.yml:6: models[0].backends: "webgl" is given twice.',
        'tfjsci.yml:7: models[0].inputs.image: "cat.jpg" should be a path that ends in .npz, .npy, .csv or .jsonl.',
        "tfjsci.yml:8: models[0].shapes.image[1]: 0 is below 1.",
        'tfjsci.yml:9: models[0].compare.quantized: "uint9" is no variant of this model and no scheme of one. It isn\'t quantised at all.',
        'tfjsci.yml:10: models[0].budget.steady_ms: "5 MB" is not a time: write milliseconds, or a number with ms, s, min or h.',
        'tfjsci.yml:11: models[0].level: unknown key "steady". Did you mean "steady_ms"?',
        "tfjsci.yml:12: models[0].benchmark.runs: -1 is below 1.",
    ]  # fmt: skip


@pytest.mark.parametrize("args", [["schema"], ["--help"]])
def test_a_reader_that_leaves_early_is_no_failure_of_a_model(folder: Path, args: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "tfjsci", *args], cwd=folder, stdout=closed, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (3, b"")


def test_ctrl_c_is_one_line_and_exit_code_130(folder: Path) -> None:
    waiting = """\
import os, signal, sys, types, click
from tfjsci import cli
signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background it is ignored
def wait():
    os.kill(os.getpid(), signal.SIGINT)
    signal.pause()
sys.modules["waiting"] = types.SimpleNamespace(wait=click.command()(wait))
cli.COMMANDS["wait"] = cli.Entry("waiting:wait", "Wait.")
cli.main(["wait"])
"""
    done = subprocess.run(
        [sys.executable, "-c", waiting], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "interrupted")
