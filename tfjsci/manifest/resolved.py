"""The manifest as the pipeline wants it: one ``ModelSpec`` a model, defaults merged in, paths absolute, units gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from tfjsci.dtypes import Backend, Level
from tfjsci.manifest.spec import QuantizedDType
from tfjsci.source import Source, SourceFormat

DEFAULT = "default"
"""The key that stands for every backend, variant or gate that isn't named."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A number to hold a fact against, and its key path within the model: ``budget.steady_ms.wasm``.

    ``ModelSpec.key_lines`` knows the path's line, also when it was written under ``defaults``.
    """

    value: float
    key: str


@dataclass(frozen=True, kw_only=True)
class Limits:
    """One gate's limits by backend or variant; the key ``default`` counts for those that aren't named."""

    by_key: Mapping[str, Limit] = field(default_factory=dict)

    def limit(self, key: str) -> Limit | None:
        """The limit for a backend or variant with its place in the manifest, or None: nothing was said about it."""
        return self.by_key.get(key, self.by_key.get(DEFAULT))

    def for_(self, key: str) -> float | None:
        """The number alone."""
        found = self.limit(key)
        return found.value if found else None


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Limits of a comparison by backend: ``sqnr_db``, ``cosine`` and ``top…`` from below, the rest from above."""

    sqnr_db: Limits = Limits()
    cosine: Limits = Limits()
    top1: Limits = Limits()
    top5: Limits = Limits()
    max_abs: Limits = Limits()
    max_relative: Limits = Limits()
    rmse: Limits = Limits()

    def named(self) -> tuple[tuple[str, Limits], ...]:
        """``(("sqnr_db", …), …)``, all seven in a fixed order."""
        return tuple((each.name, getattr(self, each.name)) for each in fields(self))


@dataclass(frozen=True, kw_only=True)
class CompareSpec:
    """``conversion``: TensorFlow against the float artifact. ``quantized``: float against each variant, by its name.

    ``quantized`` has one entry for each variant of the model: what the manifest says under its name, else under its
    dtype, else under ``default``, threshold by threshold and backend by backend.
    """

    conversion: Thresholds
    quantized: Mapping[str, Thresholds]


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Limits from above: bytes by variant (``float`` or a quantised one's name), and milliseconds by backend."""

    download_bytes: Limits = Limits()
    gzip_bytes: Limits = Limits()
    brotli_bytes: Limits = Limits()
    load_ms: Limits = Limits()
    first_inference_ms: Limits = Limits()
    steady_ms: Limits = Limits()

    def named(self) -> tuple[tuple[str, Limits], ...]:
        """``(("download_bytes", …), …)``, all six in a fixed order."""
        return tuple((each.name, getattr(self, each.name)) for each in fields(self))


@dataclass(frozen=True, kw_only=True)
class InputFile:
    """Values of one input. ``key``: the array's name in an .npz, None if not said; ``text``: the path as written."""

    path: Path
    key: str | None
    text: str


@dataclass(frozen=True, kw_only=True)
class CustomOp:
    """An op that ``script`` registers in the page; ``text``: the path as written."""

    op: str
    script: Path
    text: str


@dataclass(frozen=True, kw_only=True)
class RandomSpec:
    """Inputs that no file gives. ``ranges`` by numpy's dtype name: low is included, high isn't."""

    seed: int
    ranges: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class QuantizeSpec:
    """One quantised variant; ``name`` is its folder. Empty ``include`` means every weight; ``exclude`` wins over it."""

    name: str
    dtype: QuantizedDType
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BenchmarkSpec:
    """How often each artifact is run on each backend."""

    warmup: int
    runs: int


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One model of the manifest with the defaults merged in.

    ``source_text`` is the path as written. ``line`` is that of the model's entry, ``key_lines`` those of its keys by
    dotted path within the model (``budget.steady_ms``, ``quantize[0].dtype``), the defaults' where they hold.
    ``level`` always has ``default``.
    """

    name: str
    source: Source
    source_text: str
    line: int
    key_lines: Mapping[str, int]
    format: SourceFormat
    signature: str | None
    tfjs: str
    backends: tuple[Backend, ...]
    custom_ops: tuple[CustomOp, ...] = ()
    inputs: Mapping[str, InputFile]
    shapes: Mapping[str, tuple[int, ...]]
    batch: int
    random: RandomSpec
    quantize: tuple[QuantizeSpec, ...]
    compare: CompareSpec
    benchmark: BenchmarkSpec | None
    budget: Budget
    level: Mapping[str, Level]
    gate_software: bool
    shard_bytes: int
    deadline_seconds: float
    pin_shapes: bool = False
    unroll_loops: int = 1
    without_rules: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    input_nodes: tuple[str, ...] = ()
    output_nodes: tuple[str, ...] = ()

    @property
    def pinned_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes that the artifact's inputs get, by name."""
        return self.shapes if self.pin_shapes else {}

    @property
    def pinned_batch(self) -> int | None:
        """The size that the artifact's inputs get where the first dimension is open otherwise."""
        return self.batch if self.pin_shapes else None

    def level_of(self, gate: str) -> Level:
        """What missing this gate is."""
        return self.level.get(gate, self.level[DEFAULT])


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The whole file. ``path`` is as it was given; ``baseline_ref`` the commit to hold the models against, if any."""

    path: Path
    models: tuple[ModelSpec, ...]
    baseline_ref: str | None = None
