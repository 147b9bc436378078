"""A folder of images, labels in a table, backends against each other and a Python metric: one run on all four backends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from end_to_end.command import DIGITS, EXAMPLES, Done, call
from PIL import Image

from tfjsci.dtypes import BACKENDS
from tfjsci.results.run_result import ModelResult
from tfjsci.results.store import read_results

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

MANIFEST = f"""\
version: 1
models:
  - name: digits
    source: {DIGITS / "digits.keras"}
    backends: [{", ".join(BACKENDS)}]
    benchmark: off
    inputs: {{images: {{images: {{path: "digits/*.png", range: [0, 1]}}, samples: 32}}}}
    labels: {{file: labels.csv, column: digit, samples: 32}}
    quantize: [uint8]
    compare:
      samples_per_call: 16
      backends: {{sqnr_db: {{limit: 1000, level: warn}}}}
      metric:
        apart: {{function: "quality:apart", better: lower}}
        throws: quality:throws
      conversion: {{accuracy: 0.9, metric: {{apart: 0.01}}}}
      quantized: {{uint8: {{sqnr_db: 30, accuracy_drop: 0.02}}}}
"""
QUALITY = """\
import numpy as np


def apart(reference, candidate):
    return np.abs(reference - candidate).mean()


def throws(reference, candidate):
    raise LookupError("no boxes here")
"""


def run(folder: Path, capfd: pytest.CaptureFixture[str]) -> tuple[Done, ModelResult, str]:
    samples = np.load(EXAMPLES / "digits" / "samples" / "digits.npz")
    (folder / "digits").mkdir()
    for n, image in enumerate(samples["images"]):
        grey = np.round(image[..., 0] / samples["images"].max() * 255).astype(np.uint8)
        Image.fromarray(grey).save(folder / "digits" / f"{n:02}.png")
    (folder / "labels.csv").write_text("digit\n" + "\n".join(map(str, samples["labels"])))
    (folder / "quality.py").write_text(QUALITY)
    (folder / "tfjsci.yml").write_text(MANIFEST)
    out = folder / "out"
    done = call(capfd, "run", folder / "tfjsci.yml", "--allow-code", "-q", "-o", out)
    (model,) = read_results(out / "results.json").models
    return done, model, (out / "report.md").read_text()


def test_images_labels_and_metrics_in_the_browser(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done, model, report = run(tmp_path, capfd)

    # The metric that throws is a failure for each comparison, and costs nothing else.
    assert done.code == 1, done.out + done.err
    assert {each.code for each in model.failures} == {"metric-failed"}
    assert {(each.variant, each.backend) for each in model.failures} == {
        (variant, backend) for variant in ("float", "uint8") for backend in BACKENDS
    }
    assert "of output 'digit' failed: LookupError: no boxes here" in model.failures[0].message
    assert not [each for each in model.judgements if each.outcome == "fail"]

    assert str(model.basis) == "32 real samples in 2 calls"
    assert model.inputs[0].origin == "32 images of digits/*.png"
    assert len(model.comparisons) == 2 * len(BACKENDS)
    for comparison in model.comparisons:
        (output,) = comparison.outputs
        assert output.reference_accuracy is not None
        assert output.reference_accuracy > 0.9, "the images are those that the net was made for"
        assert output.accuracy == pytest.approx(output.reference_accuracy, abs=0.02)
        assert output.labels == 32
        assert output.kl is not None
        assert 0 <= output.kl < 1e-3
        (own,) = output.metrics
        assert own.name == "apart"
        assert own.value == pytest.approx(0, abs=0.01)
    uint8 = [each.outputs[0].kl or 0 for each in model.comparisons if each.variant == "uint8"]
    assert min(uint8) > max(each.outputs[0].kl or 0 for each in model.comparisons if each.variant == "float")

    assert [(each.environment.backend, each.against) for each in model.backend_pairs] == [
        (backend, "cpu") for backend in BACKENDS if backend != "cpu"
    ]
    assert all(each.outputs[0].exact or (each.outputs[0].sqnr_db or 0) > 80 for each in model.backend_pairs)
    assert {each.level for each in model.judgements if each.between_backends} == {"warn"}
    assert "float on cpu → the same" in report
    assert "32 real samples in 2 calls" in report
