"""The manifest's types: what ``tfjsci.yml`` may say. The JSON Schema and docs/manifest.md are made from them.

Whatever has a short form (``steady_ms: 50``) is held in its long one (``steady_ms: {default: 50}``).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tfjsci.dtypes import Backend, Level
from tfjsci.manifest.forms import Ascending, NotBoolean, OffIsFalse, OffOr, Quantity, Short, Unique
from tfjsci.source import SourceFormat
from tfjsci.units import parse_bytes, parse_milliseconds, parse_seconds

TFJS_VERSION = "4.22.0"
"""The TensorFlow.js release that artifacts are made for and run on, unless the manifest names another."""

FLOAT = "float"
"""The variant that isn't quantised; always made."""

QuantizedDType = Literal["float16", "uint16", "uint8"]
ThresholdName = Literal["sqnr_db", "cosine", "top1", "top5", "max_abs", "max_relative", "rmse"]
BudgetName = Literal["download_bytes", "gzip_bytes", "brotli_bytes", "load_ms", "first_inference_ms", "steady_ms"]
Gate = Literal[ThresholdName, BudgetName, "leak"]
RandomDType = Literal[
    "float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "int64"
]  # fmt: skip

QUANTIZED_DTYPES: tuple[QuantizedDType, ...] = get_args(QuantizedDType)
THRESHOLDS: tuple[ThresholdName, ...] = get_args(ThresholdName)
BUDGETS: tuple[BudgetName, ...] = get_args(BudgetName)
GATES: tuple[Gate, ...] = get_args(Gate)
"""Everything that can be missed; the keys of ``level``."""

