"""Which browser, and with which flags: each flag stands beside its reason.

Environment variables: ``TFJSCI_BROWSER`` (path of a Chromium or Chrome), ``TFJSCI_GPU`` (``auto``, ``software``,
``hardware``), ``TFJSCI_SANDBOX`` (``auto``, ``off``), ``TFJSCI_BROWSER_FLAGS`` (more flags, written as for a shell).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tfjsci.errors import BrowserMissing, UsageError

NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")
"""Looked up on PATH, in this order."""

Gpu = Literal["software", "hardware"]

_GPU_DEVICES = ("/dev/dri", "/dev/nvidiactl", "/dev/dxg")
"""A GPU that Linux lets programs use shows up as one of these (Mesa and most drivers, NVIDIA in a container, WSL)."""

_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")

QUIET_FLAGS: tuple[tuple[str, str], ...] = (
    ("--disable-background-networking", "no calls home: they cost time and fail in closed networks"),
    ("--disable-component-update", "no downloads of components, which calls home too"),
    ("--disable-domain-reliability", "no upload of network error reports"),
    ("--disable-sync", "no account, nothing to synchronise"),
    ("--disable-quic", "the only server is ours, over plain HTTP on the loopback"),
    ("--disable-extensions", "an extension of the machine's must not run in the measured page"),
    ("--no-first-run", "no welcome page in a fresh profile"),
    ("--no-default-browser-check", "no question either"),
    ("--no-service-autorun", "no background services"),
    ("--mute-audio", "no audio device is opened"),
)

STEADY_FLAGS: tuple[tuple[str, str], ...] = (
    (
        "--disable-background-timer-throttling",
        "TensorFlow.js polls the GPU with timers; a throttled timer would be measured",
    ),
    ("--disable-backgrounding-occluded-windows", "a headless window counts as hidden on some systems, and is slowed"),
    ("--disable-renderer-backgrounding", "the same, for the process's priority"),
)

SOFTWARE_FLAGS: tuple[tuple[str, str], ...] = (
    ("--use-angle=swiftshader", "WebGL without a GPU: ANGLE on the SwiftShader that Chromium ships"),
    ("--enable-unsafe-swiftshader", "Chromium asks for this before WebGL may run on SwiftShader"),
    ("--ignore-gpu-blocklist", "software renderers are on the block list"),
    ("--enable-unsafe-webgpu", "WebGPU is off by default on Linux"),
    ("--use-webgpu-adapter=swiftshader", "WebGPU without a GPU"),
    ("--enable-features=Vulkan", "SwiftShader is reached as a Vulkan driver"),
    (
        "--disable-gpu-compositing",
        "an empty page needs no software GPU to be drawn, which takes 0.4 s of a processor each start",
    ),
)

HARDWARE_FLAGS: tuple[tuple[str, str], ...] = (
    ("--ignore-gpu-blocklist", "headless servers' drivers are often on the block list"),
    ("--enable-unsafe-webgpu", "WebGPU is off by default on Linux"),
)

HARDWARE_LINUX_FLAGS: tuple[tuple[str, str], ...] = (
    ("--use-angle=vulkan", "without a display the GL drivers have no surface; Vulkan needs none"),
    ("--enable-features=Vulkan", "Vulkan is off by default"),
    ("--disable-vulkan-surface", "there is no display to draw on"),
)

CONTAINER_FLAGS: tuple[tuple[str, str], ...] = (
    ("--disable-dev-shm-usage", "a container's /dev/shm is 64 MB by default: too small for a model's weights"),
)


@dataclass(frozen=True, kw_only=True)
class Browser:
    """A browser to start. ``source`` says why this one."""

    path: Path
    source: str


@dataclass(frozen=True, kw_only=True)
class Launch:
    """How to start it."""

    flags: tuple[str, ...]
    sandbox: bool
    gpu: Gpu


def find_browser(env: Mapping[str, str], *, fallback: Path | None) -> Browser:
    """``TFJSCI_BROWSER``, else Chrome or Chromium on PATH, else ``fallback`` (Playwright's own) where that exists.

    Raises ``BrowserMissing``.
    """
    chosen = env.get("TFJSCI_BROWSER")
    if chosen:
        found = shutil.which(chosen, path=env.get("PATH"))
        if not found:
            raise BrowserMissing(
                f"TFJSCI_BROWSER names {chosen!r}, which is not a program",
                hint="Set it to the path of a Chrome or Chromium, or unset it to let tfjsci look for one.",
            )
        return Browser(path=Path(found), source="TFJSCI_BROWSER")
    for name in NAMES:
        found = shutil.which(name, path=env.get("PATH"))
        if found:
            return Browser(path=Path(found), source="PATH")
    if fallback is not None and fallback.is_file():
        return Browser(path=fallback, source="Playwright")
    raise BrowserMissing(
        f"no browser: none of {', '.join(NAMES)} is on PATH, and Playwright has none of its own",
        hint="Install Chrome or Chromium (apt install chromium), or run `playwright install chromium`, or set TFJSCI_BROWSER.",
    )


def plan_launch(env: Mapping[str, str], *, root: Path = Path("/")) -> Launch:
    """Flags for this machine; ``root`` is where its file system is looked at (tests hand in another).

    Raises ``UsageError`` for a value of ``TFJSCI_GPU`` or ``TFJSCI_SANDBOX`` that means nothing.
    """
    gpu = choose_gpu(env, root=root)
    contained = any((root / mark.lstrip("/")).exists() for mark in _CONTAINER_MARKS)
    tables = [QUIET_FLAGS, STEADY_FLAGS]
    if gpu == "software":
        tables.append(SOFTWARE_FLAGS)
    else:
        tables += [HARDWARE_FLAGS, HARDWARE_LINUX_FLAGS] if sys.platform == "linux" else [HARDWARE_FLAGS]
    sandbox = _sandbox_allowed(env, contained=contained)
    if contained or not sandbox:
        tables.append(CONTAINER_FLAGS)
    flags = [flag for table in tables for flag, _ in table]
    return Launch(flags=(*flags, *_extra_flags(env)), sandbox=sandbox, gpu=gpu)


def choose_gpu(env: Mapping[str, str], *, root: Path = Path("/")) -> Gpu:
    """``TFJSCI_GPU``; ``auto`` (the default) is software on a Linux that shows no GPU device, hardware elsewhere.

    What really rendered is read from the renderer's name afterwards; this only chooses the flags.
    """
    wanted = _one_of(env, "TFJSCI_GPU", ("auto", "software", "hardware"))
    if wanted == "software":
        return "software"
    if wanted == "hardware" or sys.platform != "linux":
        return "hardware"
    return "hardware" if any((root / device.lstrip("/")).exists() for device in _GPU_DEVICES) else "software"


def _sandbox_allowed(env: Mapping[str, str], *, contained: bool) -> bool:
    """Chromium refuses its sandbox as root, and containers forbid the namespaces that it needs."""
    if _one_of(env, "TFJSCI_SANDBOX", ("auto", "off")) == "off":
        return False
    return not contained and not (hasattr(os, "geteuid") and os.geteuid() == 0)


def _extra_flags(env: Mapping[str, str]) -> list[str]:
    try:
        return shlex.split(env.get("TFJSCI_BROWSER_FLAGS", ""))
    except ValueError as error:
        raise UsageError(
            f"TFJSCI_BROWSER_FLAGS can't be split into flags: {error}", hint="Quote it as for a shell."
        ) from None


def _one_of(env: Mapping[str, str], name: str, values: tuple[str, ...]) -> str:
    value = env.get(name) or values[0]
    if value not in values:
        raise UsageError(f"{name} is {value!r}", hint=f"Set it to one of {', '.join(values)}, or unset it.")
    return value


def browser_version(browser: Browser) -> str:
    """Product and version, as ``Chromium 156.0.8078.79``, from the program itself (a headless page says less).

    Raises ``BrowserMissing`` when the program doesn't answer like a browser.
    """
    try:
        said = subprocess.run(  # noqa: S603  (the browser that the user chose)
            [browser.path, "--version"], capture_output=True, text=True, errors="replace", timeout=60, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrowserMissing(
            f"{browser.path} can't be run: {error}", hint="Set TFJSCI_BROWSER to a Chrome or Chromium."
        ) from error
    found = re.search(r"([A-Za-z][A-Za-z ]*?)\s+(\d+(?:\.\d+)+)", said)
    if not found:
        raise BrowserMissing(
            f"{browser.path} --version says {said.strip()[:200]!r}, which is no browser's version",
            hint="Set TFJSCI_BROWSER to a Chrome or Chromium.",
        )
    return f"{found[1]} {found[2]}"
