"""Which browser, which flags: chosen from the environment and the machine, or refused with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.browser import launch
from tfjsci.browser.launch import Browser, browser_version, choose_gpu, find_browser, plan_launch
from tfjsci.errors import BrowserMissing, UsageError


def program(path: Path, says: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_the_chosen_browser_wins_over_path(tmp_path: Path) -> None:
    mine, other = program(tmp_path / "mine"), program(tmp_path / "bin" / "chromium")
    env = {"TFJSCI_BROWSER": str(mine), "PATH": str(other.parent)}
    assert find_browser(env, fallback=None) == Browser(path=mine, source="TFJSCI_BROWSER")


def test_a_chosen_browser_that_is_not_there_is_not_replaced(tmp_path: Path) -> None:
    other = program(tmp_path / "bin" / "chromium")
    with pytest.raises(BrowserMissing, match="TFJSCI_BROWSER names '/no/such', which is not a program"):
        find_browser({"TFJSCI_BROWSER": "/no/such", "PATH": str(other.parent)}, fallback=other)


def test_chrome_before_chromium_before_playwrights_own(tmp_path: Path) -> None:
    own = program(tmp_path / "own")
    env = {"PATH": str(tmp_path / "bin")}
    assert find_browser(env, fallback=own) == Browser(path=own, source="Playwright")
    chromium = program(tmp_path / "bin" / "chromium")
    assert find_browser(env, fallback=own) == Browser(path=chromium, source="PATH")
    chrome = program(tmp_path / "bin" / "google-chrome")
    assert find_browser(env, fallback=own) == Browser(path=chrome, source="PATH")


def test_no_browser_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BrowserMissing) as told:
        find_browser({"PATH": str(tmp_path)}, fallback=tmp_path / "absent")
    assert told.value.hint is not None
    assert "TFJSCI_BROWSER" in told.value.hint


@pytest.mark.parametrize("device", ["dev/dri", "dev/nvidiactl", "dev/dxg"])
def test_a_gpu_device_means_hardware(tmp_path: Path, device: str) -> None:
    assert choose_gpu({}, root=tmp_path) == "software"
    (tmp_path / device).mkdir(parents=True)
    assert choose_gpu({}, root=tmp_path) == "hardware"
    assert choose_gpu({"TFJSCI_GPU": "auto"}, root=tmp_path) == "hardware"
    assert choose_gpu({"TFJSCI_GPU": "software"}, root=tmp_path) == "software"


def test_hardware_can_be_insisted_on(tmp_path: Path) -> None:
    assert choose_gpu({"TFJSCI_GPU": "hardware"}, root=tmp_path) == "hardware"
    flags = plan_launch({"TFJSCI_GPU": "hardware"}, root=tmp_path).flags
    assert not [flag for flag in flags if "swiftshader" in flag]


def test_software_flags_are_those_that_work(tmp_path: Path) -> None:
    plan = plan_launch({"TFJSCI_GPU": "software"}, root=tmp_path)
    assert {flag for flag, _ in launch.SOFTWARE_FLAGS} <= set(plan.flags)
    assert {flag for flag, _ in launch.QUIET_FLAGS} <= set(plan.flags)
    assert plan.gpu == "software"


def test_no_sandbox_in_a_container_or_as_root_or_when_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    plain = plan_launch({}, root=tmp_path)
    assert plain.sandbox
    assert "--disable-dev-shm-usage" not in plain.flags
    assert not plan_launch({"TFJSCI_SANDBOX": "off"}, root=tmp_path).sandbox
    (tmp_path / ".dockerenv").touch()
    contained = plan_launch({}, root=tmp_path)
    assert not contained.sandbox
    assert "--disable-dev-shm-usage" in contained.flags
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert not plan_launch({}, root=tmp_path / "elsewhere").sandbox


def test_more_flags_come_last_and_split_as_in_a_shell(tmp_path: Path) -> None:
    plan = plan_launch({"TFJSCI_BROWSER_FLAGS": "--a --b='c d'"}, root=tmp_path)
    assert plan.flags[-2:] == ("--a", "--b=c d")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TFJSCI_GPU", "fast", "TFJSCI_GPU is 'fast'"),
        ("TFJSCI_SANDBOX", "on", "TFJSCI_SANDBOX is 'on'"),
        ("TFJSCI_BROWSER_FLAGS", "--a='", "can't be split"),
    ],
)
def test_values_that_mean_nothing_are_refused(tmp_path: Path, name: str, value: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan_launch({name: value}, root=tmp_path)


def test_every_flag_has_its_reason() -> None:
    tables = [value for name, value in vars(launch).items() if name.endswith("_FLAGS")]
    assert len(tables) >= 5
    for flag, reason in (row for table in tables for row in table):
        assert flag.startswith("--")
        assert len(reason) > 10


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)", "Chromium 156.0.8078.79"),
        ("Google Chrome 131.0.6778.85 ", "Google Chrome 131.0.6778.85"),
        ("Google Chrome for Testing 131.0.6778.33", "Google Chrome for Testing 131.0.6778.33"),
    ],
)
def test_the_version_is_the_programs_own(tmp_path: Path, says: str, version: str) -> None:
    assert browser_version(Browser(path=program(tmp_path / "b", says), source="test")) == version


def test_what_is_no_browser_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrowserMissing, match="says 'hello'"):
        browser_version(Browser(path=program(tmp_path / "b", "hello"), source="test"))
    with pytest.raises(BrowserMissing, match="can't be run"):
        browser_version(Browser(path=tmp_path / "absent", source="test"))
