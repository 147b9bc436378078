"""What the doctor makes of what it finds: each line that fails says what to do."""

from __future__ import annotations

import pytest

from tfjsci.browser.protocol import BackendEnvironment, BackendProbe
from tfjsci.cli.doctor import check_python, judge_package, judge_probe


@pytest.mark.parametrize(("version", "ok"), [((3, 9), False), ((3, 10), True), ((3, 14), True)])
def test_python(version: tuple[int, int], ok: bool) -> None:
    check = check_python(version, "3.x")
    assert check.ok is ok
    assert (check.hint is None) is ok


@pytest.mark.parametrize("version", ["2.16.0", "2.16.0rc1", "2.21.0", "2.21.1"])
def test_a_version_that_was_tried_is_fine(version: str) -> None:
    check = judge_package("TensorFlow", version, (2, 16), (2, 21), None)
    assert (check.ok, check.found, check.hint) == (True, f"{version}, imports", None)


@pytest.mark.parametrize("version", ["2.15.1", "2.22.0", "1.15.0", "unknown"])
def test_a_version_outside_of_the_range_is_told_with_the_range(version: str) -> None:
    check = judge_package("TensorFlow", version, (2, 16), (2, 21), None)
    assert not check.ok
    assert check.found == f"{version}, but tfjsci needs 2.16 to 2.21"
    assert check.hint is not None


def test_keras_has_no_newest_version() -> None:
    assert judge_package("Keras", "9.0.0", (3, 0), None, None).ok
    assert judge_package("Keras", "2.15.0", (3, 0), None, None).found == "2.15.0, but tfjsci needs 3.0 or newer"


def test_absent_and_broken_packages_say_what_to_do() -> None:
    absent = judge_package("Keras", None, (3, 0), None, None)
    assert (absent.ok, absent.found) == (False, "not installed")
    broken = judge_package("Keras", "3.5.0", (3, 0), None, "exit 1: ImportError: no")
    assert (broken.ok, broken.found) == (False, "3.5.0 can't be imported: exit 1: ImportError: no")
    assert absent.hint is not None
    assert broken.hint is not None


def probe_on(renderer: str, *, software: bool) -> BackendProbe:
    environment = BackendEnvironment(
        backend="webgl",
        browser="Chromium 1.2.3.4",
        tfjs="4.22.0",
        renderer=renderer,
        software=software,
        cores=2,
        flags={},
    )
    return BackendProbe(backend="webgl", environment=environment, failure=None)


def test_a_software_renderer_is_fine_but_named() -> None:
    check = judge_probe(probe_on("SwiftShader", software=True))
    assert check.ok
    assert "software" in check.found
    assert "SwiftShader" in check.found


def test_a_gpu_is_called_hardware() -> None:
    assert judge_probe(probe_on("NVIDIA T4", software=False)).found == "runs (hardware; NVIDIA T4)"


def test_a_backend_that_does_not_run_fails_with_a_hint() -> None:
    check = judge_probe(BackendProbe(backend="webgpu", environment=None, failure="webgpu does not run: no adapter"))
    assert (check.ok, check.found) == (False, "webgpu does not run: no adapter")
    assert check.hint is not None
    assert "TFJSCI_GPU=software" in check.hint
    cpu = judge_probe(BackendProbe(backend="cpu", environment=None, failure="why"))
    assert cpu.hint is not None
    assert "TFJSCI_GPU" not in cpu.hint
