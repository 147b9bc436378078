"""The manifest's types: what ``tfjsci.yml`` may say. The JSON Schema and docs/manifest.md are made from them.

Whatever has a short form (``steady_ms: 50``) is held in its long one (``steady_ms: {default: 50}``).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tfjsci.dtypes import Backend, Level, SchemeName
from tfjsci.manifest.forms import (
    Ascending,
    NamedByFunction,
    NotBoolean,
    OffIsFalse,
    OffOr,
    OneOrMore,
    OnOr,
    Quantity,
    Short,
    ShortLimit,
    ShortNumber,
    Unique,
)
from tfjsci.source import SourceFormat
from tfjsci.units import parse_bytes, parse_milliseconds, parse_seconds

TFJS_VERSION = "4.22.0"
"""The TensorFlow.js release that artifacts are made for and run on, unless the manifest names another."""

FLOAT = "float"
"""The variant that isn't quantised; always made."""

ThresholdName = Literal[
    "sqnr_db", "cosine", "top1", "top5", "max_abs", "max_relative", "rmse", "psnr_db", "kl", "mismatch", "accuracy",
    "accuracy_drop",
]  # fmt: skip
BudgetName = Literal["download_bytes", "gzip_bytes", "brotli_bytes", "load_ms", "first_inference_ms", "steady_ms"]
Gate = Literal[ThresholdName, "metric", BudgetName, "leak"]
RandomDType = Literal[
    "float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "int64"
]  # fmt: skip

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
FUNCTION_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$"
Function = Annotated[str, StringConstraints(pattern=FUNCTION_PATTERN)]
"""``module:function``, as entry points are written."""
OpName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.>]{0,99}$")]
"""As TensorFlow writes them, with ``Library>`` before it or without."""
Script = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*\.js$")]
ArrayFile = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*\.(np[yz]|csv|jsonl)$")]
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
ByChannel = Annotated[list[Number], Field(min_length=1, max_length=4), OneOrMore()]
Deviations = Annotated[
    list[Annotated[float, Field(gt=0, allow_inf_nan=False)]], Field(min_length=1, max_length=4), OneOrMore()
]

T = TypeVar("T")
PerBackend = Annotated[dict[Literal[Backend, "default"], T], Short("default")]
LimitPerBackend = Annotated[dict[Literal[Backend, "default"], T], ShortLimit("default")]
PerVariant = Annotated[dict[Name, T], Short("default")]
LevelValue = Annotated[Level, OffIsFalse()]


class _Spec(BaseModel):
    # the docstring under a field is its description in the JSON Schema and in docs/manifest.md
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Images(_Spec):
    """Images of one size, as the model wants them. The short form is the path alone."""

    path: Text
    """A folder, or a pattern such as `photos/*.jpg` or `photos/**/*.png`, relative to the manifest. Of a folder the
    `.png`, `.jpg`, `.jpeg`, `.webp`, `.bmp` and `.gif` files; always in the order of their paths."""
    resize: Annotated[list[Positive], Field(min_length=2, max_length=2)] | None = None
    """`[height, width]`, bilinear and without keeping the proportions; by default the model's own size, where it is fixed."""
    channels: Annotated[Literal[1, 3, 4], NotBoolean()] | None = None
    """Grey, colours, or colours with alpha; by default the model's own, else 3."""
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    """Where the channels go: last, as TensorFlow has it, or before height and width."""
    range: Range | None = None
    """`[low, high]`: what 0 and 255 become. Without it and the next three, pixels stay 0 to 255."""
    scale: Number | None = None
    """What each pixel is multiplied by, first: 0.00392156862745098 for 1/255."""
    mean: ByChannel | None = None
    """What is then subtracted: one number, or one for each channel."""
    std: Deviations | None = None
    """What it is divided by at last: one number, or one for each channel."""


class Draw(_Spec):
    """How this input is drawn at random; the seed is `random`'s. The short form is the distribution alone."""

    distribution: Literal["uniform", "normal", "integers"]
    """`uniform` between the ends of a range; `normal`; `integers`: whole numbers of a range, all equally likely, also in an
    input of floats."""
    range: Range | None = None
    """`[low, high]`, for `uniform` and `integers`: low is included, high isn't. By default that of the input's dtype."""
    mean: Number | None = None
    """For `normal`; by default 0."""
    std: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """For `normal`; by default 1."""


