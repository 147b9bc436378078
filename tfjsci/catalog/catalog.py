"""The catalogue: the ops that TensorFlow.js runs, and the kernels that each backend has; read out of the npm release.

``catalog.json`` is made by script/make_catalog.py and never typed by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from tfjsci.dtypes import BACKENDS, Backend

CATALOG_FILE = Path(__file__).with_name("catalog.json")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """An input that the runtime reads: a tensor, or a tensor whose value it takes as a number, list or shape.

    ``start`` is its place among the node's inputs, from the end when negative. ``end`` is None for a single one,
    0 for "to the last".
    """

    name: str
    type: str
    start: int
    end: int | None


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """An attribute by TensorFlow's name; ``read`` is False where the runtime knows it and ignores it."""

    name: str
    type: str
    default: Any
    read: bool


@dataclass(frozen=True, kw_only=True)
class Op:
    """A TensorFlow op that the runtime's executor has a case for.

    ``kernels`` are those that a plain float32 example called; none where the executor does the work itself.
    ``fails`` is what the runtime threw at that example, for an op whose own definition is broken.
    """

    name: str
    category: str
    inputs: tuple[Parameter, ...]
    attrs: tuple[Attribute, ...]
    kernels: tuple[str, ...]
    fails: str | None


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """``packages`` are npm's names, with version and integrity of each; ``kernels`` go by backend, ``ops`` by name.

    ``made_of`` is the digest of the generator and its examples. ``custom`` are ops that the user's page registers itself:
    they run wherever they are declared, whether the release has them or not.
    """

    packages: Mapping[str, Mapping[str, str]]
    made_of: str
    kernels: Mapping[Backend, frozenset[str]]
    ops: Mapping[str, Op]
    custom: frozenset[str] = frozenset()

    def with_custom(self, ops: Iterable[str]) -> Catalog:
        """The same with custom ops."""
        return replace(self, custom=self.custom | frozenset(ops))

    @cached_property
    def version(self) -> str:
        """The TensorFlow.js release."""
        return self.packages["@tensorflow/tfjs-core"]["version"]

    def missing_kernels(self, op: str, backend: Backend) -> tuple[str, ...]:
        """The kernels that ``backend`` lacks for an op of the catalogue."""
        return tuple(kernel for kernel in self.ops[op].kernels if kernel not in self.kernels[backend])

    @cached_property
    def lacking(self) -> Mapping[str, Mapping[tuple[str, ...], tuple[Backend, ...]]]:
        """Op -> the kernels that some backends lack for it, and which these are; empty where they all have them."""
        found: dict[str, dict[tuple[str, ...], tuple[Backend, ...]]] = {}
        for op in self.ops:
            lacking = found.setdefault(op, {})
            for backend in self.kernels:
                if missing := self.missing_kernels(op, backend):
                    lacking[missing] = (*lacking.get(missing, ()), backend)
        return found

    def backends_of(self, op: str) -> tuple[Backend, ...]:
        """The backends that run a plain example of ``op``; none if the catalogue hasn't got it."""
        entry = self.ops.get(op)
        if entry is None or entry.fails:
            return ()
        return tuple(backend for backend in BACKENDS if not self.missing_kernels(op, backend))


@lru_cache(maxsize=1)
def load_catalog(file: Path = CATALOG_FILE) -> Catalog:
    """The catalogue that the package brings along, read once."""
    found = json.loads(file.read_text(encoding="utf-8"))
    return Catalog(
        packages=found["packages"],
        made_of=found["made_of"],
        kernels={backend: frozenset(found["kernels"][backend]) for backend in BACKENDS},
        ops={name: _op(name, entry) for name, entry in found["ops"].items()},
    )


def _op(name: str, entry: Mapping[str, Any]) -> Op:
    return Op(
        name=name,
        category=entry["category"],
        inputs=tuple(
            Parameter(name=p["name"], type=p["type"], start=p["start"], end=p.get("end")) for p in entry["inputs"]
        ),
        attrs=tuple(
            Attribute(name=a["name"], type=a["type"], default=a.get("default"), read=a["read"]) for a in entry["attrs"]
        ),
        kernels=tuple(entry["kernels"]),
        fails=entry.get("fails"),
    )
