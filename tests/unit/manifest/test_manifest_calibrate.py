"""``calibrate:`` of a quantised variant: its forms, and the schemes that have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.errors import ManifestError
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.resolved import CalibrateSpec


def read(folder: Path, entry: str) -> CalibrateSpec | None:
    file = folder / "tfjsci.yml"
    file.write_text(f"version: 1\nmodels:\n  - name: m\n    source: m.h5\n    quantize: [{entry}]\n")
    (model,) = load_manifest(file).models
    return model.quantize[0].calibrate


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ("int4", None),
        ("{scheme: int4}", None),
        ("{scheme: int4, calibrate: true}", CalibrateSpec()),
        ("{scheme: int4, calibrate: {samples: 64}}", CalibrateSpec(samples=64)),
        ("{scheme: float16, calibrate: false}", None),
        ("{scheme: uint8, calibrate: {}}", CalibrateSpec()),
    ],
)
def test_forms(tmp_path: Path, entry: str, wanted: CalibrateSpec | None) -> None:
    assert read(tmp_path, entry) == wanted


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{scheme: float16, calibrate: true}", 'calibrate: "float16" has none: it is of int4'),
        ("{scheme: uint8, exact_upstream: true, calibrate: {samples: 3}}", "exact_upstream says how codes are chosen"),
        ("{scheme: int4, calibrate: 64}", "64 is neither true, off nor a mapping such as {samples: 256}."),
        ("{scheme: int4, calibrate: {samples: 0}}", "samples"),
    ],
)
def test_mistakes(tmp_path: Path, entry: str, said: str) -> None:
    with pytest.raises(ManifestError, match=said.replace("{", r"\{").replace("}", r"\}")):
        read(tmp_path, entry)