class Input(_Spec):
    """Where an input's values come from: a file, images, or chance. The short form is a file's path alone."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [one]} for one in ("file", "images", "random")]}
    )

    file: ArrayFile | None = None
    """An `.npz`, `.npy`, `.csv` or `.jsonl` file, relative to the manifest. The first dimension, or the rows, count the
    samples. A CSV file's first line has the names of its columns; a JSONL file has an object a line."""
    key: Text | None = None
    """The array's name inside the `.npz`; by default the input's own name, or the only array."""
    columns: Annotated[list[Text], Field(min_length=1), Unique()] | None = None
    """Columns of the `.csv` or `.jsonl`; by default that of the input's own name, or the only one. Several make a row of
    numbers for each sample."""
    images: Annotated[Images, Short("path")] | None = None
    """In place of `file`: a folder of images, or a pattern."""
    random: Annotated[Draw, Short("distribution")] | None = None
    """In place of `file`: how it is drawn."""
    samples: Positive | None = None
    """Only so many samples of the file or the folder, the first ones."""


class Labels(_Spec):
    """The right class of each sample, counted from 0: then the accuracy (top-1) of the original, the float artifact and each
    variant is measured. The short form is the path alone."""

    file: ArrayFile
    """An `.npz`, `.npy`, `.csv` or `.jsonl` file, relative to the manifest, with a whole number for each sample."""
    key: Text | None = None
    """The array's name inside the `.npz`; by default `labels`, or the only array."""
    column: Text | None = None
    """The column of the `.csv` or `.jsonl`; by default `labels`, or the only one."""
    output: Text | None = None
    """Which output has the classes; by default the only one that can."""
    samples: Positive | None = None
    """Only so many labels, the first ones."""


class Random(_Spec):
    """Inputs that no file gives are drawn at random, the same ones in every run."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    """Another seed gives other values."""
    ranges: dict[RandomDType, Range] = {}
    """`[low, high]` by the input's dtype; low is included, high isn't. By default `[0, 1]` for floats, `[0, 256]` for
    uint8 and `[0, 10]` for the other integers."""
    batches: Positive = 1
    """How many calls to compare, each with values of its own, where no file says how many there are."""


class Calibrate(_Spec):
    """Codes chosen with the model's own activations, on the samples of its `inputs:` files. `true`: all of them."""

    samples: Positive | None = None
    """At least so many samples, the first ones, in whole calls; by default all. A few hundred are plenty."""


def _one_of(how: Literal["anyOf", "oneOf"], *keys: str) -> dict[str, Any]:
    """Which of these keys must be there, for the JSON Schema; ``manifest.mixed_checks`` says it to the reader."""
    return {how: [{"required": [key]} for key in keys]}


_GOALS = ("sqnr_db", "psnr_db", "cosine", "top1", "top5", "max_abs", "max_relative", "rmse", "kl", "mismatch")
"""Metrics that a search can be asked for: what needs labels, or the user's code, isn't among them."""


class Auto(_Spec):
    """Let tfjsci choose a scheme for each weight: the smallest download with brotli that meets these thresholds on the inputs,
    against the float artifact. See [quantising.md](quantising.md). At least one threshold is needed."""

    model_config = ConfigDict(json_schema_extra=_one_of("anyOf", *_GOALS))

    sqnr_db: Number | None = None
    """At least this signal-to-noise ratio, in dB."""
    psnr_db: Number | None = None
    """At least this ratio of the reference's range to the RMSE, in dB."""
    cosine: Cosine | None = None
    """At least this cosine similarity."""
    top1: Share | None = None
    """At least this share of samples (0 to 1) whose best class agrees."""
    top5: Share | None = None
    """At least this share of samples (0 to 1) whose five best classes agree."""
    max_abs: Distance | None = None
    """At most this absolute difference."""
    max_relative: Distance | None = None
    """At most this difference, relative to the reference's max − min."""
    rmse: Distance | None = None
    """At most this root mean square error."""
    kl: Distance | None = None
    """At most this divergence of class probabilities, in nats."""
    mismatch: Share | None = None
    """At most this share of values (0 to 1) beyond `tolerance`."""
    allow_initializer: bool = False
    """Also try schemes that need an initializer graph, with what that costs the page."""
    evaluations: Annotated[int, Field(ge=1, le=100_000)] = 400
    """How many combinations may be run in TensorFlow, each on all inputs. The answer depends on this and on nothing that changes
    from run to run."""
    minutes: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10.0
    """When the search ends in any case, with the best that was found. What the clock ends may be another answer next time."""


