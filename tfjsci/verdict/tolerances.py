"""What two sets of outputs are held to when the manifest says nothing: by dtype, and by what the backend computes in.

TensorFlow.js quantises weights alone and computes in float32, so how well outputs agree follows from the width of the
weights. In simulation, weights of normal layers give an output SQNR of 57–73 dB as float16, 72–87 dB as uint16 and
24–39 dB as uint8; plain rounding by channel, in nets of 2 to 16 layers, gives 27–44 dB as uint8, 15–33 dB as int6 and
5–19 dB as int4: the bound for an error is below that, the bound for a warning at the lower end. The
conversion's bounds come from the runtime's own test epsilons: 1e-3 (60 dB) in float32, and 50 dB where a GPU may
reorder and approximate. An original that itself computes in a float of 11 or 8 digits is off by its own rounding, layer after
layer, from what the browser gets in float32: nets of a few layers are at 60–70 dB in float16 and 49–54 dB in bfloat16.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tfjsci.dtypes import GPU_BACKENDS, Backend, NarrowFloat, SchemeName

ZERO_REFERENCE_MAX_ABS = 1e-6
"""Largest difference allowed where the reference is all zero, so that no ratio exists: ten float32 steps at 1.0."""


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """Below ``error`` is a miss, below ``warn`` (if there is one) a warning."""

    error: float
    warn: float | None = None


@dataclass(frozen=True, kw_only=True)
class Tolerances:
    """The built-in limits of one kind of comparison; all are from below. ``why`` ends a warning's sentence."""

    why: str
    sqnr_db: Tolerance
    cosine: Tolerance
    top1: Tolerance


CONVERSION = Tolerances(
    why="a right conversion normally gets",
    sqnr_db=Tolerance(error=60, warn=80),
    cosine=Tolerance(error=0.99999),
    # Every sample should agree; one that doesn't may have been a tie, one in a hundred no longer.
    top1=Tolerance(error=0.99, warn=1.0),
)
CONVERSION_ON_GPU = Tolerances(
    why="a right conversion normally gets on a GPU backend",
    sqnr_db=Tolerance(error=50, warn=60),
    cosine=Tolerance(error=0.9999),
    top1=Tolerance(error=0.99),
)
OF_FLOAT16 = Tolerances(
    why="a right conversion normally gets of a model that computes in float16",
    sqnr_db=Tolerance(error=45, warn=55),
    cosine=Tolerance(error=0.9999),
    top1=Tolerance(error=0.98, warn=0.99),
)
OF_BFLOAT16 = Tolerances(
    why="a right conversion normally gets of a model that computes in bfloat16",
    sqnr_db=Tolerance(error=30, warn=40),
    cosine=Tolerance(error=0.999),
    top1=Tolerance(error=0.95, warn=0.98),
)
CONVERSION_OF: Mapping[NarrowFloat, Tolerances] = {"float16": OF_FLOAT16, "bfloat16": OF_BFLOAT16}
"""By what the original computes in."""
FLOAT16 = Tolerances(
    why="float16 normally gets",
    sqnr_db=Tolerance(error=45, warn=55),
    cosine=Tolerance(error=0.9999),
    top1=Tolerance(error=0.99),
)
UINT16 = Tolerances(
    why="uint16 normally gets",
    sqnr_db=Tolerance(error=50, warn=60),
    cosine=Tolerance(error=0.9999),
    top1=Tolerance(error=0.99),
)
UINT8 = Tolerances(
    why="uint8 normally gets",
    sqnr_db=Tolerance(error=20, warn=25),
    cosine=Tolerance(error=0.99, warn=0.997),
    top1=Tolerance(error=0.90, warn=0.95),
)
UINT8_PER_CHANNEL = Tolerances(
    why="uint8 by channel normally gets",
    sqnr_db=Tolerance(error=22, warn=27),
    cosine=Tolerance(error=0.993, warn=0.998),
    top1=Tolerance(error=0.92, warn=0.96),
)
INT6 = Tolerances(
    why="int6 normally gets",
    sqnr_db=Tolerance(error=12, warn=16),
    cosine=Tolerance(error=0.96, warn=0.985),
    top1=Tolerance(error=0.88, warn=0.93),
)
INT4 = Tolerances(
    why="4 bits normally get",
    sqnr_db=Tolerance(error=5, warn=10),
    cosine=Tolerance(error=0.85, warn=0.94),
    top1=Tolerance(error=0.70, warn=0.85),
)
QUANTIZED: Mapping[SchemeName, Tolerances] = {
    "float16": FLOAT16,
    "uint16": UINT16,
    "uint8": UINT8,
    "uint16-per-channel": UINT16,
    "uint8-per-channel": UINT8_PER_CHANNEL,
    "int6": INT6,
    "int4": INT4,
}
"""By the scheme that the weights are stored in."""


def conversion_tolerances(backend: Backend, flags: Mapping[str, str], narrow: NarrowFloat | None = None) -> Tolerances:
    """TensorFlow against the float artifact. ``flags`` are the backend's: 16-bit textures hold no more than float16.

    ``narrow`` is what the original computes in, where that has fewer digits than float32.
    """
    if narrow is not None:
        return CONVERSION_OF[narrow]
    if half_precision(backend, flags):
        return FLOAT16
    return CONVERSION_ON_GPU if backend in GPU_BACKENDS else CONVERSION


def quantized_tolerances(scheme: SchemeName, backend: Backend, flags: Mapping[str, str]) -> Tolerances:
    """The float artifact against one with weights in ``scheme``, both on ``backend``."""
    wanted = QUANTIZED[scheme]
    # The two sides round different values to 16 bits: they can't agree better than that.
    if half_precision(backend, flags) and wanted.sqnr_db.error > FLOAT16.sqnr_db.error:
        return FLOAT16
    return wanted


def looser(one: Tolerances, other: Tolerances) -> Tolerances:
    """Of two that both hold, the one that allows more: ``one`` where they allow the same."""
    return other if other.sqnr_db.error < one.sqnr_db.error else one


def half_precision(backend: Backend, flags: Mapping[str, str]) -> bool:
    """Whether this WebGL keeps its numbers in 16-bit textures (mobile GPUs, or by a flag)."""
    return backend == "webgl" and (
        flags.get("WEBGL_RENDER_FLOAT32_ENABLED", "true").lower() == "false"
        or flags.get("WEBGL_FORCE_F16_TEXTURES", "false").lower() == "true"
    )
