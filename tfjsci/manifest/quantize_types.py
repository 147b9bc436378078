"""What the manifest may say of quantised variants: one scheme, several, or a search for them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from tfjsci.dtypes import SchemeName
from tfjsci.manifest.forms import OnOr
from tfjsci.manifest.section import Section
from tfjsci.manifest.values import Cosine, Distance, Name, Number, Positive, Share, Text


class Calibrate(Section):
    """Codes chosen with the model's own activations, on the samples of its `inputs:` files. `true`: all of them."""

    samples: Positive | None = None
    """At least so many samples, the first ones, in whole calls; by default all. A few hundred are plenty."""


def _one_of(how: Literal["anyOf", "oneOf"], *keys: str) -> dict[str, Any]:
    """Which of these keys must be there, for the JSON Schema; ``manifest.mixed_checks`` says it to the reader."""
    return {how: [{"required": [key]} for key in keys]}


_GOALS = ("sqnr_db", "psnr_db", "cosine", "top1", "top5", "max_abs", "max_relative", "rmse", "kl", "mismatch")
"""Metrics that a search can be asked for: what needs labels, or the user's code, isn't among them."""


class Auto(Section):
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


class Mixed(Section):
    """A part of a variant: the weights of one scheme."""

    scheme: SchemeName
    """How these weights are stored."""
    include: Annotated[list[Text], Field(min_length=1)]
    """Weights whose name matches one of these patterns (`*` and `?`). A weight may be of one part only."""
    exclude: list[Text] = []
    """Never weights whose name matches one of these patterns; wins over `include`."""
    ranges: Literal["least-error", "min-max"] | None = None
    """As in a variant of one scheme."""
    rounding: Literal["balanced", "nearest"] | None = None
    """As in a variant of one scheme."""
    group: Annotated[int, Field(ge=16, le=128)] | None = None
    """As in a variant of one scheme."""
    levels: Annotated[int, Field(ge=2, le=256)] | None = None
    """As in a variant of one scheme."""


class Quantize(Section):
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
    """Where the codes' range ends: `min-max` reaches to the smallest and the largest weight (the default of `uint8`, `int6` and
    `int4`), `least-error` cuts off what costs less than finer steps gain (that of the others)."""
    rounding: Literal["balanced", "nearest"] | None = None
    """For schemes of whole numbers: `balanced` (the default) rounds a few weights to their other side, so that the errors of each
    output channel cancel out; `nearest` rounds each weight by itself. What is calibrated has its own rounding."""
    group: Annotated[int, Field(ge=16, le=128)] | None = None
    """For `int4` and `int6`: so many neighbouring weights of a channel share a scale; by default all of it. Smaller is more
    exact, and larger to download. Where it doesn't divide a channel, the next smaller number that does."""
    levels: Annotated[int, Field(ge=2, le=256)] | None = None
    """For `uint8` and `uint8-per-channel`: only so many different codes. The file is as large, but what gzip and brotli make
    of it is smaller."""
    exact_upstream: bool = False
    """For `float16`, `uint16` and `uint8`: the bytes that tensorflowjs_converter writes for the same weights."""
    small_weights: Literal["float16", "quantized"] | None = None
    """For schemes of eight bits and fewer: `float16` (the default) stores the smallest weights so, as many as together have
    1 % of the values, which brings the outputs 2 to 3 dB nearer for less than 1 % of the bytes; `quantized` stores them as
    the others. A weight that `include` names without `*` and `?` is stored as it says."""
    calibrate: Annotated[Calibrate | None, OnOr("{samples: 256}")] = None
    """For schemes of whole numbers: choose the codes with the model's own activations. Needs `inputs:` from files, of each
    input."""
