"""What the manifest may say of comparisons: limits, metrics of the user's own, tolerances."""

from __future__ import annotations

from typing import Annotated, Literal

from tfjsci.manifest.forms import NamedByFunction, OnOr, Short, ShortNumber
from tfjsci.manifest.section import Section
from tfjsci.manifest.values import (
    Cosine,
    Distance,
    Function,
    LevelValue,
    LimitPerBackend,
    Name,
    Number,
    Positive,
    Share,
    Text,
)


class _Limit(Section):
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


class OutputThresholds(Section):
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


class Metric(Section):
    """A metric of your own. The short form is the function alone. It is Python code, and runs only with `--allow-code`."""

    function: Function
    """`module:function`; the module is a file beside the manifest. It is called with two arrays for each output, the
    reference's and the candidate's, all samples along the first axis, and returns one number."""
    better: Literal["higher", "lower"] | None = None
    """Which values are better. Thresholds need it."""
    output: Text | None = None
    """The only output that it is for; by default each."""


class Tolerance(Section):
    """When a value counts as a mismatch: farther off than `atol + rtol · |reference|`."""

    rtol: Distance = 1e-3
    """Relative to the value itself: what TensorFlow.js' own tests allow a float32 kernel."""
    atol: Distance | None = None
    """For values near 0; by default `rtol` times the root mean square of the reference, so that it has the output's scale."""


class Compare(Section):
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
