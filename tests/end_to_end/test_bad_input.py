"""Whatever can be wrong with what a run is given: each is told with a way out, costs itself alone, and ends as documented."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from end_to_end.command import DIGITS, call, tree
from process_watch import runs, started_since, wait_for

from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.results.run_result import ModelResult
from tfjsci.results.store import read_results

ROOT = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command is called in."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(DIGITS / "digits.keras", tmp_path / "good.keras")
    return tmp_path


def manifest(here: Path, models: str, defaults: str = "{backends: [cpu], benchmark: false}") -> None:
    (here / "tfjsci.yml").write_text(f"version: 1\ndefaults: {defaults}\nmodels:\n{models}")


def results(here: Path) -> dict[str, ModelResult]:
    return {model.name: model for model in read_results(here / "tfjsci-output" / "results.json").models}


def only_failure(model: ModelResult) -> tuple[str, str]:
    assert model.outcome == "fail"
    (failure,) = model.failures
    assert failure.hint
    assert failure.exit_code == 1
    return failure.code, failure.message


# --- models ----------------------------------------------------------------------------------------------------------


def lambda_file(path: Path, canary: Path) -> None:
    k = keras()
    scope: dict[str, Any] = {}
    exec(f"payload = lambda x: (open({str(canary)!r}, 'a').close(), x * 2.0)[1]", scope)
    inputs = k.Input((3,), name="x")
    k.Model(inputs, k.layers.Lambda(scope["payload"], output_shape=(3,), name="own_code")(inputs)).save(path)


def writing_folder(path: Path, canary: Path) -> None:
    tf = tensorflow()

    def run(x: Any) -> Any:
        with tf.control_dependencies([tf.io.write_file(str(canary), "x")]):
            return {"y": x + 1.0}

    module = tf.Module()
    module.run = tf.function(run, input_signature=[tf.TensorSpec((2,), name="x")], autograph=False)
    tf.saved_model.save(module, str(path), signatures=module.run)


def test_ten_models_that_cannot_be_converted_and_one_that_can(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    canary = here / "canary"
    whole = (here / "good.keras").read_bytes()
    (here / "cut.keras").write_bytes(whole[:9000])
    (here / "cut.h5").write_bytes((DIGITS / "digits.h5").read_bytes()[:9000])
    (here / "folder").mkdir()
    shutil.copytree(DIGITS / "digits_savedmodel", here / "saved")
    shutil.copytree(DIGITS / "digits_savedmodel", here / "cut-saved")
    (here / "cut-saved" / "variables" / "variables.index").write_bytes(b"")
    (here / "pointer.keras").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n")
    lambda_file(here / "lambda.keras", canary)
    writing_folder(here / "writes", canary)
    canary.unlink(missing_ok=True)
    manifest(
        here,
        """
  - {name: gone, source: gone.keras}
  - {name: cut-keras, source: cut.keras}
  - {name: cut-h5, source: cut.h5}
  - {name: cut-saved, source: cut-saved}
  - {name: folder, source: folder}
  - {name: signature, source: saved, signature: serving_defualt}
  - {name: pointer, source: pointer.keras}
  - {name: code, source: lambda.keras}
  - {name: writes, source: writes}
  - {name: wrong-format, source: good.keras, format: h5}
  - {name: good, source: good.keras}
