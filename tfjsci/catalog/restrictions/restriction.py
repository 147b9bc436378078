"""What a restriction is: a fact about attributes, shapes or dtypes that an op's name alone doesn't show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tfjsci.catalog.node_view import NodeView
from tfjsci.dtypes import BACKENDS, Backend

Effect = Literal["throws", "silently wrong", "throws or silently wrong"]
"""The last: it depends on sizes, e.g. whether wrongly read shapes happen to fit."""

ALL = BACKENDS
GPU: tuple[Backend, ...] = ("webgl", "webgpu")
WASM: tuple[Backend, ...] = ("wasm",)


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """Nodes of one of ``ops`` (None: of any op) for which ``when`` holds don't work on ``backends``.

    ``effect`` is what the runtime does, ``says`` why; ``when`` may return a text that is put behind ``says``.
    ``when`` is None where the op never works there. Unknown shapes, dtypes and values count as harmless, except where
    a rule says otherwise: a restriction must not fail a model that runs.
    """

    ops: frozenset[str] | None
    effect: Effect
    says: str
    hint: str
    when: Callable[[NodeView], bool | str] | None = None
    backends: tuple[Backend, ...] = ALL

    def reason(self, view: NodeView) -> str | None:
        """Why this node doesn't work, or None."""
        if self.ops is not None and view.op not in self.ops:
            return None
        found = self.when(view) if self.when else True
        if not found:
            return None
        detail = f" ({found})" if isinstance(found, str) else ""
        return f"{self.effect}: {self.says}{detail}"


def ops(*names: str) -> frozenset[str]:
    """The ops that a restriction is about."""
    return frozenset(names)
