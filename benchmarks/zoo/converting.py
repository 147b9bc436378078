"""Each net's artifacts: ours, upstream's, ours with all rewriting rules left out, and ours for some backends alone.

Kept until what made them changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from tfjsci.dtypes import Backend

from .models import make_model
from .places import BENCHMARKS, ROOT, ZOO, artifact_of, model_of, plain, reference_of
from .upstream import upstream_python

Who = Literal["ours", "upstream", "without rules", "for wasm alone", "for webgl alone"]
_DRIVERS: dict[Who, tuple[str, ...]] = {
    "ours": ("ours",),
    "upstream": ("upstream",),
    "without rules": ("ours_without_rules",),
    "for wasm alone": ("ours", "wasm"),
    "for webgl alone": ("ours", "webgl"),
}
ALONE: dict[Backend, Who] = {"wasm": "for wasm alone", "webgl": "for webgl alone"}
"""Ours, by a backend that it is for and runs on."""

_MESSAGE_CHARACTERS = 300


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """What became of one conversion. ``made_by`` tells converter and model apart from changed ones."""

    made_by: str
    seconds: float = 0.0
    peak_mb: float = 0.0
    failure: str = ""
    digest: str = ""
    """Of the artifact's files; empty where there is none."""


def converted(net: str, who: Who) -> Conversion:
    """The artifact in its place, made now if it isn't there or is out of date."""
    make_model(net)
    kept = _record_of(net, who)
    made_by = f"{_model_digest(net)} {digest_of_ours() if who != 'upstream' else 'tensorflowjs 4.22.0'}"
    if kept.exists():
        known = Conversion(**json.loads(kept.read_text()))
        if known.made_by == made_by and (known.failure or artifact_of(net, who).is_dir()):
            return known
    folder = artifact_of(net, who)
    shutil.rmtree(folder, ignore_errors=True)
    seconds, peak_mb, failure = convert(net, who, folder)
    done = Conversion(
        made_by=made_by, seconds=seconds, peak_mb=peak_mb, failure=failure, digest="" if failure else digest(folder)
    )
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(asdict(done), indent=1))
    return done


def said_by_converter(net: str, who: str) -> str:
    """What the converter said when it made no artifact; empty where it did, or wasn't asked yet."""
    kept = _record_of(net, who)
    return Conversion(**json.loads(kept.read_text())).failure if kept.exists() else ""


def _record_of(net: str, who: str) -> Path:
    return ZOO / "conversions" / f"{plain(net)} {plain(who)}.json"


def convert(net: str, who: Who, folder: Path) -> tuple[float, float, str]:
    """Convert into ``folder`` in a process of its own: seconds and peak MB above the imports, or what it said instead."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    python = upstream_python() if who == "upstream" else sys.executable
    driver, *backends = _DRIVERS[who]
    done = subprocess.run(
        [python, BENCHMARKS / "drivers" / f"{driver}.py", model_of(net), folder, *backends],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        return 0.0, 0.0, _message(done.stderr)
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    return figures["seconds"], figures["peak_mb"], ""


def digest(folder: Path) -> str:
    """Of all files: what was measured on one artifact says nothing of another."""
    whole = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        whole.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


@cache
def digest_of_ours() -> str:
    """Of the converter's own files."""
    whole = hashlib.sha256()
    for file in sorted((ROOT / "tfjsci").rglob("*")):
        if file.suffix in {".py", ".json"}:
            whole.update(file.read_bytes())
    return whole.hexdigest()


def _model_digest(net: str) -> str:
    return hashlib.sha256(reference_of(net).read_bytes()).hexdigest()


def _message(said: str) -> str:
    """An error's name and all that it says, in one line; or the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    named = [i for i, line in enumerate(lines) if re.match(r"([\w.]+\.)?[A-Z]\w+: ", line)]
    return " ".join(lines[named[-1] :] if named else lines[-1:])[:_MESSAGE_CHARACTERS] or "no message"
