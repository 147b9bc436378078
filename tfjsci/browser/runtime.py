"""The TensorFlow.js release: which of npm's files the page needs, where they lie, and whether they are whole.

They are installed into the package by ``script/install_runtime.py`` (a checkout) or come inside the wheel;
``TFJSCI_RUNTIME`` names another folder: one in the same layout, or a ``node_modules``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tfjsci.errors import RuntimeMissing

DEFAULT_VERSION = "4.22.0"
"""The release that the package brings along."""

PACKAGE_FILES: dict[str, tuple[str, ...]] = {
    "@tensorflow/tfjs": ("dist/tf.min.js",),
    "@tensorflow/tfjs-backend-wasm": (
        "dist/tf-backend-wasm.min.js",
        "dist/tfjs-backend-wasm.wasm",
        "dist/tfjs-backend-wasm-simd.wasm",
        "dist/tfjs-backend-wasm-threaded-simd.wasm",
    ),
    "@tensorflow/tfjs-backend-webgpu": ("dist/tf-backend-webgpu.min.js",),
}
"""npm package -> its files that the page loads; the three packages share one version number."""

LICENSES = "LICENSES.txt"
LISTING = "runtime.json"
"""Versions and SHA-256 of the installed files."""

INSTALLED = Path(__file__).parent.parent / "runtime" / "files"
"""``<version>/`` folders of the package itself."""

_INSTALL_HINT = (
    "In a checkout run script/install_runtime.py (it needs npm); an installed wheel brings the files along, so reinstall "
    "tfjsci; or point TFJSCI_RUNTIME at a node_modules folder that holds the three @tensorflow packages."
)


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """One release, found and whole."""

    version: str
    folder: Path
    files: dict[str, Path]
    """File name as the page asks for it -> where it lies."""


def find_runtime(version: str, *, env: Mapping[str, str]) -> Runtime:
    """The release ``version``: from ``TFJSCI_RUNTIME`` when that is set, else from the package.

    Raises ``RuntimeMissing`` when it isn't there, is another version, or a file was changed or cut short.
    """
    chosen = env.get("TFJSCI_RUNTIME")
    if not chosen:
        return _read_installed(INSTALLED / version, version)
    folder = Path(chosen)
    if (folder / "@tensorflow").is_dir():
        return _read_node_modules(folder, version)
    return _read_installed(folder if (folder / LISTING).is_file() else folder / version, version)


def _read_installed(folder: Path, version: str) -> Runtime:
    """``folder`` as ``script/install_runtime.py`` writes it."""
    listing = folder / LISTING
    try:
        listed = json.loads(listing.read_text(encoding="utf-8"))
        found, digests = str(listed["version"]), {str(k): str(v) for k, v in listed["files"].items()}
    except FileNotFoundError:
        raise RuntimeMissing(f"TensorFlow.js {version} is not in {folder}", hint=_INSTALL_HINT) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RuntimeMissing(f"{listing} can't be read: {error}", hint=_INSTALL_HINT) from error
    if found != version:
        raise RuntimeMissing(f"{folder} holds TensorFlow.js {found}, asked for was {version}", hint=_INSTALL_HINT)
    files = {}
    for name in file_names():
        path = folder / name
        if not path.is_file() or digests.get(name) != sha256(path):
            raise RuntimeMissing(f"{path} is missing or not as it was installed", hint=_INSTALL_HINT)
        files[name] = path
    return Runtime(version=version, folder=folder, files=files)


def _read_node_modules(folder: Path, version: str) -> Runtime:
    files = {}
    for package, members in PACKAGE_FILES.items():
        home = folder / package
        try:
            found = json.loads((home / "package.json").read_text(encoding="utf-8"))["version"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RuntimeMissing(f"{home} holds no readable {package}: {error}", hint=_INSTALL_HINT) from error
        if found != version:
            raise RuntimeMissing(f"{home} is version {found}, asked for was {version}", hint=_INSTALL_HINT)
        for member in members:
            path = home / member
            if not path.is_file():
                raise RuntimeMissing(f"{path} is missing", hint=_INSTALL_HINT)
            files[path.name] = path
    return Runtime(version=version, folder=folder, files=files)


def file_names() -> tuple[str, ...]:
    """The file names that make a release."""
    return tuple(Path(member).name for members in PACKAGE_FILES.values() for member in members)


def sha256(path: Path) -> str:
    """The file's digest, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