""",
    )
    done = call(capfd, "run", "--only", "convert,check").in_peace()
    assert done.code == 1
    models = results(here)
    assert {name: only_failure(model)[0] for name, model in models.items() if name != "good"} == {
        "gone": "missing-model",
        "cut-keras": "corrupt-model",
        "cut-h5": "corrupt-model",
        "cut-saved": "corrupt-model",
        "folder": "unknown-format",
        "signature": "unknown-signature",
        "pointer": "corrupt-model",
        "code": "code-refused",
        "writes": "code-refused",
        "wrong-format": "corrupt-model",
    }
    assert 'Did you mean "serving_default"?' in only_failure(models["signature"])[1]
    assert "own_code: Lambda" in only_failure(models["code"])[1]
    assert "WriteFile" in only_failure(models["writes"])[1]
    assert models["good"].outcome == "pass"
    assert sorted(path.name for path in (here / "tfjsci-output" / "models").iterdir()) == ["good"]
    assert not canary.exists()
    assert len([line for line in done.err.splitlines() if line.startswith("[")]) == 10 + 3
    assert "report: tfjsci-output/report.md" in done.out
    report = (here / "tfjsci-output" / "report.md").read_text()
    for name in models:
        assert name in report

    allowed = call(capfd, "run", "--only", "convert", "--model", "code", "--allow-code", "--output", "other")
    assert allowed.in_peace().code == 0
    assert canary.exists()


def test_the_manifest_cannot_allow_code(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for key in ("allow_code", "allow-code"):
        manifest(here, f"  - {{name: m, source: good.keras, {key}: true}}\n")
        done = call(capfd, "run").in_peace()
        assert done.code == 2
        assert key in done.err
        assert not (here / "tfjsci-output").exists(), "nothing ran"


def test_two_models_of_one_name(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    manifest(here, "  - {name: m, source: good.keras}\n  - {name: m, source: other.keras}\n")
    done = call(capfd, "run").in_peace()
    assert done.code == 2
    assert "tfjsci.yml:5" in done.err
    assert not (here / "tfjsci-output").exists()


def test_a_model_and_a_stage_that_are_not_there(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    manifest(here, "  - {name: digits, source: good.keras}\n")
    done = call(capfd, "run", "--model", "digit").in_peace()
    assert (done.code, done.err) == (
        2,
        "error: the manifest has no model 'digit'. Did you mean \"digits\"?\n  Its models: digits.\n",
    )
    done = call(capfd, "run", "--only", "convert,bench").in_peace()
    assert done.code == 2
    assert "no stage 'bench'" in done.err
    for empty in ("", ",", " , "):
        done = call(capfd, "run", "--only", empty).in_peace()
        assert done.code == 2, "not all stages, as if nothing had been said"
    done = call(capfd, "run", "nowhere.yml").in_peace()
    assert done.code == 2
    assert "nowhere.yml" in done.err
    assert not (here / "tfjsci-output").exists()


def test_input_files_that_do_not_fit(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    images = np.zeros((4, 8, 8, 1), np.float32)
    np.savez(here / "names.npz", pictures=images, labels=np.zeros(4))
    np.save(here / "shape.npy", np.zeros((4, 9, 9, 1), np.float32))
    np.save(here / "dtype.npy", np.full((4, 8, 8, 1), "a"))
    np.save(here / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    (here / "cut.npy").write_bytes((here / "shape.npy").read_bytes()[:200])
    cases = ("names.npz", "shape.npy", "dtype.npy", "objects.npy", "cut.npy", "gone.npy")
    models = "".join(
        f"  - {{name: {n.replace('.', '-')}, source: good.keras, inputs: {{images: {n}}}}}\n" for n in cases
    )
    manifest(here, models + "  - {name: unknown, source: good.keras, inputs: {image: names.npz}}\n")
    done = call(capfd, "run", "--only", "compare").in_peace()
    assert done.code == 1
    for name, model in results(here).items():
        code, message = only_failure(model)
        assert code == "bad-inputs", name
        assert "image" in message
        assert model.artifacts, "the model itself is converted"


# --- outputs ---------------------------------------------------------------------------------------------------------


def test_an_output_that_cannot_be_written(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    manifest(here, "  - {name: m, source: good.keras}\n")
    (here / "file").write_text("mine")
    (here / "logged" / "tfjsci.log").mkdir(parents=True)
    for place in ("file", "file/below", "/proc/below", "logged"):
        done = call(capfd, "run", "--output", place).in_peace()
        assert done.code == 3, place
        assert done.err.startswith("error: the output folder ")
        assert "--output" in done.err
    assert (here / "file").read_text() == "mine"


def test_results_that_are_a_folder_are_named(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    manifest(here, "  - {name: m, source: good.keras}\n")
    (here / "out" / "results.json" / "in-the-way").mkdir(parents=True)
    done = call(capfd, "run", "--only", "convert", "--output", "out").in_peace()
    assert done.code == 3
    assert "results.json" in done.err


def test_a_disk_that_fills_up_while_writing(here: Path) -> None:
    """The kernel refuses to let a file grow, as a full disk would; no privileges are needed for it."""
    manifest(here, "  - {name: m, source: good.keras}\n  - {name: n, source: good.keras, shard_bytes: 20 KiB}\n")
    done = subprocess.run(
        [sys.executable, "-m", "tfjsci", "run", "--only", "convert"],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),  # the weights have 100 kB
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 3, done.stderr
    models = results(here)
    (failure,) = models["m"].failures
    assert failure.code == "output-unwritable"
    assert "can't be written" in failure.message
    assert models["n"].outcome == "pass", "its shards are small enough"
    assert list((here / "tfjsci-output" / "models" / "m").iterdir()) == []


def test_an_output_beside_the_manifest_by_a_relative_path(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest(here, "  - {name: m, source: good.keras}\n")
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    for output in ("../out", "out", str(here / "absolute")):
        assert call(capfd, "run", "../tfjsci.yml", "--only", "convert", "--output", output).in_peace().code == 0
        (model,) = read_results(Path(output) / "results.json").models
        assert [str(artifact.path) for artifact in model.artifacts] == ["models/m/float"]
        assert "out: " not in (Path(output) / "report.md").read_text()


def test_twice_gives_the_same_artifacts(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    manifest(here, "  - {name: m, source: good.keras, quantize: [float16, uint8]}\n")
    for output in ("one", "two"):
        assert call(capfd, "run", "--only", "convert,quantize", "--output", output).code == 0
    assert tree(here / "one" / "models") == tree(here / "two" / "models")
    assert len(tree(here / "one" / "models")) == 6
    document = json.loads((here / "one" / "results.json").read_text())
    assert document["exit_code"] == 0


# --- the browser -----------------------------------------------------------------------------------------------------


def test_no_browser(here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFJSCI_BROWSER", str(here / "no-such-browser"))
    manifest(here, "  - {name: m, source: good.keras}\n  - {name: n, source: good.keras}\n")
    done = call(capfd, "run").in_peace()
    assert done.code == 3
    assert "no-such-browser" in done.out
    for model in results(here).values():
        assert model.artifacts, "converted all the same"
        assert {failure.code for failure in model.failures} == {"browser-missing"}


def test_a_backend_that_is_not_there(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFJSCI_BROWSER_FLAGS", "--disable-gpu --disable-software-rasterizer --disable-3d-apis")
    manifest(
        here,
        "  - {name: m, source: good.keras, backends: [webgl, cpu]}\n  - {name: n, source: good.keras, backends: [webgl]}\n",
    )
    done = call(capfd, "run").in_peace()
    assert done.code == 3
    run = read_results(here / "tfjsci-output" / "results.json")
    assert [(failure.code, failure.exit_code) for failure in run.failures] == [("backend-unavailable", 3)]
    m, n = run.models
    assert [comparison.environment.backend for comparison in m.comparisons] == ["cpu"]
    assert {(f.code, f.backend) for f in (*m.failures, *n.failures)} == {("backend-unavailable", "webgl")}


def heavy(path: Path) -> None:
    """Minutes of JavaScript for one inference."""
    k = keras()
    x = inputs = k.Input((256, 256, 32), name="x")
    for _ in range(4):
        x = k.layers.Conv2D(32, 7, padding="same")(x)
    k.Model(inputs, k.layers.GlobalAveragePooling2D(name="y")(x)).save(path)


def test_an_inference_that_never_ends_costs_itself_alone(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    heavy(here / "heavy.keras")
    manifest(here, "  - {name: heavy, source: heavy.keras, deadline: 4 s}\n  - {name: good, source: good.keras}\n")
    started = time.monotonic()
    done = call(capfd, "run").in_peace()
    assert time.monotonic() - started < 120  # it would take minutes, and what is ended late half a minute more
    assert done.code == 1
    models = results(here)
    code, message = only_failure(models["heavy"])
    assert code == "browser-job-failed"
    assert "4 s" in message
    assert models["good"].outcome == "pass"


def test_a_browser_that_is_killed_in_the_middle_costs_one_job(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    heavy(here / "heavy.keras")
    manifest(here, "  - {name: heavy, source: heavy.keras, deadline: 60 s}\n  - {name: good, source: good.keras}\n")
    killed: list[int] = []
    started: list[psutil.Process] = []
    before = psutil.Process().children(recursive=True)  # other tests share a browser

    def kill() -> None:
        """Once a page is at work for two seconds, its browser's main process dies."""
        for _ in range(1500):
            time.sleep(0.1)
            with suppress(psutil.Error):  # a process that ends while it is looked at
                for process in started_since(before):
                    if process.cpu_times().user > 2 and "--type=renderer" in " ".join(process.cmdline()):
                        started.extend(started_since(before))
                        while "--type=" in " ".join(process.cmdline()):
                            process = process.parent() or process
                        process.kill()
                        killed.append(process.pid)
                        return

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        done = call(capfd, "run").in_peace()
    finally:
        killer.join()
    assert killed
    assert len(started) > 3
    assert done.code == 1
    models = results(here)
    assert only_failure(models["heavy"])[0] == "browser-job-failed"
    assert models["good"].outcome == "pass"
    wait_for(lambda: not any(map(runs, [*started, *started_since(before)])), 120)
