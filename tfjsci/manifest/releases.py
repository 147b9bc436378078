"""Which backends a release of TensorFlow.js has on npm: wasm and webgpu are packages of their own, and some releases lack one.

Source: ``npm view @tensorflow/tfjs-backend-wasm versions`` (and webgpu), held against ``@tensorflow/tfjs``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tfjsci.dtypes import BACKENDS, Backend

BACKEND_PACKAGES: Mapping[Backend, str] = {
    "wasm": "@tensorflow/tfjs-backend-wasm",
    "webgpu": "@tensorflow/tfjs-backend-webgpu",
}
"""Of the backends that don't come with ``@tensorflow/tfjs`` itself. All packages of a release have its number."""


@dataclass(frozen=True, kw_only=True)
class _Published:
    first: str
    without: tuple[str, ...]


_PUBLISHED: Mapping[Backend, _Published] = {
    "wasm": _Published(first="1.7.0", without=("2.2.0", "2.5.0", "2.8.0", "3.5.0", "4.7.0", "4.18.0")),
    "webgpu": _Published(first="4.6.0", without=("4.9.0",)),
}


def backends_of_release(version: str) -> tuple[Backend, ...]:
    """Those that npm has for the release ``1.2.3``."""
    return tuple(each for each in BACKENDS if each not in _PUBLISHED or _is_published(version, _PUBLISHED[each]))


def published(backend: Backend) -> str:
    """Which releases have it, to end a sentence: ``from 4.6.0 on, but for 4.9.0``."""
    known = _PUBLISHED[backend]
    return f"from {known.first} on, but for {', '.join(known.without)}"


def _is_published(version: str, known: _Published) -> bool:
    return _numbers(version) >= _numbers(known.first) and version not in known.without


def _numbers(version: str) -> tuple[tuple[int, str], ...]:
    """In the order of the numbers, however long they are."""
    return tuple((len(digits), digits) for part in version.split(".") for digits in (part.lstrip("0"),))
