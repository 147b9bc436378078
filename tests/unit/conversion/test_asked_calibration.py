"""A calibration is asked for with a quantisation, and of a graph model."""

from __future__ import annotations

import numpy as np
import pytest

from tfjsci.conversion.asked import wanted_of
from tfjsci.conversion.wanted import OutputFormat
from tfjsci.errors import UsageError


def test_samples_are_arrays_by_input() -> None:
    wanted = wanted_of(quantize="int4", calibrate={"x": [[1.0, 2.0]]})
    wanted.require_consistent()
    assert wanted.calibration is not None
    assert np.array_equal(wanted.calibration["x"], [[1.0, 2.0]])
    assert wanted_of(quantize="int4").calibration is None


def test_nothing_is_calibrated_without_a_quantisation() -> None:
    with pytest.raises(UsageError, match="only a quantised model is calibrated"):
        wanted_of(calibrate={"x": [1.0]}).require_consistent()


@pytest.mark.parametrize("output_format", ["layers", "auto"])
def test_only_graph_models_are_calibrated(output_format: OutputFormat) -> None:
    with pytest.raises(UsageError, match=f"a graph model is calibrated, not one of the output format {output_format}"):
        wanted_of(quantize="uint8", calibrate={"x": [1.0]}, output_format=output_format).require_consistent()