class Mixed(_Spec):
    """A part of a variant: the weights of one scheme."""

    scheme: SchemeName
    """How these weights are stored."""
    include: Annotated[list[Text], Field(min_length=1)]
    """Weights whose name matches one of these patterns (`*` and `?`). A weight may be of one part only."""
    exclude: list[Text] = []
    """Never weights whose name matches one of these patterns; wins over `include`."""
    ranges: Literal["least-error", "min-max"] | None = None
    """As in a variant of one scheme."""
    group: Annotated[int, Field(ge=16, le=128)] | None = None
    """As in a variant of one scheme."""
    levels: Annotated[int, Field(ge=2, le=256)] | None = None
    """As in a variant of one scheme."""


class Quantize(_Spec):
    """One quantised variant: a scheme, several that share the weights out (`mixed`), or `auto`. The short form is the scheme
    alone."""

    model_config = ConfigDict(json_schema_extra=_one_of("oneOf", "scheme", "mixed", "auto"))

    scheme: SchemeName | None = None
    """How weights are stored. The page computes in float32 all the same: of `float16`, `uint16` and `uint8` the runtime
    makes it as it loads them, of the others a graph does that the artifact brings along (see
    [quantising.md](quantising.md))."""
    include: list[Text] = []
    """Only weights whose name matches one of these patterns (`*` and `?`). Empty: every weight of two dimensions and 64
    values or more, vectors like `[1, 1, 64]` apart. A pattern that matches none is an error."""
    exclude: list[Text] = []
    """Never weights whose name matches one of these patterns; wins over `include`."""
    name: Name | None = None
    """The variant's name, and its folder; by default the scheme, `mixed` or `auto`. Unique in the model, and not `float`."""
    mixed: Annotated[list[Mixed], Field(min_length=1)] | None = None
    """In place of `scheme`: several, each with its weights. Nothing is held to limits unless `compare` says so."""
    auto: Auto | None = None
    """In place of `scheme`: choose for each weight of `include`. Its thresholds are those of the variant."""
    ranges: Literal["least-error", "min-max"] | None = None
    """Where the codes' range ends: `least-error` (the default) cuts off what costs less than finer steps gain, `min-max`
    reaches to the smallest and the largest weight."""
    group: Annotated[int, Field(ge=16, le=128)] | None = None
    """For `int4` and `int6`: so many neighbouring weights of a channel share a scale; by default all of it. Smaller is more
    exact, and larger to download. Where it doesn't divide a channel, the next smaller number that does."""
    levels: Annotated[int, Field(ge=2, le=256)] | None = None
    """For `uint8` and `uint8-per-channel`: only so many different codes. The file is as large, but what gzip and brotli make
    of it is smaller."""
    exact_upstream: bool = False
    """For `float16`, `uint16` and `uint8`: the bytes that tensorflowjs_converter writes for the same weights."""
    calibrate: Annotated[Calibrate | None, OnOr("{samples: 256}")] = None
    """For schemes of whole numbers: choose the codes with the model's own activations. Needs `inputs:` from files, of each
    input."""


class _Limit(_Spec):
    level: LevelValue | None = None
    """What missing it is: `error`, `warn` or `off`. By default what `level` says of its gate."""


class NumberLimit(_Limit):
    """A limit, and what missing it is. The short form is the limit alone."""

    limit: Number
    """The number that is held to."""


class DistanceLimit(_Limit):
    """A limit that isn't below 0."""

    limit: Distance
    """The number that is held to."""


class ShareLimit(_Limit):
    """A limit between 0 and 1."""

    limit: Share
    """The number that is held to."""


class CosineLimit(_Limit):
    """A limit between -1 and 1."""

    limit: Cosine
    """The number that is held to."""


AnyLimit = NumberLimit | DistanceLimit | ShareLimit | CosineLimit
HeldNumber = Annotated[NumberLimit, ShortNumber("limit")]
HeldDistance = Annotated[DistanceLimit, ShortNumber("limit", least=0)]
HeldShare = Annotated[ShareLimit, ShortNumber("limit", least=0, most=1)]
HeldCosine = Annotated[CosineLimit, ShortNumber("limit", least=-1, most=1)]