_SIZE_UNIT = r"([bB]|[kKmMgG][iI]?[bB])"
_TIME_UNIT = r"([mM][sS]|[sS]([eE][cC])?|[mM]([iI][nN])?|[hH])"
SIZE = Quantity("size", parse_bytes, _SIZE_UNIT, "bytes, or a number with B, kB, MB, GB, KiB, MiB or GiB.")
TIME = Quantity("time", parse_milliseconds, _TIME_UNIT, "milliseconds, or a number with ms, s, min or h.")
DURATION = Quantity("duration", parse_seconds, _TIME_UNIT, "seconds, or a number with ms, s, min or h.")
Bytes = Annotated[int, SIZE]
Milliseconds = Annotated[float, TIME]

Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A path or a name inside a model: anything but control characters."""
OpName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.>]{0,99}$")]
"""As TensorFlow writes them, with ``Library>`` before it or without."""
Script = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*\.js$")]
ArrayFile = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*\.np[yz]$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""Becomes a folder's name."""
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
REF_PATTERN = r"^[^\x00-\x20\x7f:?*\[\\-][^\x00-\x20\x7f:?*\[\\]{0,199}$"
"""What git could take for a commit; no option, no range of files, no pattern."""
Ref = Annotated[str, StringConstraints(pattern=REF_PATTERN)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Distance = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Cosine = Annotated[float, Field(ge=-1, le=1)]
Positive = Annotated[int, Field(ge=1)]
Range = Annotated[list[Number], Field(min_length=2, max_length=2), Ascending()]

T = TypeVar("T")
PerBackend = Annotated[dict[Literal[Backend, "default"], T], Short("default")]
PerVariant = Annotated[dict[Name, T], Short("default")]
LevelValue = Annotated[Level, OffIsFalse()]


class _Spec(BaseModel):
    # the docstring under a field is its description in the JSON Schema and in docs/manifest.md
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class InputFile(_Spec):
    """Where an input's values come from. The short form is the path alone."""

    file: ArrayFile
    """An `.npz` or `.npy` file, relative to the manifest. The first dimension counts the samples."""
    key: Text | None = None
    """The array's name inside the `.npz`; by default the input's own name, or the only array."""


class Random(_Spec):
    """Inputs that no file gives are drawn at random, the same ones in every run."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    """Another seed gives other values."""
    ranges: dict[RandomDType, Range] = {}
    """`[low, high]` by the input's dtype; low is included, high isn't. By default `[0, 1]` for floats, `[0, 256]` for
    uint8 and `[0, 10]` for the other integers."""


class Quantize(_Spec):
    """One quantised variant. The short form is the dtype alone."""

    dtype: QuantizedDType
    """How weights are stored. The runtime makes float32 of them again when it loads them."""
    include: list[Text] = []
    """Only weights whose name matches one of these patterns (`*` and `?`). Empty: every weight."""
    exclude: list[Text] = []
    """Never weights whose name matches one of these patterns; wins over `include`."""
    name: Name | None = None
    """The variant's name, and its folder; by default the dtype. Unique in the model, and not `float`."""


class Thresholds(_Spec):
    """What two sets of outputs are held to: a number, or numbers by backend, where `default` counts for the rest."""

    sqnr_db: PerBackend[Number] | None = None
    """At least this signal-to-noise ratio, in dB."""
    cosine: PerBackend[Cosine] | None = None
    """At least this cosine similarity."""
    top1: PerBackend[Share] | None = None
    """At least this share of samples (0 to 1) whose best class agrees."""
    top5: PerBackend[Share] | None = None
    """At least this share of samples (0 to 1) whose five best classes agree."""
    max_abs: PerBackend[Distance] | None = None
    """At most this absolute difference."""
    max_relative: PerBackend[Distance] | None = None
    """At most this difference, relative to the reference's max − min."""
    rmse: PerBackend[Distance] | None = None
    """At most this root mean square error."""


class Compare(_Spec):
    """What is compared, and what it is held to."""

    conversion: Thresholds = Thresholds()
    """TensorFlow against the float artifact, on each backend: is it converted right?"""
    quantized: dict[Name, Thresholds] = {}
    """The float artifact against each quantised one, on the same backend: what did quantising cost? By variant name, or
    by dtype, or `default` for the rest."""


class Benchmark(_Spec):
    """How often an artifact is run on each backend. `off` in its place: not at all."""

    warmup: Annotated[int, Field(ge=0)] = 3
    """Runs that are recorded, but not counted."""
    runs: Positive = 20
    """Runs that are counted."""


class Budget(_Spec):
    """What a model may cost at most. Bytes: one size for every variant, or sizes by variant (`float`, a variant's name
    or dtype, or `default` for the rest). Times: one for every backend, or times by backend."""

    download_bytes: PerVariant[Bytes] | None = None
    """`model.json` and all its shards, as files."""
    gzip_bytes: PerVariant[Bytes] | None = None
    """The same, as gzip would send them."""
    brotli_bytes: PerVariant[Bytes] | None = None
    """The same, as brotli would send them."""
    load_ms: PerBackend[Milliseconds] | None = None
    """Fetching and parsing, from 127.0.0.1."""
    first_inference_ms: PerBackend[Milliseconds] | None = None
    """The first inference, with compilation of shaders and upload of the weights."""
    steady_ms: PerBackend[Milliseconds] | None = None
    """The median inference after warm-up."""


class Defaults(_Spec):
    """What holds for every model that doesn't say otherwise."""

    tfjs: Version = TFJS_VERSION
    """The TensorFlow.js release to make the model for, and to run it on."""
    backends: Annotated[list[Backend], Field(min_length=1), Unique()] = ["webgl", "wasm"]
    """Where to run it."""
    custom_ops: dict[OpName, Script] = {}
    """Ops that your page registers itself with `tf.registerOp`, each with the script that does it. It runs only with
    `--allow-code`."""
    batch: Positive = 1
    """The size of a first dimension that the model leaves open."""
    random: Random = Random()
    """How inputs are drawn that no file gives."""
    quantize: list[Annotated[Quantize, Short("dtype")]] = []
    """The quantised variants to make beside the float one."""
    compare: Compare = Compare()
    """What outputs are held to. A gate that isn't named keeps its built-in limit, if it has one."""
    benchmark: Annotated[Benchmark | None, OffOr()] = Benchmark()
    """How often to run it, or `off`."""
    budget: Budget = Budget()
    """What it may cost at most."""
    level: Annotated[dict[Literal[Gate, "default"], LevelValue], Short("default")] = {"default": "error"}
    """What a miss is: `error` fails the model, `warn` is only told, `off` isn't judged. One for all, or by gate, where
    `default` counts for the rest."""
    gate_software: bool = False
    """Also fail a model for its times on webgl or webgpu when a software renderer stands in for the GPU; otherwise a
    miss there only warns."""
    shard_bytes: Annotated[int, Field(ge=1024), SIZE] = 4 << 20
    """The size of a weight file, at most; 1 KiB or more."""
    deadline: Annotated[float, Field(gt=0), DURATION] = 120.0
    """How long one browser job may take."""
    pin_shapes: bool = False
    """Make the sizes that the inputs are run with (`shapes`, and `batch` for first dimensions that are open) the artifact's
    own: it takes no others then, and nothing need be computed from them."""
    unroll_loops: Positive = 1
    """Unroll loops that turn at most so often, where that is known before: such a model is faster, and has more nodes."""
    without_rules: list[Text] = []
    """Rules and lowerings to leave out of the rewriting: a way round a wrong one. See [rules.md](rules.md)."""


class Model(Defaults):
    """One model."""

    name: Name
    """Names its folder and its lines in the report; unique, also when case is ignored."""
    source: Text
    """A `.keras` or `.h5` file, a SavedModel directory, a frozen graph's `.pb`, a TensorFlow.js model's directory, or a
    module of TensorFlow Hub as a directory, `.tar.gz`, `https://` address or Kaggle handle. Paths are relative to the
    manifest."""
    format: SourceFormat = "auto"
    """What the source is; `auto` looks at it."""
    signature: Text | None = None
    """Which signature of a SavedModel; by default `serving_default`, or the only one."""
    tags: list[Text] | None = None
    """Which graph of a SavedModel, by all its tags; by default the one tagged `serve`, or the only one. `[]`: the one without."""
    input_nodes: list[Text] = []
    """The inputs of a frozen graph; by default its Placeholders that the outputs need."""
    output_nodes: list[Text] = []
    """The outputs of a frozen graph, which says of none that it is one: `softmax`, or `split:1` for a node's second."""
    inputs: dict[Text, Annotated[InputFile, Short("file")]] = {}
    """Files with real inputs, by input name. An input that isn't named is drawn at random."""
    shapes: dict[Text, list[Positive]] = {}
    """Whole shapes by input name, for models that leave more than the first dimension open."""


class Baseline(_Spec):
    """What the models are held against: differences in the report, never a failure. See [baseline.md](baseline.md)."""

    ref: Ref
    """A branch, tag or commit of the repository that the manifest lies in, such as `origin/main`. Its models are
    converted anew, as its own manifest says. It must have been fetched: tfjsci fetches nothing."""


class ManifestFile(_Spec):
    """The whole file."""

    version: Annotated[Literal[1], NotBoolean()]
    """Of this file format."""
    defaults: Defaults = Defaults()
    """What holds for every model that doesn't say otherwise."""
    baseline: Baseline | None = None
    """What the models are held against; `--baseline` and `--baseline-ref` of `tfjsci run` win over it."""
    models: Annotated[list[Model], Field(min_length=1)]
    """The models, in the order of the report."""


ONLY_IN_MODELS = frozenset(Model.model_fields) - frozenset(Defaults.model_fields)
"""Keys that every model has to say itself."""
