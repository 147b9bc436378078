"""Which backend is held against which; and outputs that the manifest speaks of must be there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.compare.backend_pairs import Ran, backend_pairs
from tfjsci.compare.compare import Measures
from tfjsci.compare.known_outputs import require_known_outputs
from tfjsci.dtypes import Backend
from tfjsci.errors import UnknownOutput
from tfjsci.manifest.resolved import CompareSpec, MetricSpec, Thresholds


def ran(backend: Backend, value: float) -> Ran:
    environment = BackendEnvironment(
        backend=backend, browser="Chromium 1", tfjs="4.22.0", renderer="r", software=False, cores=2, flags={}
    )
    return Ran(variant="float", outputs=[{"y": np.float32([value])}], environment=environment)


def pairs(*given: Ran) -> list[tuple[str, str | None, float | None]]:
    found = backend_pairs(given, topk=False, measures=Measures())
    assert {each.kind for each in found} <= {"backends"}
    return [(each.environment.backend, each.against, each.outputs[0].max_abs) for each in found]


def test_cpu_is_what_the_others_are_held_against_wherever_it_stands() -> None:
    assert pairs(ran("webgl", 2), ran("wasm", 1), ran("cpu", 4)) == [("webgl", "cpu", 2.0), ("wasm", "cpu", 3.0)]
    assert pairs(ran("webgl", 2), ran("wasm", 1)) == [("wasm", "webgl", 1.0)]
    assert pairs(ran("webgl", 2)) == pairs() == []


def test_an_output_that_the_model_has_not_is_an_error_with_a_near_one() -> None:
    metric = MetricSpec(name="iou", path=Path("m.py"), function="f", text="m:f", output="mask")
    named = replace(Thresholds(), outputs={"boxs": Thresholds()})
    compare = CompareSpec(conversion=named, quantized={"uint8": named}, backends=named, metrics=(metric,))
    with pytest.raises(UnknownOutput) as caught:
        require_known_outputs(compare, ["boxes", "scores"])
    assert caught.value.message == (
        "the manifest speaks of outputs that the model hasn't: "
        "compare.conversion.outputs is about 'boxs' (did you mean \"boxes\"?); "
        "compare.quantized of uint8 is about 'boxs' (did you mean \"boxes\"?); "
        "compare.backends.outputs is about 'boxs' (did you mean \"boxes\"?); compare.metric.iou is about 'mask'"
    )
    require_known_outputs(compare, ["boxs", "mask"])
