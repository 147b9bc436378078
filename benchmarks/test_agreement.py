"""How near each backend comes to TensorFlow: the limits for wasm and cpu are the law, webgl's and webgpu's calibrated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from models import NAMES

from tfjsci.browser.session import BrowserSession
from tfjsci.compare.compare import compare_outputs
from tfjsci.converter import convert, write_variant
from tfjsci.dtypes import BACKENDS, Backend

SQNR_DB = {"wasm": 80.0, "cpu": 80.0, "webgl": 80.0, "webgpu": 80.0}
MAX_RELATIVE = {"wasm": 1e-4, "cpu": 1e-4, "webgl": 1e-4, "webgpu": 1e-4}


@pytest.mark.parametrize("suffix", ["", ".keras", ".h5"])
@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_tensorflow(name: str, suffix: str, models: Path, tmp_path: Path) -> None:
    converted = convert(models / f"{name}{suffix}", backends=BACKENDS)
    written = write_variant(converted, tmp_path / "float")
    rng = np.random.default_rng(0)
    sample = {converted.inputs[0].name: rng.normal(0, 1, (1, 224, 224, 3)).astype(np.float32)}
    reference = [converted.loaded.original(sample)]
    assert float(np.std(next(iter(reference[0].values())))) > 0.05, "the logits must spread"
    # one source on all four, the other two where the law holds
    backends: tuple[Backend, ...] = BACKENDS if suffix == ".keras" else ("wasm", "cpu")
    with BrowserSession() as session:
        for backend in backends:
            found = session.predict(written.folder, backend, [sample], deadline_seconds=900)
            (output,) = compare_outputs(reference, [found[0].outputs], topk=False)
            print(f"\n{name}{suffix} on {backend}: {output.sqnr_db:.1f} dB, max relative {output.max_relative:.2e}")
            assert output.problem is None
            assert output.sqnr_db is not None
            assert output.max_relative is not None
            assert output.sqnr_db >= SQNR_DB[backend]
            assert output.max_relative <= MAX_RELATIVE[backend]
