"""What the types can't say of a release: that npm has the backends which a model is to run on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tfjsci.errors import ManifestProblem
from tfjsci.manifest.node import Node
from tfjsci.manifest.problem import Key, show_path
from tfjsci.manifest.releases import BACKEND_PACKAGES, backends_of_release, published
from tfjsci.manifest.spec import TFJS_VERSION, Defaults

_RELEASE = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


def release_checks(path: tuple[Key, ...], model: Node, defaults: Node) -> Iterator[ManifestProblem]:
    """The mistake of this kind in the model at ``path``, with what it doesn't say taken from ``defaults``."""
    own = model.child("tfjs")
    release = own or defaults.child("tfjs")
    if release is None or not isinstance(release.value, str) or not _RELEASE.fullmatch(release.value):
        return
    chosen = model.child("backends") or defaults.child("backends")
    wanted = chosen.plain() if chosen is not None else Defaults().backends
    has = backends_of_release(release.value)
    for backend in (each for each in BACKEND_PACKAGES if isinstance(wanted, list) and each in wanted):
        if backend not in has:
            where = (
                f"`backends` (line {chosen.line})" if chosen is not None else "`backends`, by default [webgl, wasm],"
            )
            yield ManifestProblem(
                line=release.line,
                path=show_path((*path, "tfjs") if own is not None else ("defaults", "tfjs")),
                message=f"TensorFlow.js {release.value} has no {backend}: npm has {BACKEND_PACKAGES[backend]} "
                f"{published(backend)}.",
                hint=f"Leave {backend} out of {where} or name another release, such as {TFJS_VERSION}.",
            )
