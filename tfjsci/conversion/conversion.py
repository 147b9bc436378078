"""What became of one model: where it lies, what it holds, what was done to it, and whether it was run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tfjsci.artifact.artifact import WeightSummary
from tfjsci.dtypes import Backend
from tfjsci.signature import TensorSpec


@dataclass(frozen=True, kw_only=True)
class OutputRun:
    """One output of the converted model in the browser, held against the original's.

    ``sqnr_db`` is None where there is no noise (then it is ``exact``) or no signal; ``max_abs`` is the largest difference;
    ``limit_db`` is what the SQNR was held to.
    """

    backend: Backend
    output: str
    exact: bool
    sqnr_db: float | None
    max_abs: float | None
    limit_db: float


@dataclass(frozen=True, kw_only=True)
class Conversion(os.PathLike[str]):
    """A model that was converted and written. It is a path, too: that of the folder (or file) that was written.

    ``runs`` are those in the browser, all of which agreed with the original; empty: it was not run.
    ``nodes_before`` and ``nodes`` (of graph models) count nodes that compute, ``layers`` (of a layers model) layers that
    compute: not the inputs, and of a nested model its layers, not itself. ``rules``
    and ``lowerings`` say how often each was applied. ``files`` lie in ``path`` (``model.json`` first); where a file was asked
    for, it is the one. ``size_bytes`` is theirs together. ``quantize_entry``: the schemes that were searched for, as an entry of
    a manifest's ``quantize:``.
    """

    path: Path
    source: str
    input_format: str
    output_format: str
    signature: str | None = None
    inputs: tuple[TensorSpec, ...] = ()
    outputs: tuple[TensorSpec, ...] = ()
    nodes_before: int | None = None
    nodes: int | None = None
    layers: int | None = None
    ops: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, int] = field(default_factory=dict)
    lowerings: Mapping[str, int] = field(default_factory=dict)
    parameters: int = 0
    weights: tuple[WeightSummary, ...] = ()
    files: tuple[str, ...] = ()
    size_bytes: int = 0
    notes: tuple[str, ...] = ()
    runs: tuple[OutputRun, ...] = ()
    quantize_entry: str | None = None

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def verified(self) -> bool:
        """Whether it ran in the browser and its numbers agreed with the original's."""
        return bool(self.runs)

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "path": str(self.path), "verified": self.verified}


def size_of(folder: Path, files: tuple[str, ...]) -> int:
    """Bytes of the files together."""
    return sum((folder / name).stat().st_size for name in files)
