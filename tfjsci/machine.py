"""The machine and the versions on the Python side, for the record."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from tfjsci.results.run_result import Machine


def this_machine() -> Machine:
    """Read now; nothing is imported for it. Versions of what isn't installed are None."""
    return Machine(
        platform=f"{platform.system()} {platform.release()} {platform.machine()}",
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1),
        memory_bytes=int(psutil.virtual_memory().total),
        python=platform.python_version(),
        tensorflow=_version("tensorflow") or _version("tensorflow-cpu") or _version("tensorflow-macos"),
        keras=_version("keras"),
        numpy=_version("numpy") or "unknown",
    )


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
