"""The manifest as the pipeline wants it: one ``ModelSpec`` a model, defaults merged in, paths absolute, units gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from tfjsci.dtypes import Backend, Level, SchemeName
from tfjsci.source import Source, SourceFormat

DEFAULT = "default"
"""The key that stands for every backend, variant or gate that isn't named."""

FLOAT = "float"
"""The variant that isn't quantised; always made."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A number to hold a fact against, and its key path within the model: ``budget.steady_ms.wasm``.

    ``ModelSpec.key_lines`` knows the path's line, also when it was written under ``defaults``. ``level``: what missing it is,
    None where its gate's counts.
    """

    value: float
    key: str
    level: Level | None = None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """One gate's limits by backend or variant; the key ``default`` counts for those that aren't named."""

    by_key: Mapping[str, Limit] = field(default_factory=dict)

    def limit(self, key: str) -> Limit | None:
        """The limit for a backend or variant with its place in the manifest, or None: nothing was said about it."""
        return self.by_key.get(key, self.by_key.get(DEFAULT))

    def under(self, over: Limits) -> Limits:
        """These limits with ``over`` laid over them: a limit for every backend leaves nothing of what is below."""
        return Limits(by_key=over.by_key if DEFAULT in over.by_key else {**self.by_key, **over.by_key})

    def for_(self, key: str) -> float | None:
        """The number alone."""
        found = self.limit(key)
        return found.value if found else None


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Limits of a comparison by backend; which are from below and which from above, ``verdict.fidelity`` knows.

    ``metric``: of the user's own metrics, by name. ``outputs``: what single outputs are held to besides, by name.
    """

    sqnr_db: Limits = Limits()
    cosine: Limits = Limits()
    top1: Limits = Limits()
    top5: Limits = Limits()
    max_abs: Limits = Limits()
    max_relative: Limits = Limits()
    rmse: Limits = Limits()
    psnr_db: Limits = Limits()
    kl: Limits = Limits()
    mismatch: Limits = Limits()
    accuracy: Limits = Limits()
    accuracy_drop: Limits = Limits()
    metric: Mapping[str, Limits] = field(default_factory=dict)
    outputs: Mapping[str, Thresholds] = field(default_factory=dict)

    def named(self) -> tuple[tuple[str, Limits], ...]:
        """``(("sqnr_db", …), …)``, all built-in metrics in a fixed order."""
        return tuple(
            (each.name, getattr(self, each.name)) for each in fields(self) if each.name not in ("metric", "outputs")
        )

    def of_output(self, output: str) -> Thresholds:
        """What this output is held to: its own limits, and for the rest those of all outputs; it has no ``outputs``."""
        own = self.outputs.get(output)
        if own is None:
            return replace(self, outputs={})
        both: dict[str, Any] = {
            name: under.under(over) for (name, under), (_, over) in zip(self.named(), own.named(), strict=True)
        }
        names = dict.fromkeys((*self.metric, *own.metric))
        nothing = Limits()
        metric = {name: self.metric.get(name, nothing).under(own.metric.get(name, nothing)) for name in names}
        return Thresholds(**both, metric=metric)


@dataclass(frozen=True, kw_only=True)
class MetricSpec:
    """A metric of the user's: ``function`` of the module in ``path``; ``text``: as written.

    ``output``: the only one that it is for, or None. ``better``: which values are, None where nothing is held to it.
    """

    name: str
    path: Path
    function: str
    text: str
    output: str | None = None
    better: Literal["higher", "lower"] | None = None


@dataclass(frozen=True, kw_only=True)
class CustomObject:
    """A layer or function that a Keras file needs: ``text`` is ``module:name``, of a module installed or in ``folder``."""

    text: str
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """When a value mismatches: farther off than ``atol + rtol·|reference|``; ``atol`` None: from the reference's scale."""

    rtol: float = 1e-3
    atol: float | None = None


