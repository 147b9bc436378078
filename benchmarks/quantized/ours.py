"""Our variants of a trained model, written from one conversion."""

from __future__ import annotations

from tfjsci.artifact.quantize import Quantization
from tfjsci.calibrate.samples import calls_of
from tfjsci.calibrate.variant import calibrated
from tfjsci.converter import Converted, convert, require_supported, write_variant
from tfjsci.dtypes import BACKENDS
from tfjsci.manifest.resolved import FLOAT

from ..trained.models import Samples
from ..trained.places import model_of
from .places import artifact_of
from .variants import VARIANTS


def converted(net: str) -> Converted:
    """The trained model as a graph for TensorFlow.js. A loop stays one: its unrolled twin is a net of its own."""
    found = convert(model_of(net), backends=BACKENDS, unroll_loops=1)
    require_supported(found.check)
    return found


def write(net: str, model: Converted, samples: Samples) -> dict[str, tuple[str, ...]]:
    """Write the float artifact and each variant; of the calibrated ones, what was noted."""
    write_variant(model, artifact_of(net, "ours", FLOAT))
    calls, _ = calls_of(model.inputs, {samples.input_name: samples.calibration})
    notes: dict[str, tuple[str, ...]] = {}
    for name, variant in VARIANTS.items():
        quantization = Quantization(scheme=variant.scheme, small_weights=variant.small_weights)
        prepared = {}
        if variant.calibrated:
            prepared, notes[name] = calibrated(model.graph, model.inputs, quantization, calls)
        write_variant(model, artifact_of(net, "ours", name), quantization=quantization, prepared=prepared)
    return notes
