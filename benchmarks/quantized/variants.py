"""The variants that are measured, and what each is."""

from __future__ import annotations

from dataclasses import dataclass

from tfjsci.quantize.scheme import Scheme, SmallWeights


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One of ours. ``calibrated``: with the samples of :attr:`benchmarks.trained.models.Samples.calibration`."""

    scheme: Scheme
    calibrated: bool = False
    small_weights: SmallWeights = "float16"


UPSTREAM = ("uint8", "uint16", "float16")
"""The dtypes that upstream's converter has; all weights get them."""

VARIANTS: dict[str, Variant] = {
    "float16": Variant(scheme=Scheme(name="float16")),
    "uint16": Variant(scheme=Scheme(name="uint16")),
    "uint8": Variant(scheme=Scheme(name="uint8")),
    "uint8, all alike": Variant(scheme=Scheme(name="uint8"), small_weights="quantized"),
    "uint8, calibrated": Variant(scheme=Scheme(name="uint8"), calibrated=True),
    "uint16-per-channel": Variant(scheme=Scheme(name="uint16-per-channel")),
    "uint8-per-channel": Variant(scheme=Scheme(name="uint8-per-channel")),
    "uint8-per-channel, all alike": Variant(scheme=Scheme(name="uint8-per-channel"), small_weights="quantized"),
    "uint8-per-channel, calibrated": Variant(scheme=Scheme(name="uint8-per-channel"), calibrated=True),
    "int6": Variant(scheme=Scheme(name="int6")),
    "int6, calibrated": Variant(scheme=Scheme(name="int6"), calibrated=True),
    "int4": Variant(scheme=Scheme(name="int4")),
    "int4, all alike": Variant(scheme=Scheme(name="int4"), small_weights="quantized"),
    "int4, calibrated": Variant(scheme=Scheme(name="int4"), calibrated=True),
    "int4, all alike, calibrated": Variant(scheme=Scheme(name="int4"), calibrated=True, small_weights="quantized"),
    "int4, groups of 64, calibrated": Variant(scheme=Scheme(name="int4", group=64), calibrated=True),
}
"""By the name in the tables; *all alike* is without float16 for the smallest weights."""