class OutputThresholds(_Spec):
    """What an output is held to: a number, or numbers by backend, where `default` counts for the rest. In place of a number,
    `{limit: 60, level: warn}` also says what missing it is."""

    sqnr_db: LimitPerBackend[HeldNumber] | None = None
    """At least this signal-to-noise ratio, in dB."""
    cosine: LimitPerBackend[HeldCosine] | None = None
    """At least this cosine similarity."""
    top1: LimitPerBackend[HeldShare] | None = None
    """At least this share of samples (0 to 1) whose best class agrees."""
    top5: LimitPerBackend[HeldShare] | None = None
    """At least this share of samples (0 to 1) whose five best classes agree."""
    max_abs: LimitPerBackend[HeldDistance] | None = None
    """At most this absolute difference."""
    max_relative: LimitPerBackend[HeldDistance] | None = None
    """At most this difference, relative to the reference's max − min."""
    rmse: LimitPerBackend[HeldDistance] | None = None
    """At most this root mean square error."""
    psnr_db: LimitPerBackend[HeldNumber] | None = None
    """At least this ratio of the reference's range (max − min) to the RMSE, in dB: for images."""
    kl: LimitPerBackend[HeldDistance] | None = None
    """At most this divergence of class probabilities (Kullback–Leibler), in nats, the mean over the rows; only of outputs
    whose rows are probabilities."""
    mismatch: LimitPerBackend[HeldShare] | None = None
    """At most this share of values (0 to 1) beyond `tolerance`."""
    accuracy: LimitPerBackend[HeldShare] | None = None
    """At least this share of `labels` (0 to 1) that the best class meets."""
    accuracy_drop: LimitPerBackend[HeldNumber] | None = None
    """At most so much less accuracy than the reference: 0.01 is a point of a hundred."""
    metric: dict[Name, LimitPerBackend[HeldNumber]] = {}
    """What metrics of your own are held to, by name: at least or at most, as their `better` says."""


class Thresholds(OutputThresholds):
    """What two sets of outputs are held to."""

    outputs: dict[Text, OutputThresholds] = {}
    """Single outputs, by name: what stands here goes before what stands beside it, threshold by threshold."""


class Metric(_Spec):
    """A metric of your own. The short form is the function alone. It is Python code, and runs only with `--allow-code`."""

    function: Function
    """`module:function`; the module is a file beside the manifest. It is called with two arrays for each output, the
    reference's and the candidate's, all samples along the first axis, and returns one number."""
    better: Literal["higher", "lower"] | None = None
    """Which values are better. Thresholds need it."""
    output: Text | None = None
    """The only output that it is for; by default each."""


class Tolerance(_Spec):
    """When a value counts as a mismatch: farther off than `atol + rtol · |reference|`."""

    rtol: Distance = 1e-3
    """Relative to the value itself: what TensorFlow.js' own tests allow a float32 kernel."""
    atol: Distance | None = None
    """For values near 0; by default `rtol` times the root mean square of the reference, so that it has the output's scale."""


class Compare(_Spec):
    """What is compared, and what it is held to."""

    conversion: Thresholds = Thresholds()
    """TensorFlow against the float artifact, on each backend: is it converted right?"""
    quantized: dict[Name, Thresholds] = {}
    """The float artifact against each quantised one, on the same backend: what did quantising cost? By variant name, or
    by scheme, or `default` for the rest."""
    backends: Annotated[Thresholds | None, OnOr()] = None
    """The float artifact on each backend against the same on cpu, or on the first where cpu isn't among them: do they agree?
    `true`: it is told, and nothing is held to it."""
    metric: Annotated[dict[Name, Annotated[Metric, Short("function")]], NamedByFunction()] = {}
    """Metrics of your own, by name. The short form is one function, `metrics:iou`, whose name is the metric's."""
    tolerance: Tolerance = Tolerance()
    """When a value counts as a `mismatch`."""
    samples_per_call: Positive = 32
    """How many samples of the files go into one call, where the model leaves its first dimension open."""
    localize: bool = True
    """Where a pair misses a limit, look for the node where it comes apart, and for the weights that cost most. It takes a
    minute or three of a model that fails, and nothing of one that doesn't. See [comparing.md](comparing.md)."""


class Benchmark(_Spec):
    """How often an artifact is run on each backend. `off` in its place: not at all."""

    warmup: Annotated[int, Field(ge=0)] = 3
    """Runs that are recorded, but not counted."""
    runs: Positive = 20
    """Runs that are counted."""


class Budget(_Spec):
    """What a model may cost at most. Bytes: one size for every variant, or sizes by variant (`float`, a variant's name
    or scheme, or `default` for the rest). Times: one for every backend, or times by backend."""

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
    quantize: list[Annotated[Quantize, Short("scheme")]] = []
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
    inputs: dict[Text, Annotated[Input, Short("file")]] = {}
    """Where the values come from, by input name. An input that isn't named is drawn at random."""
    labels: Annotated[Labels, Short("file")] | None = None
    """The right classes, for accuracy."""
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
