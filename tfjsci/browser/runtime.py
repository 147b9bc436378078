"""The TensorFlow.js release: which of npm's files the page needs, where they lie, and whether they are whole.

They are installed into the package by ``script/install_runtime.py`` (a checkout) or come inside the wheel;
``TFJSCI_RUNTIME`` names another folder: one in the same layout, or a ``node_modules``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from tfjsci.dtypes import Backend
from tfjsci.errors import BackendUnavailable, RuntimeMissing
from tfjsci.manifest.releases import BACKEND_PACKAGES, backends_of_release, published

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
"""npm package -> its files that the page loads; the packages of a release share one version number."""

LICENSES = "LICENSES.txt"
LISTING = "runtime.json"
"""Versions and SHA-256 of the installed files."""

INSTALLED = Path(__file__).parent.parent / "runtime" / "files"
"""``<version>/`` folders of the package itself."""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """One release, found and whole."""

    version: str
    folder: Path
    files: dict[str, Path]
    """File name as the page asks for it -> where it lies."""
    lacking: tuple[Backend, ...] = ()
    """Backends whose package isn't there: npm hasn't got every package of every release."""

    def require(self, backend: Backend) -> None:
        """Raises ``BackendUnavailable`` for one that isn't there."""
        if backend not in self.lacking:
            return
        package = BACKEND_PACKAGES[backend]
        what = f"TensorFlow.js {self.version} in {self.folder} has no {backend}: {package} isn't there"
        if backend in backends_of_release(self.version):
            raise BackendUnavailable(what, hint=f"Install it beside the others, or leave {backend} out of `backends`.")
        raise BackendUnavailable(
            f"{what}, and npm has it {published(backend)}",
            hint=f"Leave {backend} out of `backends`, or take another release of TensorFlow.js (`tfjs:`).",
        )


def find_runtime(version: str, *, env: Mapping[str, str]) -> Runtime:
    """The release ``version``: from ``TFJSCI_RUNTIME`` when that is set, else from the package.

    ``@tensorflow/tfjs`` has to be there; a backend whose package isn't is ``lacking``. Raises ``RuntimeMissing`` when the
    release isn't there, is another version, or a file was changed or cut short.
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
        raise RuntimeMissing(f"TensorFlow.js {version} is not in {folder}", hint=_how(version)) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RuntimeMissing(f"{listing} can't be read: {error}", hint=_how(version)) from error
    if found != version:
        raise RuntimeMissing(f"{folder} holds TensorFlow.js {found}, asked for was {version}", hint=_how(version))
    lacking = tuple(
        backend for backend, package in BACKEND_PACKAGES.items() if digests.keys().isdisjoint(_names_in(package))
    )
    files = {}
    for name in (name for package in _packages(lacking) for name in _names_in(package)):
        path = folder / name
        if not path.is_file() or digests.get(name) != sha256(path):
            raise RuntimeMissing(f"{path} is missing or not as it was installed", hint=_how(version))
        files[name] = path
    return Runtime(version=version, folder=folder, files=files, lacking=lacking)


def _read_node_modules(folder: Path, version: str) -> Runtime:
    lacking = tuple(backend for backend, package in BACKEND_PACKAGES.items() if not (folder / package).exists())
    files = {}
    for package in _packages(lacking):
        home = folder / package
        try:
            found = json.loads((home / "package.json").read_text(encoding="utf-8"))["version"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RuntimeMissing(f"{home} holds no readable {package}: {error}", hint=_how(version)) from error
        if found != version:
            raise RuntimeMissing(f"{home} is version {found}, asked for was {version}", hint=_how(version))
        for member in PACKAGE_FILES[package]:
            path = home / member
            if not path.is_file():
                raise RuntimeMissing(f"{path} is missing", hint=_how(version))
            files[path.name] = path
    return Runtime(version=version, folder=folder, files=files, lacking=lacking)


def _packages(lacking: Collection[Backend]) -> list[str]:
    """The release's packages that are there."""
    gone = {BACKEND_PACKAGES[backend] for backend in lacking}
    return [package for package in PACKAGE_FILES if package not in gone]


def _names_in(package: str) -> list[str]:
    return [Path(member).name for member in PACKAGE_FILES[package]]


def _how(version: str) -> str:
    """How to install the release; of one that isn't the package's own, those of its packages that npm has."""
    if version == DEFAULT_VERSION:
        return (
            "In a checkout run script/install_runtime.py (it needs npm); an installed wheel brings the files along, so reinstall "
            "tfjsci; or point TFJSCI_RUNTIME at a node_modules folder that holds the three @tensorflow packages."
        )
    has = backends_of_release(version)
    named = _packages([backend for backend in BACKEND_PACKAGES if backend not in has])
    packages = " ".join(f"{package}@{version}" for package in named)
    return (
        f"tfjsci brings {DEFAULT_VERSION} along. Install another with `npm install --ignore-scripts {packages}`, and set "
        "TFJSCI_RUNTIME to the node_modules folder that this makes."
    )


def file_names() -> tuple[str, ...]:
    """The file names that make a release."""
    return tuple(name for package in PACKAGE_FILES for name in _names_in(package))


def sha256(path: Path) -> str:
    """The file's digest, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