@dataclass(frozen=True, kw_only=True)
class CompareSpec:
    """``conversion``: TensorFlow against the float artifact. ``quantized``: float against each variant, by its name.

    ``quantized`` has one entry for each variant of the model: what the manifest says under its name, else under its
    dtype, else under ``default``, threshold by threshold and backend by backend. ``backends``: float on each backend against
    float on the first (or cpu), None where that isn't asked for. ``localize``: look for the culprit where a limit is missed.
    """

    conversion: Thresholds
    quantized: Mapping[str, Thresholds]
    backends: Thresholds | None = None
    metrics: tuple[MetricSpec, ...] = ()
    tolerance: Tolerance = Tolerance()
    samples_per_call: int = 32
    localize: bool = True


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
    """Values of one input. ``key``: the array's name in an .npz, None if not said; ``text``: the path as written.

    ``columns``: of a .csv or .jsonl, empty if not said; ``samples``: only so many, the first ones.
    """

    path: Path
    key: str | None
    text: str
    columns: tuple[str, ...] = ()
    samples: int | None = None


@dataclass(frozen=True, kw_only=True)
class ImageFiles:
    """Images of one input. ``text``: a folder or a pattern as written, relative to ``folder``.

    ``resize`` is (height, width). Empty ``mean`` and ``std``, and None elsewhere: not said.
    """

    folder: Path
    text: str
    samples: int | None = None
    resize: tuple[int, int] | None = None
    channels: int | None = None
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    scale: float | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    range: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """How one input is drawn. ``range`` None: its dtype's; ``mean`` and ``std`` are ``normal``'s."""

    distribution: Literal["uniform", "normal", "integers"] = "uniform"
    range: tuple[float, float] | None = None
    mean: float = 0.0
    std: float = 1.0


InputSource = InputFile | ImageFiles | Drawn
"""Where an input's values come from."""


@dataclass(frozen=True, kw_only=True)
class LabelsSpec:
    """The right classes of the samples. ``output``: whose, None if not said."""

    file: InputFile
    output: str | None = None


@dataclass(frozen=True, kw_only=True)
class CustomOp:
    """An op that ``script`` registers in the page; ``text``: the path as written."""

    op: str
    script: Path
    text: str


@dataclass(frozen=True, kw_only=True)
class RandomSpec:
    """Inputs that no file gives. ``ranges`` by numpy's dtype name: low is included, high isn't.

    ``batches``: how many calls are made where nothing but chance says what goes into them.
    """

    seed: int
    ranges: Mapping[str, tuple[float, float]]
    batches: int = 1


@dataclass(frozen=True, kw_only=True)
class CalibrateSpec:
    """Codes are chosen with the activations of this many samples at least; None: of all there are."""

    samples: int | None = None


@dataclass(frozen=True, kw_only=True)
class MixedSpec:
    """The weights of one scheme among several, those that ``include`` finds and ``exclude`` doesn't."""

    scheme: SchemeName
    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    ranges: Literal["least-error", "min-max"] | None = None
    rounding: Literal["balanced", "nearest"] = "balanced"
    group: int | None = None
    levels: int | None = None


@dataclass(frozen=True, kw_only=True)
class AutoSpec:
    """A search for schemes; its thresholds are in ``CompareSpec.quantized``."""

    allow_initializer: bool = False
    evaluations: int = 400
    minutes: float = 10.0


@dataclass(frozen=True, kw_only=True)
class QuantizeSpec:
    """One quantised variant; ``name`` is its folder. Empty ``include`` means every weight; ``exclude`` wins over it.

    ``scheme`` is None where there are several (``mixed``), or they are searched for (``auto``).
    """

    name: str
    scheme: SchemeName | None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ranges: Literal["least-error", "min-max"] | None = None
    rounding: Literal["balanced", "nearest"] = "balanced"
    group: int | None = None
    levels: int | None = None
    exact_upstream: bool = False
    small_weights: Literal["float16", "quantized"] = "float16"
    calibrate: CalibrateSpec | None = None
    mixed: tuple[MixedSpec, ...] = ()
    auto: AutoSpec | None = None


@dataclass(frozen=True, kw_only=True)
class BenchmarkSpec:
    """How often each artifact is run on each backend."""

    warmup: int
    runs: int


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One model of the manifest with the defaults merged in.

    ``source_text`` is the path as written. ``line`` is that of the model's entry, ``key_lines`` those of its keys by
    dotted path within the model (``budget.steady_ms``, ``quantize[0].scheme``), the defaults' where they hold.
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
    inputs: Mapping[str, InputSource]
    labels: LabelsSpec | None = None
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
    unroll_loops: int | None = None
    state_as_io: bool = False
    without_rules: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    input_nodes: tuple[str, ...] = ()
    output_nodes: tuple[str, ...] = ()
    architecture: Path | None = None
    custom_objects: tuple[CustomObject, ...] = ()

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
