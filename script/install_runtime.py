#!/usr/bin/env python3
"""Installs the TensorFlow.js release files that the page loads into ``tfjsci/runtime/files/<version>/``.

npm fetches exactly what ``tfjsci/runtime/package-lock.json`` pins, runs no install scripts, and works in a temporary
folder; the few files that are needed are then moved into place together. Where they lie already and are whole, nothing
happens and npm isn't needed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tfjsci.browser.runtime import (  # noqa: E402
    DEFAULT_VERSION,
    INSTALLED,
    LICENSES,
    LISTING,
    PACKAGE_FILES,
    find_runtime,
    sha256,
)
from tfjsci.errors import RuntimeMissing  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Install if needed; says in one line what it did. ``--from FOLDER`` takes a node_modules that npm has made."""
    target = INSTALLED / DEFAULT_VERSION
    if is_whole():
        print(f"TensorFlow.js {DEFAULT_VERSION} is in place: {target}")
        return 0
    if arguments and arguments[0] == "--from":
        install(Path(arguments[1]), target)
        print(f"TensorFlow.js {DEFAULT_VERSION} installed: {target}")
        return 0
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not on PATH: install Node.js, which brings it", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory(prefix="tfjsci-npm-") as scratch:
        modules = fetch(Path(scratch), npm)
        install(modules, target)
    print(f"TensorFlow.js {DEFAULT_VERSION} installed: {target}")
    return 0


def is_whole() -> bool:
    """Whether the files are there, unchanged."""
    try:
        if find_runtime(DEFAULT_VERSION, env={}).lacking:
            return False
    except RuntimeMissing:
        return False
    return (INSTALLED / DEFAULT_VERSION / LICENSES).is_file()


def fetch(scratch: Path, npm: str) -> Path:
    """``npm ci`` in ``scratch``; returns its ``node_modules``."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "tfjsci" / "runtime" / name, scratch / name)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=scratch, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"npm ci failed ({done.returncode}):\n{done.stderr.strip() or done.stdout.strip()}")
    return scratch / "node_modules"


def install(modules: Path, target: Path) -> None:
    """Copies the needed files, their licences and a listing beside ``target``, then renames the whole folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=target.parent) as scratch:
        new = Path(scratch) / "files"
        new.mkdir()
        digests = {}
        for package, members in PACKAGE_FILES.items():
            for member in members:
                copied = Path(shutil.copyfile(modules / package / member, new / Path(member).name))
                digests[copied.name] = sha256(copied)
        (new / LICENSES).write_text(licenses(modules), encoding="utf-8")
        listing = {"version": DEFAULT_VERSION, "packages": sorted(PACKAGE_FILES), "files": digests}
        (new / LISTING).write_text(json.dumps(listing, indent=2) + "\n", encoding="utf-8")
        if target.exists():
            target.replace(Path(scratch) / "old")
        new.replace(target)


def licenses(modules: Path) -> str:
    """The licence of every package in the lock file but type declarations: the bundles hold code of several of them.

    The @tensorflow packages bring no licence file; they are Apache-2.0, as is ``long``, whose file has the full text.
    """
    lock = json.loads((ROOT / "tfjsci" / "runtime" / "package-lock.json").read_text(encoding="utf-8"))
    parts = ["The JavaScript and WebAssembly files in this folder are built from the npm packages listed here.\n"]
    for location in sorted(lock["packages"]):
        folder = modules.parent / location
        if not location or "/@types/" in location or not folder.is_dir():
            continue
        manifest = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        parts.append(f"{'=' * 80}\n{manifest['name']} {manifest['version']}: {manifest.get('license', 'see below')}\n")
        parts.extend(path.read_text(encoding="utf-8", errors="replace") for path in license_files(folder))
    return "\n".join(parts)


def license_files(folder: Path) -> list[Path]:
    """A package's licence and notice files; else its README where that has the licence's text (seedrandom)."""
    named = sorted(
        p for p in folder.iterdir() if p.is_file() and p.name.lower().startswith(("licen", "notice", "copying"))
    )
    readmes = sorted(p for p in folder.iterdir() if p.is_file() and p.name.lower().startswith("readme"))
    speaking = [p for p in readmes if "permission is hereby granted" in p.read_text("utf-8", "replace").lower()]
    return named or speaking


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
